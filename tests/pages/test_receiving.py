"""The code of "Receiving from Altegio" runs, in order, and what it asserts is so."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from altegio_partner.incoming import Frozen, Paid, Reason, UnknownEvent, callback_body
from tests.pages.page import Page

PAGE = Page.of("receiving").text
BLOCKS = Page.of("receiving").code()
TOKEN = "your-partner-token"
WHERE: dict[str, Any] = {"salon_id": 5, "application_id": 123}
TIMES: dict[str, Any] = dict.fromkeys(["payment_date", "period_from", "period_to"], datetime(2022, 1, 1))


def test_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    assert len(BLOCKS) == 4
    for block in BLOCKS:
        exec(block, names)  # noqa: S102  code of the page
    paid = Paid(
        **WHERE, **TIMES, payment_id=7, amount=Decimal(5), currency_iso="EUR", discount=None, tariff_option_id=None
    )
    for event in (Frozen(**WHERE), paid, paid, UnknownEvent(**WHERE, event="moved")):
        assert names["handle"](callback_body(event, partner_token=TOKEN)) == 200
    assert names["handle"](b"x" * 70_000) == 413
    assert capsys.readouterr().out.splitlines() == [
        "Location 5 has removed us.",
        "Location 5 is frozen until it pays.",
        "Location 5 has paid 5 EUR: payment 7.",
        "Nothing to do for payment:123:7.",
        "Nothing to do for moved:123:5.",
    ]


def test_all_reasons_are_listed() -> None:
    table = PAGE.partition("## Rejected requests")[2]
    assert set(re.findall(r"`(\w+)`", table.partition("## Test your handlers")[0])) >= set(get_args(Reason))
