"""What a server may answer, as Hypothesis strategies: nonsense, and answers that are nearly right."""

import json
import string
from collections.abc import AsyncIterator, Iterator
from datetime import UTC
from email.utils import format_datetime
from typing import Any

import httpx
from attrs import frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.callers import API_KEY, TOKEN

Headers = list[tuple[bytes, bytes]]

_quotes = st.sampled_from(
    [
        TOKEN,
        API_KEY,
        f"Bearer {TOKEN} and {API_KEY}",
        f"{'x' * 495}{TOKEN}",
        TOKEN.swapcase(),
        f"{TOKEN}{API_KEY}{TOKEN}",
        f"\u202e{TOKEN}\0",
    ]
)
_texts = st.one_of(st.text(max_size=20), st.text(max_size=20), _quotes)
_names = st.one_of(
    st.sampled_from(["success", "data", "id", "meta", "message", "errors", "redirect_url"]),
    st.text(max_size=5),
    _quotes,
)
_values: SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _texts, st.integers(1, 2**63 - 1)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_names, inner, max_size=4)),
    max_leaves=8,
)
_ids = st.sampled_from(
    [0, -1, 1, 2**63 - 1, 2**63, "0", "1", "01", f"{2**63}", 1.0, 1.5, 2.0**52, 2.0**63, 1e300, True]
)
_nested = st.builds(
    lambda depth, text: f'{{"meta": {{"errors": {"[" * depth}{json.dumps(text)}{"]" * depth}}}}}'.encode(),
    st.sampled_from([40, 60, 900, 100_000]),
    _texts,
)
_usual = st.fixed_dictionaries(
    {},
    optional={
        "success": st.one_of(st.just(value=True), st.just(value=False), _values),
        "data": st.one_of(st.fixed_dictionaries({"id": st.one_of(_ids, _values)}), _values),
        "meta": st.one_of(st.fixed_dictionaries({}, optional={"message": _texts, "errors": _values}), _values),
        "message": _values,
        "errors": _values,
    },
)
_json = st.builds(
    lambda value, plain: json.dumps(value, ensure_ascii=plain), st.one_of(_usual, _usual, _values), st.booleans()
)
_encoded = st.builds(
    lambda text, encoding: text.encode(encoding, "replace"),
    _json,
    st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
_paid = st.builds(
    lambda number: json.dumps({"success": True, "data": {"id": number}, "meta": []}).encode(), st.one_of(_ids, _values)
)
bodies: SearchStrategy[bytes] = st.one_of(
    _encoded, _encoded, _paid, _paid, st.binary(), _nested, st.just(b" " * 1_100_000)
)

_moments = st.datetimes(timezones=st.just(UTC)).map(lambda moment: format_datetime(moment, usegmt=True))
_date_words = st.lists(
    st.sampled_from(["Wed,", "21", "Oct", "2015", "07:28:00", "GMT", "+9999", "99:99:99", "0", "99999", "-", ":", "("]),
    max_size=8,
)
retry_afters: SearchStrategy[bytes] = st.one_of(
    st.integers().map(lambda seconds: b"%d" % seconds),
    _moments.map(str.encode),
    _date_words.map(lambda words: " ".join(words).encode()),
    st.text(string.printable).map(str.encode),
    st.binary(),
)
_header_names = st.one_of(
    st.sampled_from(
        [b"Location", b"Content-Type", b"Content-Encoding", b"Set-Cookie", b"Content-Length", b"Transfer-Encoding"]
    ),
    st.text(string.ascii_letters + "-", min_size=1, max_size=10).map(str.encode),
)
_header_values = st.one_of(
    st.sampled_from(
        [
            b"https://x.example/a",
            b"https://[::1",
            b"gzip",
            b"chunked",
            b"a=b; Max-Age=x; Domain=.x",
            b"text/html; charset=x",
            b"5",
        ]
    ),
    st.text(string.printable).map(str.encode),
    st.binary(),
)
_headers: SearchStrategy[Headers] = st.lists(st.tuples(_header_names, _header_values), max_size=4)
_statuses = st.one_of(
    st.sampled_from([*[200] * 12, 201, 204, 301, 302, 400, 401, 403, 404, 408, 409, 422, 429, 429, 500, 502, 503]),
    st.integers(100, 999),
)
_failures = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.sampled_from([OSError, RuntimeError, KeyError, ValueError, TimeoutError, httpx.ReadError, httpx.StreamError]),
)


@frozen
class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Comes in pieces, and may break off."""

    pieces: list[bytes]
    failure: type[Exception] | None

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        if self.failure is not None:
            raise self.failure(TOKEN)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _answered(status: int, headers: Headers, retry_after: bytes, body: bytes, cut: int, failure: Any) -> httpx.Response:
    headers = [*headers, (b"Retry-After", retry_after)]
    return httpx.Response(status, headers=headers, stream=Body([body[:cut], body[cut:]], failure))


answers: SearchStrategy[httpx.Response] = st.builds(
    _answered, _statuses, _headers, retry_afters, bodies, st.integers(0, 50), _failures
)
"""Answers as a transport gives them."""


def _written(
    version: bytes, status: int, headers: Headers, retry_after: bytes, body: bytes, framing: str, cut: int | None
) -> bytes:
    lines = [b"HTTP/%s %d X" % (version, status), *(b"%s: %s" % header for header in headers)]
    lines.append(b"Retry-After: " + retry_after)
    if framing == "chunks":
        lines.append(b"Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    if framing == "length":
        lines.append(b"Content-Length: %d" % len(body))
    return (b"\r\n".join(lines) + b"\r\n\r\n" + body)[:cut]


def _spoilt(raw: bytes, at: int, more: bytes) -> bytes:
    return raw[:at] + more + raw[at:]


_wholes = st.builds(
    _written,
    st.sampled_from([b"1.1", b"1.1", b"1.1", b"1.0", b"2", b"9.9"]),
    _statuses,
    st.one_of(st.just([]), _headers),
    st.one_of(st.integers(0, 100).map(lambda seconds: b"%d" % seconds), retry_afters),
    bodies,
    st.sampled_from(["length", "length", "chunks", "until close"]),
    st.one_of(st.none(), st.none(), st.integers(0, 300)),
)
raw_answers: SearchStrategy[bytes] = st.one_of(
    _wholes,
    _wholes,
    st.builds(_spoilt, _wholes, st.integers(0, 100), st.binary(min_size=1)),
    st.builds(bytes.__add__, st.just(b"HTTP/1.1 100 Continue\r\n\r\n"), _wholes),
    st.binary(),
)
"""Answers as they come out of a socket."""
