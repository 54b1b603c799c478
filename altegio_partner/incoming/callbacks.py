"""Callbacks: Altegio posts the events of your application's installations to your callback URL."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal
from typing import TypeAlias, cast

from attrs import field, frozen

from altegio_partner.bad_argument import bad_argument
from altegio_partner.redaction import hide_locals

from .fields import Digits, amount, digits, json_object, number, text, timestamp
from .trust import UntrustedRequestError, check_secret, check_signature, check_size, signature, validated_tokens

_EXACT = Context(prec=100, traps=[])


@frozen(kw_only=True)
class _Happened:
    salon_id: int
    """The location."""
    application_id: int
    """Your application."""
    other: Mapping[str, object] = field(factory=dict[str, object], repr=False)
    """The other fields of the callback, unchanged; numbers as `Decimal`. Neither the token nor the signature."""

    @property
    def dedupe_key(self) -> str:
        """Equal for deliveries of the same event, which may arrive up to three times, and in any order.

        That of a payment is unique, so store it permanently. The other events have neither an id nor a time: keep
        theirs for an hour at most, because the same event may happen again.
        """
        return f"{_name(self)}:{self.application_id}:{self.salon_id}"


@frozen(kw_only=True)
class Uninstalled(_Happened):
    """The owner has removed your application from the location."""


@frozen(kw_only=True)
class Frozen(_Happened):
    """Altegio has frozen your application at the location: its paid period is over."""


@frozen(kw_only=True)
class Paid(_Happened):
    """The location has paid for your application, through Altegio."""

    payment_id: int
    """The id of the payment. Not signed; only the token in the callback authenticates it."""
    amount: Decimal
    """In major units of the currency."""
    currency_iso: str | None
    discount: Decimal | None
    """Probably in percent; its unit is unknown."""
    period_from: datetime
    """The beginning of the paid period, inclusive; local, its time zone is unknown."""
    period_to: datetime
    """The end of the paid period, inclusive."""
    payment_date: datetime
    tariff_option_id: int | None

    @property
    def dedupe_key(self) -> str:
        """Equal for deliveries of the same payment. Store it permanently."""
        return f"payment:{self.application_id}:{self.payment_id}"


@frozen(kw_only=True)
class UnknownEvent(_Happened):
    """An event that this release does not know. Respond with 200, and log its name."""

    event: str


Event: TypeAlias = Uninstalled | Frozen | Paid | UnknownEvent


def read_callback(body: bytes, *, partner_token: str | Sequence[str]) -> Event:
    """Verify and parse the body of a callback about the installations of your application.

    Altegio calls it the callback of the application. It contains the partner token, which proves that Altegio has sent
    it; of a payment, location, amount and discount are also signed.

    Args:
        body: The raw body, as bytes.
        partner_token: The secret of your partner account; a list while you rotate it.

    Raises:
        UntrustedRequestError: The token or the signature is missing or wrong, or it is not what Altegio sends.
        ValueError: The partner token is invalid, or the body is not bytes.
    """
    with hide_locals():
        tokens = validated_tokens(partner_token)
        if not isinstance(body, (bytes, bytearray, memoryview)):
            raise bad_argument("body", f"bytes, not {type(body).__name__}", fix="Pass await request.body(), say.")
        check_size(len(body))
        content = json_object(bytes(body), parse_float=Digits, parse_int=Digits)
        check_secret(content.pop("partner_token", None), tokens, "wrong_token", "partner_token")
        try:
            return _read(content, tokens)
        except (ArithmeticError, RecursionError):
            raise UntrustedRequestError("not_understood") from None


def callback_body(event: Event, *, partner_token: str) -> bytes:
    """Return the body that Altegio would post for an event, for tests."""
    with hide_locals():
        (token,) = validated_tokens(partner_token)
        content: dict[str, object] = {
            **event.other,
            "salon_id": event.salon_id,
            "application_id": event.application_id,
            "event": _name(event),
            "partner_token": token,
        }
        if isinstance(event, Paid):
            price, discount = _number(event.amount), None if event.discount is None else _number(event.discount)
            signed = _signed(str(event.salon_id), json.dumps(price), None if discount is None else json.dumps(discount))
            content |= {
                "payment_id": event.payment_id,
                "amount": price,
                "currency_iso": event.currency_iso,
                "discount": discount,
                "period_from": str(event.period_from),
                "period_to": str(event.period_to),
                "payment_date": str(event.payment_date),
                "tariff_option_id": event.tariff_option_id,
                "sign": signature(signed, token).hex(),
            }
        return json.dumps(content, default=_number).encode()


def _name(event: _Happened) -> str:
    if isinstance(event, UnknownEvent):
        return event.event
    return {Uninstalled: "uninstall", Frozen: "freeze", Paid: "payment"}[cast("type[Paid]", type(event))]


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _read(content: dict[str, object], tokens: Sequence[str]) -> Event:
    name = text(content.pop("event", None), "event")
    if name is None:
        raise UntrustedRequestError("not_understood", "event")
    written_id = content.pop("salon_id", None)
    salon_id = number(written_id, "salon_id")
    application_id = number(content.pop("application_id", None), "application_id")
    sign = content.pop("sign", None)
    if name == "payment":
        return _paid(content, tokens, written_id, salon_id, application_id, sign)
    other = {key: _value(content[key]) for key in content}
    if name == "uninstall":
        return Uninstalled(salon_id=salon_id, application_id=application_id, other=other)
    if name == "freeze":
        return Frozen(salon_id=salon_id, application_id=application_id, other=other)
    return UnknownEvent(salon_id=salon_id, application_id=application_id, other=other, event=name)


def _paid(
    content: dict[str, object],
    tokens: Sequence[str],
    written_id: object,
    salon_id: int,
    application_id: int,
    sign: object,
) -> Paid:
    price, discount = content.pop("amount", None), content.pop("discount", None)
    if sign is None:
        raise UntrustedRequestError("unsigned", "sign")
    messages = [
        _signed(location, amount_, discount_)
        for location in {digits(written_id, "salon_id"), str(salon_id)}
        for amount_ in _spellings(price, "amount")
        for discount_ in (_spellings(discount, "discount") if discount is not None else [None])
    ]
    check_signature(sign, messages, tokens, "sign")
    tariff = content.pop("tariff_option_id", None)
    return Paid(
        salon_id=salon_id,
        application_id=application_id,
        payment_id=number(content.pop("payment_id", None), "payment_id"),
        amount=amount(price, "amount"),
        currency_iso=text(content.pop("currency_iso", None), "currency_iso"),
        discount=None if discount is None else amount(discount, "discount"),
        period_from=timestamp(content.pop("period_from", None), "period_from"),
        period_to=timestamp(content.pop("period_to", None), "period_to"),
        payment_date=timestamp(content.pop("payment_date", None), "payment_date"),
        tariff_option_id=None if tariff is None else number(tariff, "tariff_option_id"),
        other={key: _value(content[key]) for key in content},
    )


def _signed(salon_id: str, price: str, discount: str | None) -> bytes:
    """Return the signed part of a payment: neither its id nor its dates."""
    return f"salon_id={salon_id}&amount={price}{f'&discount={discount}' if discount is not None else ''}".encode()


def _spellings(value: object, field: str) -> Iterator[str]:
    """Yield the number as it is written, and in its shortest form. Which one Altegio signs is unknown."""
    written = digits(value, field)
    exact = amount(value, field)
    yield written
    shortest = f"{exact.normalize(_EXACT):f}"  # in a separate context: that of the application may round
    if shortest != written:
        yield shortest


def _value(value: object) -> object:
    """Return a JSON value that is passed on unchanged, with plain numbers."""
    if isinstance(value, Digits):
        return Decimal(value.text)
    if isinstance(value, dict):
        return {key: _value(item) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_value(item) for item in cast("list[object]", value)]
    return value
