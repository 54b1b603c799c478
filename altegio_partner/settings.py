"""The settings of a client: arguments, or else the environment, checked."""

import os
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, Protocol, TypeAlias, runtime_checkable

from attrs import field, frozen

from .auth import PartnerToken
from .bad_argument import bad_argument
from .call import Call
from .dates import known_timezone
from .flow import Plan
from .ids import wire_id
from .installation import Installation
from .urls import known_base_url


def _application_id(value: int | None) -> int:
    if value is not None and not isinstance(value, int):  # not shown: it may be the token
        raise bad_argument("application_id", "a positive integer of at most 64 bits", fix="Pass the number, as an int.")
    if value is not None:
        return wire_id("application_id", value)
    text = os.environ.get("ALTEGIO_APPLICATION_ID")
    if not text:
        raise ValueError("There is no application id: pass application_id, or set ALTEGIO_APPLICATION_ID.")
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise bad_argument("ALTEGIO_APPLICATION_ID", "the application's number, digits only")
    return wire_id("ALTEGIO_APPLICATION_ID", int(text))


def _base_url(value: str | None) -> str:
    return known_base_url(value if value is not None else os.environ.get("ALTEGIO_BASE_URL") or "https://app.alteg.io")


def _timeout(value: float) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value <= 3600:
        raise bad_argument("timeout", "a number of seconds, more than 0 and at most 3600", value)
    return value


def _max_retries(value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
        raise bad_argument("max_retries", "an integer from 0 to 100", value)
    return value


Where: TypeAlias = tuple[str, int]  # Altegio's origin, such as https://app.alteg.io, and the application
ReadStatus: TypeAlias = Callable[[int], Call[Installation]]  # how to read the status of a location, given its id


@runtime_checkable
class PaymentLedger(Protocol):
    """Lets each payment and refund be recorded once: a `Ledger` of `altegio_partner.ledger`."""

    def once(  # noqa: D102
        self, operation: str, key: str, payload: Mapping[str, object], where: Where, read_status: ReadStatus, /
    ) -> Plan[Any]: ...
    def reconcile(  # noqa: D102
        self, operation: str, key: str, where: Where, read_status: ReadStatus, /
    ) -> Plan[int | None]: ...
    def check_timeout(self, seconds: float, /) -> None: ...  # noqa: D102


def _check_ledger(settings: "Settings", _: object, value: PaymentLedger | None) -> None:
    if value is not None and (isinstance(value, type) or not hasattr(value, "once")):
        raise bad_argument("ledger", "a Ledger", fix="Write Ledger(url), of altegio_partner.ledger.")  # it may be a URL
    if value is not None:
        value.check_timeout(settings.timeout)


@runtime_checkable
class RateLimit(Protocol):
    """Says whether a call may be sent now, and counts it if so: a `pyrate_limiter.Limiter`. Clients may share it."""

    def try_acquire(self, name: str, *, blocking: bool) -> object: ...  # noqa: D102


def _check_rate_limit(_: object, __: object, value: RateLimit | None) -> None:
    if value is not None and not isinstance(value, RateLimit):
        raise bad_argument("rate_limit", "a Limiter", value, fix="Take that of altegio_partner.rate_limit.")


@frozen
class Settings:
    """All that a client knows."""

    token: PartnerToken = field(converter=PartnerToken)
    application_id: int = field(converter=_application_id)
    base_url: str = field(converter=_base_url)
    timezone: tzinfo | None = field(converter=known_timezone)
    timeout: float = field(converter=_timeout)
    max_retries: int = field(converter=_max_retries)
    ledger: PaymentLedger | None = field(validator=_check_ledger)
    rate_limit: RateLimit | None = field(validator=_check_rate_limit)
