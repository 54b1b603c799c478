"""An answer as it comes in, and how much of it is kept."""

from attrs import define, field

_LARGEST_BODY = 1024 * 1024  # bytes: Altegio's answers have a few hundred


@define
class ReceivedResponse:
    """An HTTP response, as far as it has come. It is not decompressed: requests ask for no compression."""

    status: int
    location: str | None = field(default=None, repr=False)  # where a redirect points, unparsed
    retry_after: str | None = None
    is_bounded: bool = True  # whether the end of the body is marked, and not only by the end of the connection
    body: bytearray = field(factory=bytearray, repr=False)
    defect: str | None = None  # why the body is not all there; None when it is
    is_complete: bool = False  # whether the body has been read to its end

    def append(self, chunk: bytes) -> bool:
        """Keep the next piece of the body, and return whether more of it is wanted."""
        self.body += chunk
        if len(self.body) > _LARGEST_BODY:
            self.defect, self.body = "too large", bytearray()
        return self.defect is None
