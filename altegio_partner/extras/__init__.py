"""Import errors that name the extra of this package to install."""

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def extra(name: str) -> Generator[None]:
    """Raise the import errors of this block with the name of the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"No module named {error.name!r}: pip install 'altegio-partner[{name}]'"
        raise ModuleNotFoundError(message, name=error.name) from None
