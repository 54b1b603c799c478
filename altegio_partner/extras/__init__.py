"""What is imported with an extra of this package says which, where the extra is not installed."""

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def extra(name: str) -> Generator[None]:
    """Import in this block what the extra of that name brings."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"No module named {error.name!r}: pip install 'altegio-partner[{name}]'"
        raise ModuleNotFoundError(message, name=error.name) from None
