"""Keep secrets out of tracebacks."""


class hide_locals:  # noqa: N801  used like a function of contextlib
    """Strips the frames from what is raised in its block: their variables can contain secrets."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, frames: object) -> None:
        if error is not None:
            error.__traceback__ = error.__context__ = None
