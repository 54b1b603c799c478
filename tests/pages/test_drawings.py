"""What the diagrams of the documentation say about errors and states is true."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

import altegio_partner as ap
from altegio_partner.sandbox import Sandbox
from tests.pages.page import Page

(OUTCOMES,) = Page.of("when-it-fails").code("mermaid")
(INSTALLATION,) = Page.of("receiving").code("mermaid")
NAMES: dict[str, str] = dict(re.findall(r'^    (\w+)\["`.*?\*\*(\w+)\*\*`"\]', OUTCOMES, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("node", NAMES)
def test_a_drawn_error_leads_to_what_its_class_says(node: str) -> None:
    kind: type[ap.AltegioError] = getattr(ap, NAMES[node])
    (advice,) = re.findall(rf"(?:^    |> ){node} --> (\w+)$", OUTCOMES, re.MULTILINE)
    assert advice == ("again" if kind.safe_to_resend else "fix" if issubclass(kind, ap.RejectedError) else "look")


def test_all_outcomes_are_drawn() -> None:
    drawn = {getattr(ap, name) for name in NAMES.values()}
    assert len(drawn) == OUTCOMES.count("Error**")
    drawn.add(ap.ConflictError)  # not of one call: changes of webhooks read, write and read again
    for name in ap.__all__:
        kind = getattr(ap, name)
        if isinstance(kind, type) and issubclass(kind, ap.AltegioError) and kind is not ap.AltegioError:
            assert drawn & set(kind.__mro__), name


def moves() -> set[tuple[str, str]]:
    """Every transition that the sandbox makes, over all attempts."""

    def call(method: str, **arguments: Any) -> Callable[[Sandbox], object]:
        def make(sandbox: Sandbox) -> object:
            with ap.PartnerClient(
                sandbox.partner_token, application_id=sandbox.application_id, transport=sandbox.transport()
            ) as partner:
                return getattr(partner, method)(salon_id=5, **arguments)

        return make

    period = {"period_from": datetime(2026, 12, 1), "period_to": datetime(2026, 12, 2)}
    pay = call("notify_payment", payment_sum=1, currency_iso="EUR", payment_date=datetime(2026, 12, 1), **period)
    ways: dict[str, list[Callable[[Sandbox], object]]] = {
        "uninstalled": [],
        "pending": [lambda sandbox: sandbox.connect(5)],
        "active": [lambda sandbox: sandbox.connect(5), call("complete_registration"), pay],
        "freezed": [lambda sandbox: sandbox.connect(5), call("complete_registration"), lambda one: one.freeze(5)],
    }
    tries: list[Callable[[Sandbox], object]] = [
        lambda sandbox: sandbox.connect(5),
        lambda sandbox: sandbox.uninstall(5),
        lambda sandbox: sandbox.advance(timedelta(hours=13)),
        lambda sandbox: sandbox.advance(timedelta(days=60)),  # it is frozen when both trial and paid period are over
        call("complete_registration"),
        pay,
    ]
    found: set[tuple[str, str]] = set()
    for state, way in ways.items():
        for attempt in tries:
            sandbox = Sandbox(now=datetime(2026, 12, 1))
            for step in way:
                step(sandbox)
            assert sandbox.installation(5).status == state
            try:
                attempt(sandbox)
            except (ap.RejectedError, ValueError):
                continue
            found.add((state, sandbox.installation(5).status))
    return {(before, after) for before, after in found if before != after}


def test_the_drawn_states_and_steps_are_those_of_the_sandbox() -> None:
    drawn = re.findall(r'^    (\w+) -- ".*?" --> (\w+)$', INSTALLATION, re.MULTILINE)
    assert set(drawn) == moves()
    assert len(drawn) == len(set(drawn))
