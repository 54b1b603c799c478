"""The payload of a call, as stored: with this library's names and a version, independent of changes in Altegio's API.

Each version of the format has its own reader.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .errors import LedgerUnavailableError

_VERSION = 1


def write_payload(values: Mapping[str, object]) -> str:
    """Return the text to store for these values, named like the arguments of the method."""
    return json.dumps({"version": _VERSION, **{name: str(value) for name, value in values.items()}}, sort_keys=True)


def read_payload(stored: str) -> dict[str, str]:
    """Return the values, named like the arguments of the method.

    Raises:
        LedgerUnavailableError: A later release wrote the payload.
    """
    values: dict[str, Any] = json.loads(stored)
    version = values.pop("version")
    if version not in _READERS:
        raise LedgerUnavailableError(
            f"The ledger has an entry of a later release (payload version {version}), and nothing was sent: update "
            "altegio-partner, then call again with the same key."
        )
    return _READERS[version](values)


def _read_version_1(values: dict[str, str]) -> dict[str, str]:
    if "payment_sum" in values:
        values["payment_sum"] = format(Decimal(values["payment_sum"]).normalize(), "f")
    return values


_READERS: dict[object, Callable[[dict[str, str]], dict[str, str]]] = {_VERSION: _read_version_1}
