"""An answer as it comes in, and how much of it is taken."""

from attrs import define, field

_LARGEST_BODY = 1024 * 1024  # bytes: Altegio's answers have a few hundred


@define
class Answer:
    """An HTTP answer, as far as it has come. It is not unpacked: we ask for no compression."""

    status: int
    location: str | None = field(default=None, repr=False)
    """Where a redirect points, unparsed."""
    retry_after: str | None = None
    is_bounded: bool = True
    """Whether the body has an end of its own, and not only that of the connection."""
    body: bytearray = field(factory=bytearray, repr=False)
    has_surplus: bool = False
    """Whether the server sent more than the answer."""
    flaw: str | None = None
    """Why the body is not all there; None when it is."""

    def take(self, chunk: bytes) -> bool:
        """Take the next piece of the body, and return whether more of it is wanted."""
        self.body += chunk
        if len(self.body) > _LARGEST_BODY:
            self.flaw, self.body = "too large", bytearray()
        return self.flaw is None
