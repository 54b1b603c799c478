"""Assertions about the calls that the sandbox received. Their messages show payments and calls."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from .call_log import Exchange
from .location_state import Installation, Payment


class Assertions:
    """Assertions for tests, inherited by `Sandbox`."""

    if TYPE_CHECKING:

        @property
        def calls(self) -> list[Exchange]: ...  # noqa: D102  documented in Sandbox
        def installation(self, salon_id: int) -> Installation: ...  # noqa: D102

    def assert_registered(self, salon_id: int) -> None:
        """Fail unless the application is active at the location."""
        __tracebackhide__ = True
        status = self.installation(salon_id).status
        if status != "active":
            self._fail(f"The application should be active at location {salon_id}, but is {status}.")

    def assert_paid_once(
        self,
        salon_id: int,
        payment_sum: Decimal | int | str | None = None,
        currency_iso: str | None = None,
        *,
        payment_date: datetime | None = None,
        period_from: datetime | None = None,
        period_to: datetime | None = None,
    ) -> Payment:
        """Fail unless Altegio recorded exactly one such payment of the location, and return it.

        An argument that is None matches any value. Microseconds are ignored: they are never sent. Refunded payments
        count, since they were reported too.
        """
        __tracebackhide__ = True
        expected: dict[str, object] = {
            "payment_sum": None if payment_sum is None else Decimal(payment_sum),
            "currency_iso": currency_iso,
            "payment_date": payment_date,
            "period_from": period_from,
            "period_to": period_to,
        }
        expected = {name: _without_microseconds(value) for name, value in expected.items() if value is not None}
        payments = self.installation(salon_id).payments
        found = [one for one in payments if all(getattr(one, name) == value for name, value in expected.items())]
        if len(found) != 1:
            details = "".join(f", {name} {value}" for name, value in expected.items())
            self._fail(
                f"Location {salon_id} should have paid once{details}. Altegio recorded {len(found)} such payments.",
                payments,
            )
        return found[0]

    def assert_not_paid(self, salon_id: int) -> None:
        """Fail if Altegio recorded any payment of the location."""
        __tracebackhide__ = True
        payments = self.installation(salon_id).payments
        if payments:
            self._fail(
                f"Location {salon_id} should not have paid. Altegio recorded {len(payments)} payments.", payments
            )

    def assert_refunded(self, salon_id: int, payment_id: int) -> None:
        """Fail unless a refund of this payment of the location was reported."""
        __tracebackhide__ = True
        payments = self.installation(salon_id).payments
        if not any(one.id == payment_id and one.is_refunded for one in payments):
            self._fail(f"Payment {payment_id} of location {salon_id} should be refunded, but is not.", payments)

    def _fail(self, sentence: str, payments: Sequence[Payment] | None = None) -> None:
        __tracebackhide__ = True
        lines = [sentence]
        if payments is not None:
            lines += (
                ["Payments of the location:", *(_payment(one) for one in payments)]
                if payments
                else ["The location has no payments."]
            )
        calls = self.calls[-10:]
        lines += ["The latest calls:", *(_call(one) for one in calls)] if calls else ["There were no calls."]
        raise AssertionError("\n".join(lines))


def _without_microseconds(value: object) -> object:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _payment(payment: Payment) -> str:
    refunded = f", refunded {payment.refunded_at}" if payment.is_refunded else ""
    return (
        f"  {payment.id}: {payment.payment_sum} {payment.currency_iso}, paid {payment.payment_date}, "
        f"from {payment.period_from} to {payment.period_to}{refunded}"
    )


def _call(exchange: Exchange) -> str:
    fault = f", injected fault {exchange.fault}" if exchange.fault else ""
    reason = f": {exchange.response.reason}" if exchange.response.reason else ""
    return f"  {exchange.request.method} {exchange.request.path} answered {exchange.response.status}{fault}{reason}"
