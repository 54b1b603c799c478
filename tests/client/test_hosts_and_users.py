"""Where calls go, and who signs them."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

from altegio_partner import AsyncPartnerClient, Call, NotSentError, PartnerClient
from tests.callers import APPLICATION, TOKEN, USER_TOKEN, Callers
from tests.client.test_secrets import all_there_is, assert_no_secret_in

A, B = "https://app.alteg.io", "https://api.alteg.io/api/v1"
HERE = "http://127.0.0.1:8000"
LINK = {"success": True, "data": {"url": "https://x.example/"}}


def where(caller: Callers, **options: Any) -> list[str]:
    """Return the addresses without the path of a call of each kind: its own, of the second host, of the contested."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url).partition("/marketplace")[0].partition("/countries")[0])
        return httpx.Response(200, json=LINK if "payment_link" in str(request.url) else {"success": True, "data": []})

    make = caller(transport=httpx.MockTransport(answer), **options)
    make("list_locations")
    make("dictionaries.list_countries")
    make("get_payment_link", salon_id=1)
    return asked


CASES: list[tuple[dict[str, str], dict[str, str], list[str]]] = [
    ({}, {}, [A, B, A]),
    ({"base_url": HERE}, {}, [HERE, f"{HERE}/api/v1", HERE]),
    ({"base_url": f"{A}/"}, {}, [A, B, A]),
    *(({"base_url": url}, {}, [A, B, A]) for url in ("HTTPS://app.alteg.io", "https://APP.Alteg.io", f"{A}:443")),
    ({"base_url": f"{A}:8443"}, {}, [f"{A}:8443", f"{A}:8443/api/v1", f"{A}:8443"]),
    ({"base_url": "https://api.yclients.example"}, {}, [*["https://api.yclients.example"] * 3]),
    ({"api_url": "https://other.example/v1/"}, {}, [A, "https://other.example/v1", A]),
    ({"base_url": HERE, "api_url": B}, {}, [HERE, B, HERE]),
    ({}, {"ALTEGIO_BASE_URL": HERE}, [HERE, f"{HERE}/api/v1", HERE]),
    ({}, {"ALTEGIO_API_URL": f"{HERE}/b"}, [A, f"{HERE}/b", A]),
    ({"api_url": B}, {"ALTEGIO_API_URL": f"{HERE}/b"}, [A, B, A]),
    ({"base_url": HERE}, {"ALTEGIO_API_URL": f"{HERE}/b"}, [HERE, f"{HERE}/b", HERE]),
    ({}, {"ALTEGIO_TARIFFS_URL": B}, [A, B, B]),
    ({}, {"ALTEGIO_API_URL": "", "ALTEGIO_TARIFFS_URL": ""}, [A, B, A]),
]


@pytest.mark.parametrize(("options", "environment", "expected"), CASES)
def test_where_calls_go(
    caller: Callers,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, str],
    environment: dict[str, str],
    expected: list[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = where(caller, **options)
    if options.get("base_url", "").startswith("https://api.yclients"):
        expected = [expected[0], f"{expected[1]}/api/v1", expected[2]]
    assert found == expected


WRONG: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({"api_url": ""}, {}, "api_url must be an absolute URL .* Write https://api.alteg.io/api/v1"),
    ({"api_url": f"https://{TOKEN}@x.example"}, {}, "api_url must be an absolute URL without user"),
    ({"api_url": f"http://{TOKEN}.example"}, {}, "api_url must be https .* Write https://api.alteg.io/api/v1"),
    ({"api_url": 5}, {}, "api_url must be an absolute URL"),
    ({}, {"ALTEGIO_API_URL": "api.alteg.io"}, "api_url must be an absolute URL"),
    ({}, {"ALTEGIO_TARIFFS_URL": "api.alteg.io"}, "tariffs_url must be an absolute URL"),
    ({"base_url": HERE}, {"ALTEGIO_API_URL": B}, "api_url must be a URL of this machine.* Unset ALTEGIO_API_URL"),
    ({"base_url": HERE}, {"ALTEGIO_TARIFFS_URL": A}, "tariffs_url must be a URL of this machine"),
    ({}, {"ALTEGIO_BASE_URL": HERE, "ALTEGIO_TARIFFS_URL": A}, "Unset ALTEGIO_TARIFFS_URL"),
    ({"user_token": f"{USER_TOKEN}\n"}, {}, "user_token must be 1 to 4096 visible ASCII"),
    ({"user_token": f"Bearer{USER_TOKEN}"}, {}, "user_token must be the token alone"),
    ({"user_token": f"<{USER_TOKEN}>"}, {}, "user_token must be your own"),
    ({"user_token": USER_TOKEN.encode()}, {}, "user_token must be a string, not bytes"),
    ({}, {"ALTEGIO_USER_TOKEN": f"User {USER_TOKEN}"}, "user_token must be 1 to 4096 visible ASCII"),
]


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
@pytest.mark.parametrize(("options", "environment", "words"), WRONG, ids=lambda it: it if isinstance(it, str) else "")
def test_wrong_settings(
    client: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    environment: dict[str, str],
    words: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=words) as caught:
        client(**{"partner_token": TOKEN, "application_id": 1, **options})
    assert_no_secret_in(*all_there_is(caught.value), secrets=[TOKEN, USER_TOKEN])


class Signed:
    """Keeps who has signed the requests."""

    def __init__(self) -> None:
        self.by: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.by.append(request.headers["authorization"])
        return httpx.Response(200, json={"success": True, "data": {"urls": []}})


