"""For arbitrary input and arbitrary responses, only this library's errors are raised, without secrets."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import Any
from unittest import mock

import anyio.from_thread
import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from altegio_partner import AltegioError, AsyncPartnerClient, PartnerClient, RateLimitError
from tests.callers import API_KEY, APPLICATION, CALLS, PAYMENT, TOKEN
from tests.servers.scripted import ScriptedServer
from tests.soundness.argument_strategies import ARGUMENTS, ENVIRONMENT, SETTINGS, anything
from tests.soundness.parameters import CASES, IS_ALL
from tests.soundness.response_strategies import answers, bodies, raw_answers, retry_afters

KINDS = ("sync", "asyncio", "trio")
many = settings(
    max_examples=CASES if IS_ALL else 300,
    derandomize=True,  # the same examples every time
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
kinds = st.sampled_from(KINDS)
methods = st.sampled_from(sorted(CALLS))


def assert_reveals_no_secret(error: BaseException, *secrets: str) -> None:
    shown = " ".join([str(error), repr(error), repr(vars(error)), repr(error.__context__), repr(error.__cause__)])
    for secret in secrets or (TOKEN, API_KEY):
        for start in range(len(secret) - 5):
            assert secret[start : start + 6].lower() not in shown.lower()


class Partner:
    """A client of one kind, called in the same way for every kind."""

    def __init__(self, kind: str, stack: ExitStack, **options: Any) -> None:
        options = {"partner_token": TOKEN, "application_id": APPLICATION, "max_retries": 0, **options}
        if kind == "sync":
            self._client: Any = stack.enter_context(PartnerClient(**options))
            self._run: Callable[..., Any] = _called
        else:
            portal = stack.enter_context(anyio.from_thread.start_blocking_portal(kind))
            self._client = stack.enter_context(portal.wrap_async_context_manager(AsyncPartnerClient(**options)))
            self._run = portal.call

    def call(self, method: str, arguments: dict[str, Any]) -> Any:
        """Return what the call gives, or what may be raised instead."""
        try:
            return self._run(partial(getattr(self._client, method), **arguments))
        except ValueError as error:
            assert_reveals_no_secret(error)
            return error
        except AltegioError as error:
            assert_reveals_no_secret(error, TOKEN, *[API_KEY] * ("api_key" in arguments))  # others do not know the key
            return error


def _called(function: Callable[[], Any]) -> Any:
    return function()


class Altegio:
    """Answers as configured, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answer = httpx.Response(200)
        self.sent: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent = [*self.sent[-1:], request]  # all of them would be too many
        return self.answer


def yes() -> httpx.Response:
    return httpx.Response(200, json={"success": True, "data": {"id": 5}})


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "altegio_partner")  # it warns of every failure


@pytest.fixture
def altegio() -> Altegio:
    return Altegio()


@pytest.fixture
def partners(altegio: Altegio) -> Iterator[dict[str, Partner]]:
    with ExitStack() as stack:
        yield {kind: Partner(kind, stack, transport=altegio.transport) for kind in KINDS}


@many
@given(
    client=st.sampled_from([PartnerClient, AsyncPartnerClient]),
    replaced=st.fixed_dictionaries({}, optional=SETTINGS),  # were all, the first would end every try
)
def test_any_settings_make_a_client_or_a_value_error(client: Callable[..., object], replaced: dict[str, Any]) -> None:
    try:
        client(**{"partner_token": TOKEN, "application_id": APPLICATION, **replaced})
    except ValueError as error:
        assert_reveals_no_secret(error)


@many
@given(
    client=st.sampled_from([PartnerClient, AsyncPartnerClient]),
    replaced=st.fixed_dictionaries({}, optional=ENVIRONMENT),
)
def test_any_environment_makes_a_client_or_a_value_error(
    client: Callable[..., object], replaced: dict[str, str]
) -> None:
    environment = {"ALTEGIO_PARTNER_TOKEN": TOKEN, "ALTEGIO_APPLICATION_ID": "77", **replaced}
    with mock.patch.dict(os.environ, environment):
        try:
            client()
        except ValueError as error:
            assert_reveals_no_secret(error)


@many
@given(client=st.sampled_from([PartnerClient, AsyncPartnerClient]), transport=anything)
def test_anything_is_a_transport_or_a_value_error(client: Callable[..., object], transport: Any) -> None:
    try:
        client(TOKEN, application_id=APPLICATION, transport=transport)
    except ValueError as error:
        assert_reveals_no_secret(error)
    else:
        assert transport is None


@many
@given(
    kind=kinds,
    chosen=st.fixed_dictionaries({"base_url": SETTINGS["base_url"]}, optional={"timezone": SETTINGS["timezone"]}),
)
def test_settings_that_are_taken_work(kind: str, chosen: dict[str, Any]) -> None:
    """What is wrong with an address, say, is found when the client is built, and not by the first call."""
    altegio = Altegio()
    with ExitStack() as stack:
        try:
            partner = Partner(kind, stack, transport=altegio.transport, **chosen)
        except ValueError as error:
            assert_reveals_no_secret(error)
            return
        altegio.answer = yes()
        assert partner.call("notify_payment", PAYMENT) == 5


