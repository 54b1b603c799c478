"""What the page says about locations and calls."""

import shlex
from datetime import timedelta

import httpx
import pytest

from altegio_partner.sandbox import Sandbox
from altegio_partner.sandbox.json_views import exchange_view
from altegio_partner.sandbox.page_words import curl_command, indented_json, reason, waits_for
from tests.callers import SANDBOX_HEADERS

SALON = 123


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def words(sandbox: Sandbox) -> str:
    found = sandbox.installation(SALON)
    return f"{reason(found.logs[-1])} {waits_for(found)}"


def test_every_state_has_its_reason_and_what_it_waits_for(sandbox: Sandbox) -> None:
    sandbox.connect(SALON)
    until = sandbox.now + timedelta(hours=12)
    assert words(sandbox) == (
        f"The owner has clicked Connect. Waits for your application to register it, until {until}."
    )
    sandbox.advance(timedelta(hours=13))
    owner = "Waits for the owner to click Connect."
    assert words(sandbox) == f"Your application did not register it within 12 hours. {owner}"
    sandbox.connect(SALON)
    sandbox.register(SALON)
    until = sandbox.now + timedelta(days=15)
    unless = "unless a payment for a later period is reported."
    assert words(sandbox) == (
        f"Your application has registered it. No period is paid. Altegio freezes it after {until}, {unless}"
    )
    sandbox.advance(timedelta(days=16))
    frozen = "Waits for a payment for a period that is not over."
    assert words(sandbox) == f"The trial or the paid period is over, or its payment was refunded. {frozen}"
    sandbox.pay(SALON, 5)
    paid = sandbox.now + timedelta(days=30)
    freeze = f"Altegio freezes it after {paid + timedelta(days=1)}, {unless}"
    assert words(sandbox) == f"A payment has unfrozen it. Paid until {paid}. {freeze}"
    sandbox.freeze(SALON)
    assert words(sandbox) == f"Altegio has frozen it. {frozen}"
    sandbox.refund(sandbox.payments(SALON)[0].id)
    sandbox.advance(timedelta(days=2))
    sandbox.unfreeze(SALON)
    assert words(sandbox) == "Altegio has unfrozen it, without a payment. Altegio does not freeze it by itself."
    sandbox.uninstall(SALON)
    assert words(sandbox) == f"The owner has removed the application. {owner}"
    sandbox.connect(SALON)
    with httpx.Client(transport=sandbox.transport(), base_url="https://x", headers=SANDBOX_HEADERS) as http:
        assert http.post(f"/marketplace/salon/{SALON}/application/123/uninstall").status_code == 200
    assert words(sandbox) == f"Your application has uninstalled itself. {owner}"


def test_a_refund_is_reported_once(sandbox: Sandbox) -> None:
    sandbox.connect(SALON)
    sandbox.register(SALON)
    sandbox.pay(SALON, 5)
    sandbox.refund(123)
    sandbox.assert_refunded(SALON, 123)
    with pytest.raises(ValueError, match=r"Payment 123 cannot be refunded: it is already\."):
        sandbox.refund(123)
    with pytest.raises(ValueError, match=r"Payment 124 cannot be refunded: there is no such payment\."):
        sandbox.refund(124)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("{}", "{}"),
        ("[ ]", "[ ]"),
        (
            '{"a":990.90,"a":[1,{"b":"}\\" ,"}],"c":null}',
            '{\n  "a": 990.90,\n  "a": [\n    1,\n    {\n      "b": "}\\" ,"\n    }\n  ],\n  "c": null\n}',
        ),
        ("[1E400, -0.0, 12345678901234567890]", "[\n  1E400,\n  -0.0,\n  12345678901234567890\n]"),
        ("a=5&b=6", "a=5&b=6"),
        ("", ""),
        ("[" * 100_000, "[" * 100_000),
    ],
)  # fmt: skip
def test_json_is_indented_but_not_changed(sent: str, shown: str) -> None:
    assert indented_json(sent) == shown


def test_a_curl_command_has_variables_for_the_tokens(sandbox: Sandbox) -> None:
    tokens = f"Bearer {sandbox.partner_token}, User {sandbox.user_token}"
    with httpx.Client(transport=sandbox.transport(), base_url="https://x", headers={"user-agent": "t"}) as http:
        http.post("/x", params={"a": "it's $HOME"}, content="it's", headers={"Authorization": tokens})
        http.get("/y", headers={"Authorization": "Basic"})
    with_tokens, without = (curl_command(exchange_view(one), "http://a") for one in sandbox.calls)
    lines = with_tokens.split(" \\\n  ")
    assert lines[0].startswith("curl -i -X POST 'http://a/x?a=it")
    assert shlex.split(lines[0])[4] == f"http://a/x?{sandbox.calls[0].request.query}"
    assert lines[1:] == [
        "-H 'accept: */*'",
        "-H 'user-agent: t'",
        '-H "authorization: Bearer $ALTEGIO_PARTNER_TOKEN, User $ALTEGIO_USER_TOKEN"',
        """--data-raw 'it'"'"'s'""",
    ]
    assert without.startswith("curl -i -X GET http://a/y \\\n")
    assert without.endswith("-H 'authorization: Basic'")
