"""The reason why a request got no response, as text without secrets. Texts of a transport may contain some."""

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from typing import cast


class Explained(Exception):  # noqa: N818  a reason, for which other errors are raised
    """A failure whose text contains no secret."""


def reason_of(failure: BaseException, doing: str) -> str:
    """Return what failed, and during which step."""
    chain = [error for error, _ in zip(_chain(failure), range(100), strict=False)]  # it may be circular
    is_lost = any(name == "NetworkError" for error in chain for name in class_names(error))  # of httpx or httpcore
    default = "connection lost" if is_lost else type(failure).__name__
    fact = next(filter(None, map(_fact, chain)), default)
    return f"{fact} while {doing}" if doing else fact


def _chain(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        if isinstance(failure, BaseExceptionGroup):
            failure = cast("BaseExceptionGroup[BaseException]", failure).exceptions[0]
        else:
            failure = failure.__cause__ or failure.__context__


def _fact(error: BaseException) -> str | None:
    name, library = type(error).__name__, type(error).__module__.partition(".")[0]
    match error:
        case Explained():
            return str(error)
        case ssl.SSLCertVerificationError():
            return f"certificate not trusted ({getattr(error, 'verify_message', name)})"
        case ssl.SSLError():  # only those of the interpreter have a reason
            return f"TLS failed ({getattr(error, 'reason', None) or name})"
        case socket.gaierror():
            return f"name not found ({error.strerror})"
        case OSError(errno=int(code)) if code in errno.errorcode:
            return f"{os.strerror(code).lower()} ({errno.errorcode[code]})"
        case _ if (library, name) == ("h11", "RemoteProtocolError"):
            return "the answer is not HTTP"
        case _:
            return "timed out" if "Timeout" in name else None


def class_names(error: BaseException) -> set[str]:
    """Return the names of the classes of an error, which identify it without importing its library."""
    return {kind.__name__ for kind in type(error).__mro__}
