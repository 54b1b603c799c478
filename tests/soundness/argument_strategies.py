"""What people may give to us, as Hypothesis strategies: values of every kind, and such as nearly fit an argument."""

import string
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, NoReturn

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.callers import API_KEY, TOKEN


class Number(IntEnum):
    SEVEN = 7


class Word(StrEnum):
    EUR = "EUR"


class Text(str):
    """A string of somebody's own kind."""

    __slots__ = ()


class Moment(datetime):
    """A datetime of somebody's own kind."""


def _refuse(*_: object) -> NoReturn:
    raise RuntimeError("leave me alone")


class Unfriendly:
    """An object that does nothing of what Python asks of it."""

    __repr__ = __str__ = __bool__ = __len__ = __iter__ = __hash__ = __eq__ = __lt__ = __int__ = _refuse


class Zone(tzinfo):
    """A zone of somebody's own kind, which gives or raises what it likes."""

    def __init__(self, offset: object = None) -> None:
        self._offset = offset

    def utcoffset(self, _: datetime | None) -> Any:
        if isinstance(self._offset, Exception):
            raise self._offset
        return self._offset

    dst = utcoffset

    def __repr__(self) -> str:
        return f"Zone({self._offset!r})"


def _power(exponent: int) -> int:
    """Return an integer that may be too long to be shown."""
    return int(10**exponent)


texts = st.one_of(st.text(), st.text(string.printable), st.builds(Text, st.text()))
zones = st.one_of(
    st.none(),
    st.timezones(),
    st.builds(Zone, st.one_of(st.none(), st.timedeltas(), st.integers())),
    st.builds(Zone, st.sampled_from([RuntimeError("x"), KeyError("x"), NotImplementedError(), OverflowError()])),
)
datetimes = st.one_of(
    st.datetimes(),
    st.datetimes(timezones=st.timezones(), allow_imaginary=True),
    st.builds(lambda moment, zone: moment.replace(tzinfo=zone), st.datetimes(), zones),
    st.builds(lambda moment: Moment.fromisoformat(moment.isoformat()), st.datetimes()),
)
atoms: SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.decimals(),
    st.fractions(),
    texts,
    st.binary(),
    datetimes,
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.sampled_from([Number.SEVEN, Word.EUR, object, len, ..., NotImplemented]),
    st.integers(0, 5000).map(_power),
    st.builds(object),
    st.builds(Unfriendly),
    st.builds(bytearray, st.binary()),
)
anything: SearchStrategy[Any] = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.builds(iter, st.lists(inner, max_size=3)),
    ),
    max_leaves=5,
)

_characters = st.characters(codec="utf-8", exclude_characters="\0")  # valid in environment variables
_schemes = st.sampled_from(["https://", "https://", "http://", "HTTPS://", "ftp://", "https:/", "//", ""])
_hosts = st.one_of(
    st.sampled_from(
        ["app.alteg.io", "127.0.0.1", "[::1]", "localhost", "[::1%25eth0]", "[v1.x]", "10.0.0.300", "a..b"]
    ),
    st.text(string.ascii_letters + string.digits + "-._~%[]:@üßı。", max_size=12),
    st.text(_characters, max_size=8),
)
_ports = st.sampled_from(["", "", "", ":", ":0", ":443", ":65535", ":99999", ":x", ":-1", ":１"])
_paths = st.one_of(
    st.sampled_from(["", "", "/", "/a/b", "/%", "/ü", "//", "/..", "?a=b", "#c", "/api"]),
    st.text(_characters, max_size=8),
)
_urls = st.one_of(st.text(_characters), st.builds("{}{}{}{}".format, _schemes, _hosts, _ports, _paths))
_revealing_urls = st.builds(
    lambda url, secret: url.replace("?", secret),
    st.sampled_from(
        ["https://?@a.example", "https://a.example/?", "https://?", "http://?.example", "?", "https://a:?"]
    ),
    st.sampled_from([TOKEN, API_KEY]),
)
_tokens = st.sampled_from([f"{TOKEN}\n", f"\ufeff{TOKEN}", f"Bearer {TOKEN}", f"<{TOKEN}>", Text(TOKEN), TOKEN, TOKEN])
_ids = st.one_of(st.integers(1, 2**63 - 1), st.sampled_from([-1, 0, 2**63 - 1, 2**63, Number.SEVEN]))
_sums = st.one_of(
    st.decimals(allow_nan=True),
    st.decimals(0, 10**9, places=2),
    st.integers(),
    st.builds(str, st.decimals()),
    st.text("0123456789.-+eE_", max_size=25),
    st.sampled_from([Decimal("1E+999999"), Decimal("1E-999999"), Decimal("-0"), Decimal("sNaN"), "9" * 5000]),
)

SETTINGS: dict[str, SearchStrategy[Any]] = {
    "partner_token": st.one_of(
        _tokens,
        st.sampled_from([None, "", TOKEN.encode(), [TOKEN], {"token": TOKEN}]),
        anything,
    ),
    "application_id": st.one_of(st.none(), _ids, anything),
    "base_url": st.one_of(st.none(), _urls, _revealing_urls, anything),
    "timezone": st.one_of(
        zones,
        st.timezone_keys(),
        st.sampled_from(["Europe", "..", "/etc/passwd", "zone.tab", "leapseconds", "posixrules", "Factory", "a\0"]),
        anything,
    ),
    "timeout": st.one_of(st.floats(0, 10), st.integers(-1, 4000), anything),
    "max_retries": st.one_of(st.integers(-1, 101), anything),
}
"""What the constructors may be given."""

ENVIRONMENT: dict[str, SearchStrategy[str]] = {
    "ALTEGIO_PARTNER_TOKEN": st.one_of(_tokens, st.text(_characters)),
    "ALTEGIO_APPLICATION_ID": st.one_of(st.builds(str, st.integers()), st.text(_characters)),
    "ALTEGIO_BASE_URL": st.one_of(_urls, _revealing_urls),
    "HTTPS_PROXY": _urls,
    "ALL_PROXY": _urls,
    "NO_PROXY": st.one_of(st.text(_characters), st.builds(",".join, st.lists(_urls, max_size=3))),
}
"""What the environment may hold."""

ARGUMENTS: dict[str, dict[str, SearchStrategy[Any]]] = {
    "complete_registration": {
        "salon_id": st.one_of(_ids, anything),
        "api_key": st.one_of(
            st.sampled_from([API_KEY, API_KEY.encode(), f" {API_KEY}", f"{API_KEY}\n", [API_KEY]]), texts, anything
        ),
        "webhook_urls": st.one_of(
            st.lists(st.one_of(_urls, _revealing_urls, anything), max_size=3),
            st.lists(_urls, min_size=9, max_size=12, unique=True),
            _revealing_urls,
            anything,
        ),
    },
    "notify_payment": {
        "salon_id": st.one_of(_ids, anything),
        "payment_sum": st.one_of(_sums, anything),
        "currency_iso": st.one_of(
            st.text(string.ascii_uppercase, min_size=3, max_size=3), st.sampled_from([Word.EUR, Text("EUR")]), anything
        ),
        "payment_date": st.one_of(datetimes, anything),
        "period_from": st.one_of(datetimes, anything),
        "period_to": st.one_of(datetimes, anything),
    },
    "notify_refund": {"payment_id": st.one_of(_ids, anything)},
}
"""What each method may be given."""


def fitting(method: str, arguments: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Some of the arguments replaced by anything: where all were, the first would be refused for ever."""
    replaced = st.fixed_dictionaries({}, optional=ARGUMENTS[method])
    return replaced.map(lambda given: {**arguments, **given})
