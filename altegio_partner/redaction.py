"""Keep secrets out of tracebacks."""


class hide_locals:  # noqa: N801  used like a function of contextlib
    """Removes the frames from exceptions that are raised in its block, because local variables can contain secrets."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, frames: object) -> None:
        if error is not None:
            error.__traceback__ = error.__context__ = None
