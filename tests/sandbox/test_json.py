"""The sandbox takes the JSON that PHP takes. `tests/services/test_php.py` compares these cases with PHP itself."""

import pytest

from altegio_partner.sandbox.validation import read_object


def nested(depth: int) -> bytes:
    """An object whose structure is that deep, with brackets in texts, which do not count."""
    lists = depth - 1
    return b'{"a": ' + b"[" * lists + b'"[[\\"[' + b"[" * 600 + b'"' + b"]" * lists + b"}"


BODIES: dict[str, tuple[bytes, bool]] = {
    "plain": (b'{"a": 1}', True),
    "white space": (b' \n\t\r{"a" : 1}\r\n', True),
    "other white space": (b'\x0c{"a": 1}', False),
    "twice the same name": (b'{"a": 1, "a": 2}', True),
    "letters beyond ASCII": ('{"a": "Zoë 😀"}'.encode(), True),
    "an escaped pair of surrogates": (rb'{"a": "\ud83d\ude00"}', True),
    "an escaped null": (rb'{"a": "\u0000"}', True),
    "a huge integer": (b'{"a": ' + b"9" * 300 + b"}", True),
    "an exponent": (b'{"a": 1E+2}', True),
    "511 levels": (nested(511), True),
    "512 levels": (nested(512), False),
    "100000 levels": (nested(100_000), False),
    "a byte order mark": (b'\xef\xbb\xbf{"a": 1}', False),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), False),
    "UTF-16 without a mark": ('{"a": 1}'.encode("utf-16-le"), False),
    "UTF-32": ('{"a": 1}'.encode("utf-32-be"), False),
    "Latin-1": (b'{"a": "Zo\xeb"}', False),
    "encoded surrogates": (b'{"a": "\xed\xa0\xbd"}', False),
    "a lone surrogate": (rb'{"a": "\ud83d"}', False),
    "a lone surrogate in a name": (rb'{"\ude00": 1}', False),
    "surrogates in the wrong order": (rb'{"a": "\ude00\ud83d"}', False),
    "NaN": (b'{"a": NaN}', False),
    "Infinity": (b'{"a": Infinity}', False),
    "-Infinity": (b'{"a": -Infinity}', False),
    "a comma too many": (b'{"a": 1,}', False),
    "a comment": (b'{"a": 1 /* one */}', False),
    "single quotes": (b"{'a': 1}", False),
    "a line end in a text": (b'{"a": "1\n2"}', False),
    "a leading zero": (b'{"a": 01}', False),
    "a plus sign": (b'{"a": +1}', False),
    "no digit after the point": (b'{"a": 1.}', False),
    "two objects": (b"{}{}", False),
    "nothing": (b"", False),
}


@pytest.mark.parametrize(("body", "is_accepted"), BODIES.values(), ids=BODIES)
def test_json(body: bytes, is_accepted: bool) -> None:
    assert (read_object(body) is not None) is is_accepted


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"a"', b"true"])
def test_json_that_is_no_object(body: bytes) -> None:
    assert read_object(body) is None
