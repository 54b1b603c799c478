"""The settings of a client, from its arguments or the environment, validated."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, Protocol, TypeAlias, runtime_checkable

from attrs import field, frozen

from .auth import Credentials
from .bad_argument import bad_argument
from .call import Call
from .dates import parse_timezone
from .flow import Plan
from .ids import application_id_of
from .installation import Installation
from .urls import Urls


def _timeout(value: float) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value <= 3600:
        raise bad_argument("timeout", "a number of seconds, more than 0, at most 3600", value, fix="The default is 30.")
    return value


def _max_retries(value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
        raise bad_argument("max_retries", "an integer from 0 to 100", value, fix="Write 0 to send each call once.")
    return value


Scope: TypeAlias = tuple[str, int]  # in which a key is valid: Altegio's origin, https://app.alteg.io, and application
ReadStatus: TypeAlias = Callable[[int], Call[Installation]]  # returns the call that reads the status of a location


class PaymentLedger(Protocol):
    """Prevents duplicate payments and refunds: a `Ledger` of `altegio_partner.ledger`."""

    def plan_report(  # noqa: D102
        self, operation: str, key: str, payload: Mapping[str, object], scope: Scope, read_status: ReadStatus, /
    ) -> Plan[Any]: ...
    def plan_reconcile(  # noqa: D102
        self, operation: str, key: str, scope: Scope, read_status: ReadStatus, /
    ) -> Plan[int | None]: ...
    def check_timeout(self, seconds: float, /) -> None: ...  # noqa: D102


def _check_ledger(settings: "Settings", _: object, value: PaymentLedger | None) -> None:
    if value is not None and (isinstance(value, type) or not hasattr(value, "plan_report")):
        fix = "Write Ledger(url), with `from altegio_partner.ledger import Ledger`."
        raise bad_argument("ledger", f"a Ledger, not {type(value).__name__}", fix=fix)  # not shown: it may be a URL
    if value is not None:
        value.check_timeout(settings.timeout)


_FIX_RATE_LIMIT = "Write altegio_rate_limit(), from altegio_partner.rate_limit."


@runtime_checkable
class RateLimit(Protocol):
    """Decides whether a call may be sent now, and counts it if so: a `pyrate_limiter.Limiter`. Clients may share it."""

    def try_acquire(self, name: str, *, blocking: bool) -> object: ...  # noqa: D102


def _check_rate_limit(_: object, __: object, value: RateLimit | None) -> None:
    if value is not None and not isinstance(value, RateLimit):
        raise bad_argument("rate_limit", "a Limiter", value, fix=_FIX_RATE_LIMIT)


@frozen
class Settings:
    """The settings of a client."""

    credentials: Credentials
    application_id: int = field(converter=application_id_of)
    urls: Urls
    timezone: tzinfo | None = field(converter=parse_timezone)
    timeout: float = field(converter=_timeout)
    max_retries: int = field(converter=_max_retries)
    ledger: PaymentLedger | None = field(validator=_check_ledger)
    rate_limit: RateLimit | None = field(validator=_check_rate_limit)
