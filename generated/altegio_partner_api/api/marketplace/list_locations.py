from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accepted_media_type import AcceptedMediaType
from ...models.locations import Locations
from ...models.refusal import Refusal
from ...types import UNSET, Response


def _get_kwargs(
    application_id: int,
    *,
    page: int,
    count: int,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Accept"] = str(accept)

    params: dict[str, Any] = {}

    params["page"] = page

    params["count"] = count

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/marketplace/application/{application_id}/salons".format(
            application_id=quote(str(application_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | Locations | Refusal | None:
    if response.status_code == 200:
        response_200 = Locations.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Refusal.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Refusal.from_dict(response.json())

        return response_403

    if response.status_code == 429:
        response_429 = cast(Any, None)
        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Any | Locations | Refusal]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    page: int,
    count: int,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | Locations | Refusal]:
    """Locations that have connected the application

     One page of the locations. There is no total. The first page is 1, it seems. Which states of an
    installation are listed
    is unknown.

    Args:
        application_id (int):
        page (int):
        count (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Locations | Refusal]
    """

    kwargs = _get_kwargs(
        application_id=application_id,
        page=page,
        count=count,
        accept=accept,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    page: int,
    count: int,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | Locations | Refusal | None:
    """Locations that have connected the application

     One page of the locations. There is no total. The first page is 1, it seems. Which states of an
    installation are listed
    is unknown.

    Args:
        application_id (int):
        page (int):
        count (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Locations | Refusal
    """

    return sync_detailed(
        application_id=application_id,
        client=client,
        page=page,
        count=count,
        accept=accept,
    ).parsed


async def asyncio_detailed(
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    page: int,
    count: int,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | Locations | Refusal]:
    """Locations that have connected the application

     One page of the locations. There is no total. The first page is 1, it seems. Which states of an
    installation are listed
    is unknown.

    Args:
        application_id (int):
        page (int):
        count (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Locations | Refusal]
    """

    kwargs = _get_kwargs(
        application_id=application_id,
        page=page,
        count=count,
        accept=accept,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    page: int,
    count: int,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | Locations | Refusal | None:
    """Locations that have connected the application

     One page of the locations. There is no total. The first page is 1, it seems. Which states of an
    installation are listed
    is unknown.

    Args:
        application_id (int):
        page (int):
        count (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Locations | Refusal
    """

    return (
        await asyncio_detailed(
            application_id=application_id,
            client=client,
            page=page,
            count=count,
            accept=accept,
        )
    ).parsed
