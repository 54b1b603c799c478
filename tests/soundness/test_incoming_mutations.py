"""What Altegio sends, changed at random: nothing is believed that it has not said, and only our own error comes out."""

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest

from altegio_partner.incoming import (
    Event,
    Frozen,
    Paid,
    Uninstalled,
    UnknownEvent,
    UntrustedRequestError,
    User,
    callback_body,
    read_callback,
    read_registration,
    registration_query,
)
from tests.callers import TOKEN
from tests.figures import print_figures
from tests.soundness.parameters import CASES, IS_ALL

MUTATIONS = CASES * 50  # of registrations, and as many of callbacks
CHARACTERS = b"0123456789abcdef+-/=%&?[]{},:\"' eE.\\\0\xff\xc3\xa9"
OWNERS = [
    User(7),
    User(7, "Żaneta ?>", "+48 22 000", "z@example.com", is_approved=True, avatar="https://x", salon_name="S"),
]
TIMES: dict[str, Any] = {
    name: datetime(2022, 1, day) for day, name in enumerate(("payment_date", "period_from", "period_to"), 1)
}
PAYMENTS = [
    Paid(salon_id=5, application_id=9, payment_id=77, tariff_option_id=3, currency_iso="EUR", **sums, **TIMES)
    for sums in (
        {"amount": Decimal("990.99"), "discount": None},
        {"amount": Decimal(100), "discount": Decimal(10)},
        {"amount": Decimal("0.5"), "discount": Decimal("2.5")},
    )
]
EVENTS: list[Event] = [
    *PAYMENTS,
    Uninstalled(salon_id=5, application_id=9),
    Frozen(salon_id=5, application_id=9, other={"reason": "time"}),
    UnknownEvent(salon_id=5, application_id=9, event="moved", other={"to": [1, {"a": None}]}),
]
Mutate = Callable[[random.Random, bytearray, bytes], None]


def change(chance: random.Random, text: bytearray, _: bytes) -> None:
    text[chance.randrange(len(text))] = chance.choice(CHARACTERS)


def flip(chance: random.Random, text: bytearray, _: bytes) -> None:
    text[chance.randrange(len(text))] ^= 1 << chance.randrange(8)


def insert(chance: random.Random, text: bytearray, _: bytes) -> None:
    text.insert(chance.randrange(len(text) + 1), chance.choice(CHARACTERS))


def delete(chance: random.Random, text: bytearray, _: bytes) -> None:
    at = chance.randrange(len(text))
    del text[at : at + chance.choice([1, 1, 2, 8])]


def cut(chance: random.Random, text: bytearray, _: bytes) -> None:
    del text[chance.randrange(len(text)) :]


def repeat(chance: random.Random, text: bytearray, _: bytes) -> None:
    at = chance.randrange(len(text))
    text[at:at] = text[at : at + chance.randrange(1, 60)]


def swap(chance: random.Random, text: bytearray, _: bytes) -> None:
    one, other = chance.randrange(len(text)), chance.randrange(len(text))
    text[one], text[other] = text[other], text[one]


def mix(chance: random.Random, text: bytearray, other: bytes) -> None:
    """Put a part of another message of Altegio's in."""
    at, begin = chance.randrange(len(text)), chance.randrange(len(other))
    text[at : at + chance.randrange(80)] = other[begin : begin + chance.randrange(80)]


def change_case(_: random.Random, text: bytearray, __: bytes) -> None:
    text[:] = text.swapcase()


MUTATES: list[Mutate] = [change, flip, insert, delete, cut, repeat, swap, mix, change_case]


def mutated(chance: random.Random, originals: list[bytes], original: bytes) -> bytes:
    text = bytearray(original)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        if text:
            chance.choice(MUTATES)(chance, text, chance.choice(originals))
    return bytes(text)


def test_changed_registrations(request: pytest.FixtureRequest) -> None:
    written = {
        registration_query(salon_ids, partner_token=TOKEN, user=user).encode(): user
        for salon_ids in (123, [1, 2])
        for user in [*OWNERS, None]
    }
    originals, chance, outcomes = list(written), random.Random(7), Counter[str]()
    for _ in range(MUTATIONS):
        original = chance.choice(originals)
        query = mutated(chance, originals, original)
        try:
            registration = read_registration(query, partner_token=TOKEN)
        except UntrustedRequestError as error:
            outcomes[error.reason] += 1
            continue
        outcomes["accepted" if registration.user else "accepted, without a user"] += 1
        assert registration.user in (None, *OWNERS), query
        assert registration.user or "user_data_sign" not in parse_qs(query.decode("latin-1")), query
        assert all(0 < one < 2**63 for one in registration.unsigned_salon_ids)
    if IS_ALL:
        print_figures(request, "changed registrations", dict(sorted(outcomes.items())))
    assert outcomes["accepted"] < MUTATIONS / 2
    assert len(outcomes) == 5


def test_changed_callbacks(request: pytest.FixtureRequest) -> None:
    written = {callback_body(event, partner_token=TOKEN): event for event in EVENTS}
    signed = {(event.salon_id, event.amount, event.discount) for event in PAYMENTS}
    originals, chance, outcomes = list(written), random.Random(7), Counter[str]()
    for _ in range(MUTATIONS):
        body = mutated(chance, originals, chance.choice(originals))
        try:
            event = read_callback(body, partner_token=TOKEN)
        except UntrustedRequestError as error:
            outcomes[error.reason] += 1
            continue
        outcomes["accepted"] += 1
        assert json.loads(body)["partner_token"] == TOKEN
        assert not isinstance(event, Paid) or (event.salon_id, event.amount, event.discount) in signed, body
    if IS_ALL:
        print_figures(request, "changed callbacks", dict(sorted(outcomes.items())))
    assert outcomes["accepted"] < MUTATIONS / 2
    assert len(outcomes) == 5
