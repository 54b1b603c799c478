from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accepted import Accepted
from ...models.accepted_media_type import AcceptedMediaType
from ...models.nothing_found import NothingFound
from ...models.refusal import Refusal
from ...models.voip_call_event import VoipCallEvent
from ...models.voip_call_record import VoipCallRecord
from ...models.voip_disable import VoipDisable
from ...models.voip_enable import VoipEnable
from ...types import Response


def _get_kwargs(
    *,
    body: VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Accept"] = str(accept)

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/voip/integration",
    }

    if isinstance(body, VoipEnable):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, VoipDisable):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, VoipCallRecord):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Accepted | Any | NothingFound | Refusal | None:
    if response.status_code == 202:
        response_202 = Accepted.from_dict(response.json())

        return response_202

    if response.status_code == 401:
        response_401 = Refusal.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Refusal.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = NothingFound.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = cast(Any, None)
        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Accepted | Any | NothingFound | Refusal]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Accepted | Any | NothingFound | Refusal]:
    """Event of a telephone system

     Enables or disables the telephony of a chain, shows an incoming call, or adds a call to the history.
    It is accepted, and
    processed later: the answer does not prove that anything was saved or shown. Whether `call_id`
    prevents a duplicate is
    unknown.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Accepted | Any | NothingFound | Refusal]
    """

    kwargs = _get_kwargs(
        body=body,
        accept=accept,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Accepted | Any | NothingFound | Refusal | None:
    """Event of a telephone system

     Enables or disables the telephony of a chain, shows an incoming call, or adds a call to the history.
    It is accepted, and
    processed later: the answer does not prove that anything was saved or shown. Whether `call_id`
    prevents a duplicate is
    unknown.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Accepted | Any | NothingFound | Refusal
    """

    return sync_detailed(
        client=client,
        body=body,
        accept=accept,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Accepted | Any | NothingFound | Refusal]:
    """Event of a telephone system

     Enables or disables the telephony of a chain, shows an incoming call, or adds a call to the history.
    It is accepted, and
    processed later: the answer does not prove that anything was saved or shown. Whether `call_id`
    prevents a duplicate is
    unknown.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Accepted | Any | NothingFound | Refusal]
    """

    kwargs = _get_kwargs(
        body=body,
        accept=accept,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Accepted | Any | NothingFound | Refusal | None:
    """Event of a telephone system

     Enables or disables the telephony of a chain, shows an incoming call, or adds a call to the history.
    It is accepted, and
    processed later: the answer does not prove that anything was saved or shown. Whether `call_id`
    prevents a duplicate is
    unknown.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (VoipCallEvent | VoipCallRecord | VoipDisable | VoipEnable):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Accepted | Any | NothingFound | Refusal
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            accept=accept,
        )
    ).parsed
