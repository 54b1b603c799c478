"""The sandbox's contents as JSON values: for its page, and for programs in any language."""

from typing import TypeAlias, cast

from .call_log import Exchange
from .callback_delivery import Delivery
from .location_state import Payment

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | None"


def payment_view(payment: Payment) -> Json:
    """Return a payment, its amount as text."""
    return {
        "id": payment.id,
        "salon_id": payment.salon_id,
        "payment_sum": str(payment.payment_sum),
        "currency_iso": payment.currency_iso,
        "payment_date": str(payment.payment_date),
        "period_from": str(payment.period_from),
        "period_to": str(payment.period_to),
        "recorded_at": str(payment.recorded_at),
        "refunded_at": str(payment.refunded_at) if payment.refunded_at else None,
    }


def delivery_view(delivery: Delivery) -> Json:
    """Return a callback, and the partner's answer."""
    return {
        "number": delivery.number,
        "sent_at": str(delivery.sent_at),
        "content": cast(Json, dict(delivery.content)),
        "status": delivery.status,
        "answer": delivery.answer,
    }


def exchange_view(exchange: Exchange) -> Json:
    """Return a call, and the response."""
    request, response = exchange.request, exchange.response
    return {
        "number": exchange.number,
        "at": str(exchange.at),
        "method": request.method,
        "path": request.path,
        "headers": dict(request.headers),
        "body": request.body.decode("utf-8", "replace"),
        "status": response.status,
        "response_headers": dict(response.headers),
        "response_body": response.body.decode("utf-8", "replace"),
        "transfer": response.transfer,
        "reason": response.reason,
        "fault": exchange.fault,
    }
