"""The examples of partner applications, beside a sandbox, in both directions."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve

from altegio_partner import PartnerClient
from altegio_partner.incoming import (
    Frozen,
    Paid,
    Uninstalled,
    UnknownEvent,
    User,
    callback_body,
    registration_query,
)
from altegio_partner.sandbox import Sandbox
from tests.servers.scripted import closed_port

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "fastapi": ["-m", "uvicorn", "--app-dir", "examples", "--port", "PORT", "fastapi_app:app"],
    "flask": ["-m", "flask", "--app", "examples/flask_app.py", "run", "--port", "PORT"],
    "django": ["examples/django_app.py", "runserver", "--noreload", "PORT"],
}
READY = re.compile(r"running on|Running on|Quit the server")
OWNER = User(7, "Zoë Fake", salon_name="Zoë's <b>")
WHERE: dict[str, Any] = {"salon_id": 5, "application_id": 123}
PAID = Paid(
    **WHERE,
    payment_id=777,
    amount=Decimal("49.50"),
    currency_iso="EUR",
    discount=None,
    period_from=datetime(2022, 1, 1),
    period_to=datetime(2022, 1, 31),
    payment_date=datetime(2022, 1, 1),
    tariff_option_id=None,
)


@contextmanager
def running(kind: str, url: str, settings: dict[str, str]) -> Iterator[None]:
    port = url.rpartition(":")[2]
    command = [sys.executable, *[port if word == "PORT" else word for word in COMMANDS[kind]]]
    environment = {**os.environ, **settings, "PYTHONUNBUFFERED": "1", "NO_PROXY": "127.0.0.1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if READY.search(line):
                break
        else:
            pytest.fail("".join(lines))
        try:
            yield
        finally:
            process.terminate()
            rest, _ = process.communicate(timeout=10)
            assert "Traceback" not in rest, rest
            assert "sandbox-partner-token" not in rest


@pytest.fixture(params=COMMANDS, scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, httpx.Client]]:
    """A sandbox, an application that calls it and is called by it, and a browser for the application."""
    partner = closed_port()
    sandbox = Sandbox(registration_url=f"{partner}/register", callback_url=f"{partner}/altegio")
    with sandbox.serve() as url:
        settings = {
            "ALTEGIO_BASE_URL": url,
            "ALTEGIO_PARTNER_TOKEN": sandbox.partner_token,
            "ALTEGIO_APPLICATION_ID": str(sandbox.application_id),
        }
        with (
            running(request.param, partner, settings),
            httpx.Client(base_url=partner, trust_env=False, timeout=10) as browser,
        ):
            yield sandbox, browser


def test_a_location_from_beginning_to_end(world: tuple[Sandbox, httpx.Client]) -> None:
    sandbox, browser = world
    address = sandbox.connect(5, user=OWNER)
    assert address
    asked = browser.get(address)
    assert "Register location 5" in asked.text
    assert "value='Zoë&#x27;s &lt;b&gt;'" in asked.text
    sent_on = browser.post(address, data={"name": "<i>Zoë</i>"})
    assert sent_on.status_code == 303
    assert sent_on.headers["location"].endswith("/further-setup?salon_id=5")
    assert sandbox.installation(5).status == "active"
    assert "&lt;i&gt;Zoë&lt;/i&gt;" in browser.get("/").text

    again = browser.post(address, data={"name": "Mallory"})
    assert (again.status_code, "Connected already: location 5. Log in" in again.text) == (403, True)
    assert "Mallory" not in browser.get("/").text

    pay = "/pay/5" if "/pay/5" in browser.get("/").text else "/pay"
    assert browser.post(pay, data={"salon_id": "5"}).status_code == 303
    (payment,) = sandbox.payments(5)
    refund = f"/refund/{payment.id}" if pay == "/pay/5" else "/refund"
    assert f"Refund {payment.id}" in browser.get("/").text
    sandbox.inject_fault("lose_answer")
    lost = browser.post(pay, data={"salon_id": "5"})
    assert (lost.status_code, "It is unknown whether it was recorded" in lost.text) == (502, True)
    sandbox.inject_fault("success_false")
    refused = browser.post(refund, data={"payment_id": str(payment.id)})
    assert (refused.status_code, "It was not recorded" in refused.text) == (502, True)
    assert browser.post(refund, data={"payment_id": str(payment.id)}).status_code == 303
    assert [one.is_refunded for one in sandbox.payments(5)] == [True, False]

    (frozen,) = sandbox.freeze(5)
    assert (frozen.status, frozen.answer) == (200, "taken")
    assert "(frozen)" in browser.get("/").text
    assert [one.status for one in sandbox.uninstall(5, deliveries=3)] == [200] * 3
    assert "Pay for location" not in browser.get("/").text


def test_several_locations_at_once(world: tuple[Sandbox, httpx.Client]) -> None:
    sandbox, browser = world
    for salon_id in (11, 12):
        sandbox.connect(salon_id)
    query = registration_query([11, 12], partner_token=sandbox.partner_token)
    assert "Register location 11, 12" in browser.get(f"/register?{query}").text
    assert browser.post(f"/register?{query}", data={"name": "Both"}).status_code == 303
    assert [sandbox.installation(salon_id).status for salon_id in (11, 12)] == ["active", "active"]


def test_nobody_gets_a_location_by_typing_its_number(world: tuple[Sandbox, httpx.Client]) -> None:
    """It is connected, but the application knows nothing of it: it crashed after the call, say, or was restored."""
    sandbox, browser = world
    sandbox.connect(66)
    with PartnerClient(
        sandbox.partner_token, application_id=sandbox.application_id, transport=sandbox.transport()
    ) as partner:
        partner.complete_registration(salon_id=66)
    thefts = ["salon_id=66", registration_query(66, partner_token=sandbox.partner_token, user=OWNER)]
    for query in thefts:  # the second is of an owner whom Altegio knows, with the number of another's location
        refused = browser.post(f"/register?{query}", data={"name": "Mallory"})
        assert (refused.status_code, "Connected already: location 66. Log in" in refused.text) == (403, True)
    assert "Mallory" not in browser.get("/").text
    assert "location 66" not in browser.get("/").text


def test_who_has_not_clicked_connect_is_not_registered(world: tuple[Sandbox, httpx.Client]) -> None:
    _, browser = world
    refused = browser.post("/register?salon_id=99", data={"name": "Mallory"})
    assert (refused.status_code, "It was not recorded" in refused.text) == (502, True)
    assert "Mallory" not in browser.get("/").text


def test_a_payment_is_taken_once(world: tuple[Sandbox, httpx.Client]) -> None:
    sandbox, browser = world
    body = callback_body(PAID, partner_token=sandbox.partner_token)
    assert browser.post("/altegio", content=body).text == "taken"
    refund = "/refund/777" if "/refund/777" in browser.get("/").text else "/refund"
    assert "Refund 777" in browser.get("/").text
    browser.post(refund, data={"payment_id": "777"})  # which the sandbox does not know: it stays
    assert [browser.post("/altegio", content=body).text for _ in range(2)] == ["taken"] * 2
    assert browser.get("/").text.count("<button>Refund 777") == 1


@pytest.mark.parametrize("event", [Uninstalled(**WHERE), Frozen(**WHERE), PAID, UnknownEvent(**WHERE, event="moved")])
def test_what_is_not_altegios_changes_nothing(world: tuple[Sandbox, httpx.Client], event: Any) -> None:
    sandbox, browser = world
    before = browser.get("/").text
    forged = evolve(event, payment_id=888) if isinstance(event, Paid) else event
    refused = browser.post("/altegio", content=callback_body(forged, partner_token="another"))
    assert (refused.status_code, "wrong_token" in refused.text) == (403, True)
    body = callback_body(forged, partner_token=sandbox.partner_token)
    cut = browser.post("/altegio", content=body[:-2])
    assert (cut.status_code, "not_understood" in cut.text) == (403, True)
    assert browser.get("/").text == before
    assert browser.post("/altegio", content=b"x" * 70_000).status_code in (400, 403, 413)


def test_a_registration_that_altegio_has_not_signed(world: tuple[Sandbox, httpx.Client]) -> None:
    _, browser = world
    query = registration_query(5, partner_token="another", user=OWNER)
    for method in ("GET", "POST"):
        refused = browser.request(method, f"/register?{query}", data={"name": "Mallory"} if method == "POST" else None)
        assert (refused.status_code, "wrong_signature" in refused.text) == (403, True)
    assert browser.get("/register").status_code == 403
