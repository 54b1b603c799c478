"""Registrations: an owner clicks Connect, and Altegio sends the browser to your registration page."""

import binascii
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qsl, urlencode

from attrs import asdict, field, frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.ids import wire_id
from altegio_partner.redaction import hide_locals

from .fields import flag, number, text
from .trust import UntrustedRequestError, check_signature, check_size, signature, validated_tokens

Query: TypeAlias = (
    str | bytes | Mapping[str, str | Sequence[str]] | Mapping[str, list[bytes]] | Iterable[tuple[str, str]]
)

_MAX_LOCATIONS = 1000
_SEVERAL = ("getlist", "getall", "get_list")
"""The methods that give all values of a name, where [] gives one only: of Django, Starlette, Werkzeug and Sanic; of
aiohttp, Litestar, WebOb and Bottle; of httpx."""
_LISTED = re.compile(r"salon_ids(\[[0-9]{0,4}\])?")


@frozen
class User:
    """The owner who connects a location, for applications that request user data.

    Fields that Altegio leaves out are None. The repr shows no personal data.
    """

    id: int
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    is_approved: bool | None = None
    avatar: str | None = field(default=None, repr=False)
    salon_name: str | None = field(default=None, repr=False)


@frozen
class Registration:
    """The registration of one or more locations, which an owner has requested."""

    unsigned_salon_ids: tuple[int, ...]
    """The locations, one or more. **Anybody can put any id here**, as no signature covers them, not even if there is a
    `user`. Do not show or change a location's data because of them; `complete_registration` fails unless its owner has
    clicked Connect."""
    user: User | None = None
    """The owner, verified by Altegio's signature; None if the application does not request user data. The signature
    contains no time, so anybody who has seen the URL can replay it."""
    unsigned_salon_group_id: int | None = None
    """The chain, if a telephony application is connected. Not signed either."""
    unsigned_crm_token: str | None = field(default=None, repr=False)
    """The chain's secret, for `client.voip`, if a telephony application is connected. Not signed either."""


def read_registration(query: Query, *, partner_token: str | Sequence[str]) -> Registration:
    """Verify and parse the query with which Altegio sends an owner's browser to your registration page.

    Altegio calls it the redirect to the registration form. Its locations come as `salon_id=1`, `salon_ids[]=1`,
    `salon_ids[0]=1` or `salon_ids=1,2`; each is registered by a call of its own. A `+` that was decoded to a space, and
    lost padding, are repaired.

    Args:
        query: The query string, as text or bytes; or a mapping, or pairs, of its parameters.
        partner_token: The secret of your partner account, and your signing key if Altegio has given you one; a list
            while you rotate it.

    Raises:
        UntrustedRequestError: There is no location, or the user data is not signed by Altegio. Show an error page.
        ValueError: The partner token is invalid, or the query is of another type.
    """
    with hide_locals():
        tokens = validated_tokens(partner_token)
        given = _gathered(query)
        group, crm_token = _single(given, "salon_group_id"), _single(given, "crm_token")
        return Registration(
            _salon_ids(given),
            _user(given, tokens),
            None if group is None else number(group, "salon_group_id"),
            crm_token or None,
        )


def registration_query(
    salon_ids: int | Sequence[int],
    *,
    partner_token: str,
    user: User | None = None,
    salon_group_id: int | None = None,
    crm_token: str | None = None,
) -> str:
    """Return the query with which Altegio would send an owner's browser to you, for tests.

    Args:
        salon_ids: The location, written as `salon_id`; or several, written as `salon_ids[]`.
        partner_token: The secret with which the user is signed.
        user: The owner; None if the application does not request user data.
        salon_group_id: The chain, which telephony applications get.
        crm_token: The chain's secret, which telephony applications get.
    """
    with hide_locals():
        (token,) = validated_tokens(partner_token)
        if isinstance(salon_ids, int):
            query = [("salon_id", str(wire_id("salon_ids", salon_ids)))]
        else:
            query = [("salon_ids[]", str(wire_id("salon_ids", one))) for one in salon_ids]
        if salon_group_id is not None:
            query.append(("salon_group_id", str(wire_id("salon_group_id", salon_group_id))))
        if crm_token is not None:
            query.append(("crm_token", crm_token))
        if user is not None:
            fields = asdict(user, filter=lambda _, value: value is not None)
            user_data = json.dumps(fields, ensure_ascii=False).encode()
            query.append(("user_data", b64encode(user_data).decode()))
            query.append(("user_data_sign", signature(user_data, token).hex()))
        return urlencode(query)


