from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accepted_media_type import AcceptedMediaType
from ...models.nothing_found import NothingFound
from ...models.refusal import Refusal
from ...models.tariffs import Tariffs
from ...types import Response


def _get_kwargs(
    application_id: int,
    *,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Accept"] = str(accept)

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/marketplace/application/{application_id}/tariffs".format(
            application_id=quote(str(application_id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | NothingFound | Refusal | Tariffs | None:
    if response.status_code == 200:
        response_200 = Tariffs.from_dict(response.json())

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
) -> Response[Any | NothingFound | Refusal | Tariffs]:
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
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | NothingFound | Refusal | Tariffs]:
    """Tariffs of the application

     What a location can choose from when it pays through Altegio. They are written in the Developer
    Cabinet only.
    Altegio's page has this on https://api.alteg.io/api/v1, its staff's own client on
    https://app.alteg.io: see README.md.

    Args:
        application_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | NothingFound | Refusal | Tariffs]
    """

    kwargs = _get_kwargs(
        application_id=application_id,
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
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | NothingFound | Refusal | Tariffs | None:
    """Tariffs of the application

     What a location can choose from when it pays through Altegio. They are written in the Developer
    Cabinet only.
    Altegio's page has this on https://api.alteg.io/api/v1, its staff's own client on
    https://app.alteg.io: see README.md.

    Args:
        application_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | NothingFound | Refusal | Tariffs
    """

    return sync_detailed(
        application_id=application_id,
        client=client,
        accept=accept,
    ).parsed


async def asyncio_detailed(
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Response[Any | NothingFound | Refusal | Tariffs]:
    """Tariffs of the application

     What a location can choose from when it pays through Altegio. They are written in the Developer
    Cabinet only.
    Altegio's page has this on https://api.alteg.io/api/v1, its staff's own client on
    https://app.alteg.io: see README.md.

    Args:
        application_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | NothingFound | Refusal | Tariffs]
    """

    kwargs = _get_kwargs(
        application_id=application_id,
        accept=accept,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    application_id: int,
    *,
    client: AuthenticatedClient | Client,
    accept: AcceptedMediaType = AcceptedMediaType.APPLICATIONVND_API_V2JSON,
) -> Any | NothingFound | Refusal | Tariffs | None:
    """Tariffs of the application

     What a location can choose from when it pays through Altegio. They are written in the Developer
    Cabinet only.
    Altegio's page has this on https://api.alteg.io/api/v1, its staff's own client on
    https://app.alteg.io: see README.md.

    Args:
        application_id (int):
        accept (AcceptedMediaType): The only media type that Altegio's documentation allows.
            Default: AcceptedMediaType.APPLICATIONVND_API_V2JSON.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | NothingFound | Refusal | Tariffs
    """

    return (
        await asyncio_detailed(
            application_id=application_id,
            client=client,
            accept=accept,
        )
    ).parsed