def test_the_user_of_the_environment(caller: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALTEGIO_USER_TOKEN", "of-the-environment")
    signed = Signed()
    for options in ({}, {"user_token": "of-the-argument"}, {"user_token": ""}):
        caller(transport=httpx.MockTransport(signed), **options)("webhooks.get_settings", salon_id=1)
    tokens = ("of-the-environment", "of-the-argument", "of-the-environment")
    assert signed.by == [f"Bearer {TOKEN}, User {token}" for token in tokens]


def test_another_user_with_the_same_connections() -> None:
    signed = Signed()
    with PartnerClient(
        TOKEN, application_id=APPLICATION, user_token="first", transport=httpx.MockTransport(signed)
    ) as client:
        second = client.with_user_token("second")
        assert type(second) is PartnerClient
        for one in (client, second, client):
            one.webhooks.get_settings(salon_id=1)
    assert signed.by == [f"Bearer {TOKEN}, User {user}" for user in ("first", "second", "first")]
    with pytest.raises(RuntimeError, match="This client is closed"):
        second.webhooks.get_settings(salon_id=1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_another_user_with_the_same_connections_awaited(backend: str) -> None:
    signed = Signed()

    async def main() -> None:
        client = AsyncPartnerClient(TOKEN, application_id=APPLICATION, transport=httpx.MockTransport(signed))
        second = client.with_user_token("second")
        await second.webhooks.get_settings(salon_id=1)
        await second.aclose()
        with pytest.raises(RuntimeError, match="This client is closed"):
            await client.list_locations()

    anyio.run(main, backend=backend)
    assert signed.by == [f"Bearer {TOKEN}, User second"]


def test_another_user_that_is_none() -> None:
    with PartnerClient(TOKEN, application_id=1, transport=httpx.MockTransport(Signed())) as client:
        change: Callable[..., object] = client.with_user_token
        for wrong, words in (
            ("", "There is no user token"),
            (f"{USER_TOKEN} ", "visible ASCII"),
            (None, "There is no"),
        ):
            with pytest.raises(ValueError, match=words) as caught:
                change(wrong)
            assert_no_secret_in(*all_there_is(caught.value), secrets=[TOKEN, USER_TOKEN])


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
def test_neither_a_client_nor_a_family_shows_the_user_token(client: Callable[..., Any]) -> None:
    partner = client(TOKEN, application_id=1, user_token=USER_TOKEN)
    for one in (partner, partner.with_user_token(f"{USER_TOKEN}2"), partner.webhooks, partner.voip):
        parts = [vars(part) for part in vars(one).values() if hasattr(part, "__dict__")]
        assert_no_secret_in(repr(one), repr(vars(one)), repr(parts), secrets=[TOKEN, USER_TOKEN])
        for spread in (copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="can be neither pickled nor copied"):
                spread(one)


def test_a_call_of_ones_own_can_need_a_user_and_the_second_host(caller: Callers) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((str(request.url), request.headers["authorization"]))
        return httpx.Response(200, json={"success": True, "data": 5})

    request = {"method": "get", "url": "/company/5/staff"}
    call = Call("staff", request, lambda it: it["data"], host="api_url", needs_user=True)
    assert caller(transport=httpx.MockTransport(answer), user_token=USER_TOKEN)("perform", call=call) == 5
    assert asked == [(f"{B}/company/5/staff", f"Bearer {TOKEN}, User {USER_TOKEN}")]


SANDBOX = "http://sandbox:8000"


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
@pytest.mark.parametrize("name", ["base_url", "api_url"])
def test_http_to_another_host_is_for_the_one_that_is_named_and_warns(
    client: Callable[..., object], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    options: dict[str, Any] = {"partner_token": TOKEN, "application_id": APPLICATION, name: SANDBOX}
    for other in ("", "altegio", "andbox", "sandbox:8000"):
        monkeypatch.setenv("ALTEGIO_UNENCRYPTED_HOST", other)
        with pytest.raises(ValueError, match=f"{name} must be https .* set ALTEGIO_UNENCRYPTED_HOST to the name"):
            client(**options)
    monkeypatch.setenv("ALTEGIO_UNENCRYPTED_HOST", "Sandbox")
    with pytest.warns(UserWarning, match="the token is sent to Sandbox without encryption") as warned:
        client(**options)
    assert [one.filename for one in warned] == [__file__]
    with pytest.raises(ValueError, match=f"{name} must be https"):
        client(**{**options, name: "ftp://sandbox"})


def test_the_permission_for_one_host_is_none_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALTEGIO_UNENCRYPTED_HOST", "sandbox")
    for url in ("http://app.alteg.io", "http://sandbox.example", "http://a.sandbox"):
        with pytest.raises(ValueError, match="base_url must be https"):
            PartnerClient(TOKEN, application_id=APPLICATION, base_url=url)
    for url in (A, HERE):
        PartnerClient(TOKEN, application_id=APPLICATION, base_url=url).close()  # warnings are errors here


def test_the_hint_at_a_sandbox_is_about_the_host_of_the_call(caller: Callers) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("")

    call = caller(transport=httpx.MockTransport(refuse), base_url=HERE, api_url=B, max_retries=0)
    with pytest.raises(NotSentError, match="Is the sandbox running"):
        call("list_locations")
    with pytest.raises(NotSentError, match=r"send it again\.$"):
        call("dictionaries.list_countries")


def test_a_wrong_proxy_of_the_second_host_is_found_when_the_client_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:80x")
    PartnerClient(TOKEN, application_id=1, base_url=HERE).close()
    with pytest.raises(ValueError, match="HTTPS_PROXY is not the URL of a proxy"):
        PartnerClient(TOKEN, application_id=1, base_url=HERE, api_url=B)
