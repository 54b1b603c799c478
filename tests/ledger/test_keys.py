"""Idempotency keys: what is the same key, and what may be meant to be."""

import unicodedata

import pytest

from altegio_partner.ledger import Ledger
from altegio_partner.ledger.keys import similar_keys
from altegio_partner.ledger.ledger import DryRunLedger
from altegio_partner.sandbox import Sandbox
from tests.callers import PAYMENT, Callers
from tests.ledger.paying import LATER, Pay, posts

RUSSIAN = "\u0421\u0447\u0451\u0442 \u2116 12 \u0439"  # with two letters that Unicode can write in two ways


def test_two_forms_of_unicode_are_one_key(pay: Pay, sandbox: Sandbox, ledger: Ledger) -> None:
    forms = [unicodedata.normalize(form, RUSSIAN) for form in ("NFC", "NFD")]
    assert forms[0] != forms[1]
    assert [pay(form) for form in (*forms, *reversed(forms))] == [123] * 4
    assert posts(sandbox) == 1
    entries = [ledger.get(form) for form in forms]
    assert entries[0] == entries[1]
    assert entries[0]
    assert entries[0].idempotency_key == forms[0]


def test_the_length_of_a_key_counts_in_its_composed_form(pay: Pay) -> None:
    assert pay(unicodedata.normalize("NFD", "\u0439" * 255)) == 123


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("INV-42", "inv-42"),
        ("inv-42", "INV-42"),
        ("stra\u00dfe-1", "STRASSE-1"),
        ("\uff29\uff2e\uff36-\uff14\uff12", "INV-42"),  # full width
        ("INV 42", "INV42"),
        ("INV\u00a042", "INV 42"),
        ("42", "0042"),
        ("0042", "42"),
        ("A-042", "A-0042"),
        ("42.0", "42"),
        ("42,00", "42"),
        ("2.02611E+12", "2026110000042"),
        ("2,02611E+12", "2026110000042"),
        ("2.02611e12", "2026110000042"),
        ("2E+12", "2026110000042"),
        ("2026110000042", "2.02611E+12"),
        ("2.026110000042E+12", "2026110000042"),
        ("1234567890123450000", "1234567890123456789"),
        ("1234567890123456789", "1234567890123450000"),
        ("01234567890123456", "1234567890123450"),
        ("1.23456789012345E+18", "1234567890123456789"),  # cut, and then shown
        ("1.23456789012345E+18", "1234567890123450000"),
        ("1.23457E+18", "1234567890123456789"),
        ("'1234567890123450000", "1234567890123456789"),
        ("'=42", "=42"),
        ("'0042", "42"),
        ("-42", "'-42"),
        (f"{RUSSIAN} ".strip().upper(), RUSSIAN),
    ],
)
def test_a_key_that_differs_in_form(key: str, known: str) -> None:
    assert similar_keys([key], ["other", known, "7"]) == {key: [known]}


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("INV-42", "INV-42"),
        ("INV-42", "INV-43"),
        ("INV-420", "INV-42"),
        ("42", "4200"),
        ("100", "1"),
        ("2.02611E+12", "2026120000042"),
        ("2.02611E+12", "202611000042"),
        ("2.02611E+12", "A2026110000042"),
        ("2026110000041", "2026110000042"),
        ("1234567890123456788", "1234567890123456789"),  # neither was cut
        ("1234567890123450000", "12345678901234567890"),
        ("1234567890123440000", "1234567890123456789"),
        ("123456789012340", "123456789012345"),
        ("A1234567890123450000", "A1234567890123456789"),
        ("''42", "42"),
        ("0", ""),
    ],
)
def test_a_key_that_differs_in_more_than_form(key: str, known: str) -> None:
    assert similar_keys([key], [known]) == {}


def test_several_rounded_keys() -> None:
    known = ["2026110000042", "2026120000042"]
    assert similar_keys(["2.02611E+12", "2.02612E+12"], known) == {"2.02611E+12": known[:1], "2.02612E+12": known[1:]}


def test_similar_keys_of_a_ledger(pay: Pay, ledger: Ledger) -> None:
    pay("2026110000042")
    pay("INV-1", **LATER)
    similar = ledger.similar_keys(["2.02611E+12", "inv-01", "INV-1", "INV-2"])
    assert {key: [one.idempotency_key for one in entries] for key, entries in similar.items()} == {
        "2.02611E+12": ["2026110000042"],
        "inv-01": ["INV-1"],
    }
    with pytest.raises(ValueError, match="idempotency_key must be printable text"):
        ledger.similar_keys([""])


def test_a_dry_run_finds_the_same_payment_under_another_key(
    pay: Pay, caller: Callers, sandbox: Sandbox, ledger: Ledger
) -> None:
    assert pay("invoice-1") == 123
    dry_run = DryRunLedger(ledger)
    options = {"partner_token": sandbox.partner_token, "application_id": 123, "transport": sandbox.transport()}
    call = caller(**options, ledger=dry_run, timeout=2)
    with pytest.raises(ValueError, match="was used for another call"):
        call("notify_payment", **{**PAYMENT, **LATER}, idempotency_key="invoice-1")
    call("notify_payment", **PAYMENT, idempotency_key="INVOICE-1")
    call("notify_payment", **{**PAYMENT, **LATER}, idempotency_key="invoice-2")
    call("notify_payment", **PAYMENT, idempotency_key="invoice-1")
    same = {"INVOICE-1": ["invoice-1"], "invoice-2": [], "invoice-1": []}
    assert {key: [one.idempotency_key for one in dry_run.same_payments(key)] for key in same} == same
    assert ledger.pending() == []
