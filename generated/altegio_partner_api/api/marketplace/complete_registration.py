from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accepted_media_type import AcceptedMediaType
from ...models.acknowledgement import Acknowledgement
from ...models.refusal import Refusal
from ...models.registration import Registration
from ...types import Response


def _get_kwargs(
    *,
    body: Registration,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Accept"] = str(accept)

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/marketplace/partner/callback/redirect",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Acknowledgement | Any | Refusal | None:
    if response.status_code == 200:
        response_200 = Acknowledgement.from_dict(response.json())

        return response_200

    if response.status_code == 301:
        response_301 = cast(Any, None)
        return response_301

    if response.status_code == 400:
        response_400 = Refusal.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Refusal.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Refusal.from_dict(response.json())

        return response_403

    if response.status_code == 422:
        response_422 = Refusal.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = cast(Any, None)
        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Acknowledgement | Any | Refusal]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: Registration,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Acknowledgement | Any | Refusal]:
    """Redirect URL after user registration with the partner service

     The owner of a location has registered with the partner's service: this call sends the settings of
    the integration
    to Altegio, and activates the application at that location. The link must be pending, that is, the
    owner has clicked
    "Connect". Called from the partner's server; the owner's browser then goes to the `Location` of the
    answer.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (Registration): The settings of the partner's integration at one location.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Any | Refusal]
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
    body: Registration,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Acknowledgement | Any | Refusal | None:
    """Redirect URL after user registration with the partner service

     The owner of a location has registered with the partner's service: this call sends the settings of
    the integration
    to Altegio, and activates the application at that location. The link must be pending, that is, the
    owner has clicked
    "Connect". Called from the partner's server; the owner's browser then goes to the `Location` of the
    answer.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (Registration): The settings of the partner's integration at one location.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Any | Refusal
    """

    return sync_detailed(
        client=client,
        body=body,
        accept=accept,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: Registration,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Acknowledgement | Any | Refusal]:
    """Redirect URL after user registration with the partner service

     The owner of a location has registered with the partner's service: this call sends the settings of
    the integration
    to Altegio, and activates the application at that location. The link must be pending, that is, the
    owner has clicked
    "Connect". Called from the partner's server; the owner's browser then goes to the `Location` of the
    answer.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (Registration): The settings of the partner's integration at one location.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Any | Refusal]
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
    body: Registration,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Acknowledgement | Any | Refusal | None:
    """Redirect URL after user registration with the partner service

     The owner of a location has registered with the partner's service: this call sends the settings of
    the integration
    to Altegio, and activates the application at that location. The link must be pending, that is, the
    owner has clicked
    "Connect". Called from the partner's server; the owner's browser then goes to the `Location` of the
    answer.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (Registration): The settings of the partner's integration at one location.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Any | Refusal
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            accept=accept,
        )
    ).parsed
