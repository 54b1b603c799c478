from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accepted_media_type import AcceptedMediaType
from ...models.refusal import Refusal
from ...types import Response


def _get_kwargs(
    payment_id: int,
    *,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Accept"] = str(accept)

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/marketplace/partner/payment/refund/{payment_id}".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | Refusal | None:
    if response.status_code == 200:
        response_200 = cast(Any, None)
        return response_200

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | Refusal]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    payment_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | Refusal]:
    """Chargeback Notice

     The partner has refunded a payment to a location, in full: there is no amount. What a second refund
    of the same
    payment does is unknown. The refund of the current period disables the integration within an hour.

    Args:
        payment_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Refusal]
    """

    kwargs = _get_kwargs(
        payment_id=payment_id,
        accept=accept,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    payment_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | Refusal | None:
    """Chargeback Notice

     The partner has refunded a payment to a location, in full: there is no amount. What a second refund
    of the same
    payment does is unknown. The refund of the current period disables the integration within an hour.

    Args:
        payment_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Refusal
    """

    return sync_detailed(
        payment_id=payment_id,
        client=client,
        accept=accept,
    ).parsed


async def asyncio_detailed(
    payment_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | Refusal]:
    """Chargeback Notice

     The partner has refunded a payment to a location, in full: there is no amount. What a second refund
    of the same
    payment does is unknown. The refund of the current period disables the integration within an hour.

    Args:
        payment_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Refusal]
    """

    kwargs = _get_kwargs(
        payment_id=payment_id,
        accept=accept,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    payment_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | Refusal | None:
    """Chargeback Notice

     The partner has refunded a payment to a location, in full: there is no amount. What a second refund
    of the same
    payment does is unknown. The refund of the current period disables the integration within an hour.

    Args:
        payment_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Refusal
    """

    return (
        await asyncio_detailed(
            payment_id=payment_id,
            client=client,
            accept=accept,
        )
    ).parsed
