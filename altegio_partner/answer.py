"""An answer as it comes in: how much of it is taken, and how it is unpacked."""

import zlib
from collections.abc import Callable

from attrs import define, field

_LARGEST_BODY = 1024 * 1024  # bytes: Altegio's answers have a few hundred


@define
class Answer:
    """An HTTP answer, as far as it has come."""

    status: int
    location: str | None = field(default=None, repr=False)
    """Where a redirect points, unparsed."""
    retry_after: str | None = None
    encoding: str | None = None
    """How the body is compressed: we ask for none, and may not be heard."""
    body: bytes = field(default=b"", repr=False)
    flaw: str | None = None
    """Why the body is not all there; None when it is."""
    _unpack: Callable[[bytes, int], bytes] | None = field(init=False, default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.encoding in ("gzip", "x-gzip", "deflate"):
            self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress

    def take(self, chunk: bytes) -> bool:
        """Take the next piece of the body, and return whether more of it is wanted."""
        try:
            self.body += self._unpack(chunk, _LARGEST_BODY) if self._unpack else chunk
        except zlib.error:
            self.flaw = "badly compressed"
        if len(self.body) >= _LARGEST_BODY:
            self.flaw = "too large"
            self.body = b""
        return self.flaw is None
