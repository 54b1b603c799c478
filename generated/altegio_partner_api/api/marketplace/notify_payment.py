from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accepted_media_type import AcceptedMediaType
from ...models.payment import Payment
from ...models.payment_recorded import PaymentRecorded
from ...models.refusal import Refusal
from ...types import Response


def _get_kwargs(
    *,
    body: Payment,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Accept"] = str(accept)

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/marketplace/partner/payment",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | PaymentRecorded | Refusal | None:
    if response.status_code == 200:
        response_200 = PaymentRecorded.from_dict(response.json())

        return response_200

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
) -> Response[Any | PaymentRecorded | Refusal]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: Payment,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | PaymentRecorded | Refusal]:
    """Notify Altegio of Successful Payment

     A location has paid the partner for a period. Altegio does not support idempotency keys: reporting a
    payment twice
    probably records it twice. A recorded payment can unfreeze the application.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (Payment): A payment that a location made to the partner.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | PaymentRecorded | Refusal]
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
    body: Payment,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | PaymentRecorded | Refusal | None:
    """Notify Altegio of Successful Payment

     A location has paid the partner for a period. Altegio does not support idempotency keys: reporting a
    payment twice
    probably records it twice. A recorded payment can unfreeze the application.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (Payment): A payment that a location made to the partner.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | PaymentRecorded | Refusal
    """

    return sync_detailed(
        client=client,
        body=body,
        accept=accept,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: Payment,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | PaymentRecorded | Refusal]:
    """Notify Altegio of Successful Payment

     A location has paid the partner for a period. Altegio does not support idempotency keys: reporting a
    payment twice
    probably records it twice. A recorded payment can unfreeze the application.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (Payment): A payment that a location made to the partner.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | PaymentRecorded | Refusal]
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
    body: Payment,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | PaymentRecorded | Refusal | None:
    """Notify Altegio of Successful Payment

     A location has paid the partner for a period. Altegio does not support idempotency keys: reporting a
    payment twice
    probably records it twice. A recorded payment can unfreeze the application.

    Args:
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.
        body (Payment): A payment that a location made to the partner.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | PaymentRecorded | Refusal
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            accept=accept,
        )
    ).parsed
