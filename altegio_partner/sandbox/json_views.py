"""The sandbox's contents as JSON values: for its page, and for programs in any language."""

from typing import TypeAlias, cast

from .call_log import Exchange
from .callback_delivery import Delivery
from .faults import FAULTS, PendingFault
from .location_state import Installation, Payment

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | None"


def installation_view(installation: Installation) -> dict[str, Json]:
    """Return a location, its payments and its log."""
    return {
        "salon_id": installation.salon_id,
        "status": installation.status,
        "created_at": str(installation.created_at) if installation.created_at else None,
        "until": str(installation.until) if installation.until else None,
        "payments": [*map(payment_view, installation.payments)],
        "logs": [
            {
                "changed_at": str(one.changed_at),
                "status_from": one.status_from,
                "status_to": one.status_to,
                "source": one.source,
            }
            for one in installation.logs
        ],
    }


def pending_fault_view(pending: PendingFault) -> Json:
    """Return a pending fault."""
    only = pending.only
    return {
        "fault": pending.fault,
        "description": FAULTS[pending.fault].description,
        "is_recorded": FAULTS[pending.fault].is_recorded,
        "words": pending.describe(),
        "calls": None if pending.probability is not None else pending.calls,
        "nth": pending.skip + 1,
        "operation": only.operation,
        "method": only.method,
        "path": only.path,
        "salon_id": only.salon_id,
        "payment_sum": None if only.payment_sum is None else str(only.payment_sum),
        "probability": pending.probability,
        "delay": pending.delay,
        "jitter": pending.jitter,
    }


def payment_view(payment: Payment) -> Json:
    """Return a payment, with its amount as text."""
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
    """Return a callback, and the partner's response."""
    return {
        "number": delivery.number,
        "sent_at": str(delivery.sent_at),
        "event": delivery.name,
        "salon_id": delivery.salon_id,
        "url": delivery.url,
        "content": cast(Json, dict(delivery.content)),
        "status": delivery.status,
        "answer": delivery.answer,
    }


def exchange_view(exchange: Exchange) -> dict[str, Json]:
    """Return a call, and the response."""
    request, response = exchange.request, exchange.response
    return {
        "number": exchange.number,
        "at": str(exchange.at),
        "operation": exchange.operation,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": dict(request.headers),
        "body": request.body.decode("utf-8", "replace"),
        "status": response.status,
        "response_headers": dict(response.headers),
        "response_body": response.body.decode("utf-8", "replace"),
        "transfer": response.transfer,
        "reason": response.reason,
        "choice": response.choice,
        "fault": exchange.fault,
    }
