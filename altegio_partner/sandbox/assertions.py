"""Assertions about what the sandbox was told, which explain themselves when they fail."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from .exchange import Exchange
from .installation import Installation, Payment


class Assertions:
    """What a test says of the calls that its subject has made. Mixed into `Sandbox`."""

    if TYPE_CHECKING:

        @property
        def calls(self) -> list[Exchange]: ...  # noqa: D102  the sandbox says what it is
        def installation(self, salon_id: int) -> Installation: ...  # noqa: D102

    def assert_registered(self, salon_id: int) -> None:
        """Fail unless the application is active at the location."""
        __tracebackhide__ = True
        status = self.installation(salon_id).status
        if status != "active":
            self._fail(f"The application is {status} at location {salon_id}, and should be active.")

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

        What is None may be anything. Microseconds do not matter: they are never sent. Payments that were refunded
        count: they were reported too.
        """
        __tracebackhide__ = True
        wanted: dict[str, object] = {
            "payment_sum": None if payment_sum is None else Decimal(payment_sum),
            "currency_iso": currency_iso,
            "payment_date": payment_date,
            "period_from": period_from,
            "period_to": period_to,
        }
        wanted = {name: _whole(value) for name, value in wanted.items() if value is not None}
        payments = self.installation(salon_id).payments
        found = [one for one in payments if all(getattr(one, name) == value for name, value in wanted.items())]
        if len(found) != 1:
            such = "".join(f", {name} {value}" for name, value in wanted.items())
            self._fail(
                f"Location {salon_id} should have paid once{such}. Altegio recorded {len(found)} such payments.",
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
        """Fail unless Altegio was told that this payment of the location was given back."""
        __tracebackhide__ = True
        payments = self.installation(salon_id).payments
        if not any(one.id == payment_id and one.is_refunded for one in payments):
            self._fail(f"Payment {payment_id} of location {salon_id} should be refunded, and is not.", payments)

    def _fail(self, sentence: str, payments: Sequence[Payment] | None = None) -> None:
        __tracebackhide__ = True
        lines = [sentence]
        if payments is not None:
            lines += (
                ["Payments of the location:", *(_payment(one) for one in payments)]
                if payments
                else ["The location made no payment."]
            )
        calls = self.calls[-10:]
        lines += ["The latest calls:", *(_call(one) for one in calls)] if calls else ["There was no call."]
        raise AssertionError("\n".join(lines))


def _whole(value: object) -> object:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _payment(payment: Payment) -> str:
    refunded = f", refunded {payment.refunded_at}" if payment.is_refunded else ""
    return (
        f"  {payment.id}: {payment.payment_sum} {payment.currency_iso}, paid {payment.payment_date}, "
        f"from {payment.period_from} to {payment.period_to}{refunded}"
    )


def _call(exchange: Exchange) -> str:
    fault = f", {exchange.fault} on purpose" if exchange.fault else ""
    why = f": {exchange.reply.why}" if exchange.reply.why else ""
    return f"  {exchange.request.method} {exchange.request.path} answered {exchange.reply.status}{fault}{why}"