@pytest.mark.parametrize("method", sorted(CALLS))
def test_any_arguments_are_sent_as_json_or_are_a_value_error(method: str, altegio: Altegio) -> None:
    @many
    @given(
        client=st.tuples(kinds, st.sampled_from([None, "Europe/Berlin"])),
        replaced=st.fixed_dictionaries({}, optional=ARGUMENTS[method]),
    )
    def check(client: tuple[str, str | None], replaced: dict[str, Any]) -> None:
        altegio.sent.clear()
        altegio.answer = yes()
        outcome = zoned[client].call(method, {**CALLS[method], **replaced})
        if isinstance(outcome, Exception):
            assert isinstance(outcome, ValueError)
            assert altegio.sent == []
        else:
            assert outcome == (5 if method == "notify_payment" else None)
            (request,) = altegio.sent
            body = json.loads(request.content or b"{}", parse_constant=pytest.fail)  # NaN is not JSON
            assert 0 < body.get("salon_id", 1) < 2**63

    with ExitStack() as stack:
        zoned = {
            (kind, zone): Partner(kind, stack, transport=altegio.transport, timezone=zone)
            for kind in KINDS
            for zone in (None, "Europe/Berlin")
        }
        check()


def test_any_answer_is_a_success_or_one_of_our_errors(altegio: Altegio, partners: dict[str, Partner]) -> None:
    @many
    @given(kind=kinds, method=methods, answer=answers)
    def check(kind: str, method: str, answer: httpx.Response) -> None:
        altegio.answer = answer
        assert_is_sound(method, partners[kind].call(method, CALLS[method]))

    check()


def test_any_bytes_are_a_success_or_one_of_our_errors() -> None:
    @many
    @given(kind=kinds, method=methods, raw=raw_answers)
    def check(kind: str, method: str, raw: bytes) -> None:
        server.answer_with(raw)
        assert_is_sound(method, partners[kind].call(method, CALLS[method]))
        server.requests.clear()

    with ScriptedServer() as server, ExitStack() as stack:
        partners = {kind: Partner(kind, stack, base_url=server.url, timeout=10) for kind in KINDS}
        check()


def assert_is_sound(method: str, outcome: Any) -> None:
    if isinstance(outcome, Exception):
        assert isinstance(outcome, AltegioError)
    elif method == "notify_payment":
        assert 0 < outcome < 2**63
    elif method == "notify_refund":
        assert outcome is None
    else:
        assert outcome is None or isinstance(outcome, str)


def test_any_retry_after_is_some_seconds_or_nothing(altegio: Altegio, partners: dict[str, Partner]) -> None:
    @many
    @given(kind=kinds, header=retry_afters, body=bodies)
    def check(kind: str, header: bytes, body: bytes) -> None:
        altegio.answer = httpx.Response(429, headers=[(b"Retry-After", header)], content=body)
        error = partners[kind].call("notify_refund", CALLS["notify_refund"])
        assert isinstance(error, RateLimitError)
        assert error.retry_after is None or (error.retry_after >= 0 and isfinite(error.retry_after))

    check()


def sent_for(altegio: Altegio, timezone: tzinfo | None = None, **replaced: Any) -> dict[str, Any] | None:
    """Report a payment, and return what is sent, with numbers as they stand there, or None when it is refused."""
    altegio.sent.clear()
    altegio.answer = yes()
    with ExitStack() as stack:
        partner = Partner("sync", stack, transport=altegio.transport, timezone=timezone)
        if isinstance(partner.call("notify_payment", {**PAYMENT, **replaced}), ValueError):
            return None
    body: dict[str, Any] = json.loads(altegio.sent[0].content, parse_float=Decimal, parse_int=Decimal)
    return body


@many
@example(payment_sum="2384185791015625000")  # of which a float has another integer value
@given(payment_sum=st.one_of(ARGUMENTS["notify_payment"]["payment_sum"], st.decimals(0, 10**25, places=3)))
def test_a_sum_arrives_exactly_or_is_refused(payment_sum: Any) -> None:
    body = sent_for(Altegio(), payment_sum=payment_sum)
    if body is not None:
        assert body["payment_sum"] == Decimal(payment_sum)
        assert Decimal(repr(float(body["payment_sum"]))) == Decimal(payment_sum)  # for those who read it as a float


@many
@given(payment_sum=st.decimals(0, 10**13 - 1, places=2))
def test_a_sum_of_at_most_15_digits_is_never_refused(payment_sum: Decimal) -> None:
    for form in (payment_sum, f"{payment_sum:f}", payment_sum.normalize()):
        body = sent_for(Altegio(), payment_sum=form)
        assert body is not None
        assert body["payment_sum"] == payment_sum


def read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  it carries no zone


@many
@given(moment=st.datetimes())
def test_a_naive_datetime_arrives_as_it_is_to_the_second(moment: datetime) -> None:
    body = sent_for(Altegio(), payment_date=moment)
    assert body is not None
    assert read(body["payment_date"]) == moment.replace(microsecond=0)


@many
@given(moment=st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.timezones()), timezone=st.timezones())
def test_an_aware_datetime_arrives_as_the_same_moment_in_the_zone_of_the_client(
    moment: datetime, timezone: tzinfo
) -> None:
    body = sent_for(Altegio(), timezone, payment_date=moment)
    assert body is not None
    local = read(body["payment_date"])
    moments = {local.replace(tzinfo=timezone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    assert moment.astimezone(UTC).replace(microsecond=0) in moments


@many
@given(first=ARGUMENTS["notify_payment"]["period_from"], last=ARGUMENTS["notify_payment"]["period_to"])
def test_a_period_arrives_in_order_or_is_refused(first: Any, last: Any) -> None:
    body = sent_for(Altegio(), period_from=first, period_to=last)
    if body is not None:
        assert read(body["period_from"]) < read(body["period_to"])