def _gathered(query: Query) -> dict[str, list[str]]:
    """Collect the values of each parameter."""
    given: dict[str, list[str]] = {}
    size = 0
    try:
        pairs = list(_pairs(query))
    except (TypeError, ValueError):
        fix = "Pass the query string, such as request.url.query."
        raise bad_argument("query", "a query string, a mapping, or pairs, all of them text", fix=fix) from None
    for name, value in pairs:
        size += len(name) + len(value)
        check_size(size)
        given.setdefault(name, []).append(value)
    return given


def _pairs(query: Query) -> Iterator[tuple[str, str]]:
    if isinstance(query, bytes):
        check_size(len(query))
        query = query.decode("utf-8", "replace")
    if isinstance(query, str):
        check_size(len(query))
        yield from parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    elif isinstance(query, Mapping):
        mapping = cast("Mapping[str, Any]", query)
        several = next((getattr(mapping, name) for name in _SEVERAL if hasattr(mapping, name)), None)
        if several is None and not isinstance(mapping, dict):
            raise TypeError  # what gives one value of several looks like what gives all
        for name in dict.fromkeys(mapping):
            values: Any = several(name) if several else mapping[name]
            for value in [values] if isinstance(values, (str, bytes)) else values:
                yield _text(name), _text(value)
    else:
        for name, value in query:
            yield _text(name), _text(value)


def _text(value: object) -> str:
    if isinstance(value, bytes):  # Tornado's
        return value.decode("utf-8", "replace")
    if not isinstance(value, str):
        raise TypeError
    return value


def _salon_ids(given: Mapping[str, list[str]]) -> tuple[int, ...]:
    spelled = [name for name in given if name == "salon_id" or _LISTED.fullmatch(name)]
    values = [one for name in spelled for value in given[name] for one in _split(name, value)]
    if any("://" in name for name in given):
        raise UntrustedRequestError("not_understood", "query")
    kinds = {name.partition("[")[0] for name in spelled}
    if len(kinds) != 1 or (kinds == {"salon_id"} and len(values) != 1) or len(values) > _MAX_LOCATIONS:
        raise UntrustedRequestError("not_understood", "salon_id")
    return tuple(dict.fromkeys(number(value, "salon_id") for value in values))


def _split(name: str, value: str) -> list[str]:
    return [value] if name == "salon_id" else value.split(",")  # some gateways join several by commas


def _single(given: Mapping[str, list[str]], name: str) -> str | None:
    values = given.get(name, [])
    if len(values) > 1:
        raise UntrustedRequestError("not_understood", name)
    return values[0] if values else None


def _user(given: Mapping[str, list[str]], tokens: Sequence[str]) -> User | None:
    data, signs = given.get("user_data", []), given.get("user_data_sign", [])
    if not data and not signs:
        return None
    if not signs:
        raise UntrustedRequestError("unsigned", "user_data")
    if len(data) != 1 or len(signs) != 1:
        raise UntrustedRequestError("not_understood", "user_data")
    encoded = data[0].replace(" ", "+").rstrip("=")
    try:
        raw = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise UntrustedRequestError("not_understood", "user_data") from None
    check_signature(signs[0], [raw], tokens, "user_data_sign")
    try:
        user: Any = json.loads(raw)
    except (ValueError, RecursionError):
        raise UntrustedRequestError("not_understood", "user_data") from None
    if not isinstance(user, dict):
        raise UntrustedRequestError("not_understood", "user_data")
    fields = cast("dict[str, object]", user)
    return User(
        id=number(fields.get("id"), "user_data.id"),
        name=text(fields.get("name"), "user_data.name"),
        phone=text(fields.get("phone"), "user_data.phone"),
        email=text(fields.get("email"), "user_data.email"),
        is_approved=flag(fields.get("is_approved"), "user_data.is_approved"),
        avatar=text(fields.get("avatar"), "user_data.avatar"),
        salon_name=text(fields.get("salon_name"), "user_data.salon_name"),
    )
