from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accepted_media_type import AcceptedMediaType
from ...models.acknowledgement import Acknowledgement
from ...models.nothing_found import NothingFound
from ...models.refusal import Refusal
from ...types import Response


def _get_kwargs(
    salon_id: int,
    application_id: int,
    *,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Accept"] = str(accept)

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/marketplace/salon/{salon_id}/application/{application_id}/uninstall".format(
            salon_id=quote(str(salon_id), safe=""),
            application_id=quote(str(application_id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Acknowledgement | Any | NothingFound | Refusal | None:
    if response.status_code == 200:
        response_200 = Acknowledgement.from_dict(response.json())

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
) -> Response[Acknowledgement | Any | NothingFound | Refusal]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    salon_id: int,
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Acknowledgement | Any | NothingFound | Refusal]:
    """Uninstall the application at a location

     Removes the application from a location, with its settings, its access and its webhooks. Only the
    location's owner can
    connect it again. An application that is uninstalled already stays as it is.

    Args:
        salon_id (int):
        application_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Any | NothingFound | Refusal]
    """

    kwargs = _get_kwargs(
        salon_id=salon_id,
        application_id=application_id,
        accept=accept,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    salon_id: int,
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Acknowledgement | Any | NothingFound | Refusal | None:
    """Uninstall the application at a location

     Removes the application from a location, with its settings, its access and its webhooks. Only the
    location's owner can
    connect it again. An application that is uninstalled already stays as it is.

    Args:
        salon_id (int):
        application_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Any | NothingFound | Refusal
    """

    return sync_detailed(
        salon_id=salon_id,
        application_id=application_id,
        client=client,
        accept=accept,
    ).parsed


async def asyncio_detailed(
    salon_id: int,
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Acknowledgement | Any | NothingFound | Refusal]:
    """Uninstall the application at a location

     Removes the application from a location, with its settings, its access and its webhooks. Only the
    location's owner can
    connect it again. An application that is uninstalled already stays as it is.

    Args:
        salon_id (int):
        application_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Any | NothingFound | Refusal]
    """

    kwargs = _get_kwargs(
        salon_id=salon_id,
        application_id=application_id,
        accept=accept,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    salon_id: int,
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Acknowledgement | Any | NothingFound | Refusal | None:
    """Uninstall the application at a location

     Removes the application from a location, with its settings, its access and its webhooks. Only the
    location's owner can
    connect it again. An application that is uninstalled already stays as it is.

    Args:
        salon_id (int):
        application_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Any | NothingFound | Refusal
    """

    return (
        await asyncio_detailed(
            salon_id=salon_id,
            application_id=application_id,
            client=client,
            accept=accept,
        )
    ).parsed
