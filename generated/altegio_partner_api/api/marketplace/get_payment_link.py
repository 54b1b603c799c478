from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accepted_media_type import AcceptedMediaType
from ...models.nothing_found import NothingFound
from ...models.payment_link_found import PaymentLinkFound
from ...models.refusal import Refusal
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    salon_id: int,
    application_id: int,
    discount: float | Unset = UNSET,
    tariff_option_id: int | Unset = UNSET,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Accept"] = str(accept)

    params: dict[str, Any] = {}

    params["salon_id"] = salon_id

    params["application_id"] = application_id

    params["discount"] = discount

    params["tariff_option_id"] = tariff_option_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/marketplace/application/payment_link",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | NothingFound | PaymentLinkFound | Refusal | None:
    if response.status_code == 200:
        response_200 = PaymentLinkFound.from_dict(response.json())

        return response_200

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
) -> Response[Any | NothingFound | PaymentLinkFound | Refusal]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    salon_id: int,
    application_id: int,
    discount: float | Unset = UNSET,
    tariff_option_id: int | Unset = UNSET,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | NothingFound | PaymentLinkFound | Refusal]:
    """Link to pay for the application

     The address at which a location pays through Altegio. Such a payment arrives as the callback
    `payment`, and is not to be
    reported. How long the link works is unknown.
    Altegio's page has this on https://api.alteg.io/api/v1, its staff's own client on
    https://app.alteg.io: see README.md.

    Args:
        salon_id (int):
        application_id (int):
        discount (float | Unset):
        tariff_option_id (int | Unset):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | NothingFound | PaymentLinkFound | Refusal]
    """

    kwargs = _get_kwargs(
        salon_id=salon_id,
        application_id=application_id,
        discount=discount,
        tariff_option_id=tariff_option_id,
        accept=accept,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    salon_id: int,
    application_id: int,
    discount: float | Unset = UNSET,
    tariff_option_id: int | Unset = UNSET,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | NothingFound | PaymentLinkFound | Refusal | None:
    """Link to pay for the application

     The address at which a location pays through Altegio. Such a payment arrives as the callback
    `payment`, and is not to be
    reported. How long the link works is unknown.
    Altegio's page has this on https://api.alteg.io/api/v1, its staff's own client on
    https://app.alteg.io: see README.md.

    Args:
        salon_id (int):
        application_id (int):
        discount (float | Unset):
        tariff_option_id (int | Unset):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | NothingFound | PaymentLinkFound | Refusal
    """

    return sync_detailed(
        client=client,
        salon_id=salon_id,
        application_id=application_id,
        discount=discount,
        tariff_option_id=tariff_option_id,
        accept=accept,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    salon_id: int,
    application_id: int,
    discount: float | Unset = UNSET,
    tariff_option_id: int | Unset = UNSET,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | NothingFound | PaymentLinkFound | Refusal]:
    """Link to pay for the application

     The address at which a location pays through Altegio. Such a payment arrives as the callback
    `payment`, and is not to be
    reported. How long the link works is unknown.
    Altegio's page has this on https://api.alteg.io/api/v1, its staff's own client on
    https://app.alteg.io: see README.md.

    Args:
        salon_id (int):
        application_id (int):
        discount (float | Unset):
        tariff_option_id (int | Unset):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | NothingFound | PaymentLinkFound | Refusal]
    """

    kwargs = _get_kwargs(
        salon_id=salon_id,
        application_id=application_id,
        discount=discount,
        tariff_option_id=tariff_option_id,
        accept=accept,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    salon_id: int,
    application_id: int,
    discount: float | Unset = UNSET,
    tariff_option_id: int | Unset = UNSET,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | NothingFound | PaymentLinkFound | Refusal | None:
    """Link to pay for the application

     The address at which a location pays through Altegio. Such a payment arrives as the callback
    `payment`, and is not to be
    reported. How long the link works is unknown.
    Altegio's page has this on https://api.alteg.io/api/v1, its staff's own client on
    https://app.alteg.io: see README.md.

    Args:
        salon_id (int):
        application_id (int):
        discount (float | Unset):
        tariff_option_id (int | Unset):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | NothingFound | PaymentLinkFound | Refusal
    """

    return (
        await asyncio_detailed(
            client=client,
            salon_id=salon_id,
            application_id=application_id,
            discount=discount,
            tariff_option_id=tariff_option_id,
            accept=accept,
        )
    ).parsed
