"""How a bad argument is refused, before anything is sent: what was given, what is wanted, how to mend it."""


def bad_argument(name: str, wanted: str, *given: object, fix: str = "") -> ValueError:
    """Return the error to raise. Leave `given` out where the value may hold a secret."""
    found = "".join(f", not {type(value).__name__} {_shown(value)}" for value in given)
    return ValueError(f"{name} must be {wanted}{found}. {fix}".rstrip())


def _shown(value: object) -> str:
    try:
        return repr(value)[:60]
    except ValueError:  # Python refuses to print an integer of more than 4,300 digits
        return "of thousands of digits"


class ArgumentsHidden:
    """Raises what is raised in its block without the frames below: their local variables can hold secrets."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, frames: object) -> None:
        if error is not None:
            error.__traceback__ = None
