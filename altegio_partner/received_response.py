"""A response while it is received, up to a maximum size."""

from attrs import define, field

_MAX_BODY = 1024 * 1024  # bytes: Altegio's responses have a few hundred


@define
class ReceivedResponse:
    """An HTTP response, as far as it was received. It is never decompressed, because requests accept no compression."""

    status: int
    location: str | None = field(default=None, repr=False)  # where a redirect points, unparsed
    retry_after: str | None = None
    is_bounded: bool = field(kw_only=True)  # whether the body's end is marked, not only by the connection's end
    body: bytearray = field(factory=bytearray, repr=False)
    defect: str | None = None  # why the body is not all there; None when it is
    is_complete: bool = False  # whether the body has been read to its end

    def append(self, chunk: bytes) -> bool:
        """Append a chunk of the body, and return whether to read on."""
        self.body += chunk
        if len(self.body) > _MAX_BODY:
            self.defect, self.body = "too large", bytearray()
        return self.defect is None
