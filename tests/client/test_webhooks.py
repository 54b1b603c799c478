"""Webhook settings: read, replaced, and changed in part although Altegio replaces the whole."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.values.webhooks import EVENTS
from tests.callers import USER_TOKEN, Callers

OURS, THEIRS = "https://ours.example/hook?secret=1", "http://theirs.example/hook"
Hook = Callable[["Hooks"], httpx.Response | None]


class Hooks:
    """Keeps the webhook settings of a location as Altegio does: one POST replaces them all."""

    def __init__(self, urls: list[str], *, has_url_settings: bool = True, **flags: int) -> None:
        self.settings = {url: {"active": 1, "record": 1, "client": 0, "new_kind": 1, **flags} for url in urls}
        self.flags: dict[str, int] = {"active": 0, "record": 0, "client": 0, "new_kind": 0, **flags}
        self.requests: list[tuple[str, Any]] = []
        self.before: dict[int, Hook] = {}
        """What happens before the request of this number is carried out."""
        self.after: dict[int, Hook] = {}
        self._has_url_settings = has_url_settings

    def __call__(self, request: httpx.Request) -> httpx.Response:
        number = len(self.requests)
        body = json.loads(request.content) if request.content else None
        self.requests.append((request.method, body))
        assert request.url.path == "/api/v1/hooks_settings/5"
        assert request.headers["authorization"].endswith(f", User {USER_TOKEN}")
        failed = self.before[number](self) if number in self.before else None
        if failed is not None:
            return failed
        if body is not None:
            self.replace(**body)
        failed = self.after[number](self) if number in self.after else None
        return failed if failed is not None else httpx.Response(201 if body else 200, json=self.shown())

    def replace(self, urls: list[str], **flags: int) -> None:
        self.flags = flags
        self.settings = dict.fromkeys(urls, flags)

    def shown(self) -> dict[str, Any]:
        first = next(iter(self.settings.values()), self.flags)
        data: dict[str, Any] = {"urls": list(self.settings) or [""], "company_id": 5, "self_sending": 0, **first}
        if self._has_url_settings:
            data["url_settings"] = [{"url": url, "self_sending": 0, **it} for url, it in self.settings.items()]
        return {"success": True, "data": data, "meta": []}


def change(caller: Callers, hooks: Hooks, method: str, **arguments: Any) -> ap.WebhookSettings:
    transport = httpx.MockTransport(hooks)
    found = caller(transport=transport, user_token=USER_TOKEN, max_retries=0)(
        f"webhooks.{method}", salon_id=5, **arguments
    )
    assert isinstance(found, ap.WebhookSettings)
    return found


def test_what_is_read(caller: Callers) -> None:
    hooks = Hooks([OURS, THEIRS])
    found = change(caller, hooks, "get_settings")
    assert (found.urls, found.active, found.events) == ((OURS, THEIRS), True, frozenset({"record", "new_kind"}))
    assert (found.self_sending, [one.url for one in found.url_settings]) == (False, [OURS, THEIRS])
    assert {one.events for one in found.url_settings} == {frozenset({"record", "new_kind"})}
    assert {one.active for one in found.url_settings} == {True}
    assert found.raw == hooks.shown()["data"]


def test_a_location_without_urls(caller: Callers) -> None:
    assert change(caller, Hooks([]), "get_settings").urls == ()


def test_true_and_false_are_read_too(caller: Callers) -> None:
    data = {"urls": [OURS], "active": False, "record": True, "client": "1", "salon": "0"}

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"success": True, "data": data})

    found = caller(transport=httpx.MockTransport(answer), user_token=USER_TOKEN)("webhooks.get_settings", salon_id=5)
    assert (found.active, found.events, found.url_settings) == (False, frozenset({"record", "client"}), ())


@pytest.mark.parametrize("data", [{}, {"urls": "x"}, {"urls": [OURS], "url_settings": [{}]}, "x", None], ids=repr)
def test_settings_without_what_cannot_be_missing(caller: Callers, data: object) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"success": True, "data": data})

    with pytest.raises(ap.UnreadableAnswerError):
        caller(transport=httpx.MockTransport(answer), user_token=USER_TOKEN, max_retries=0)(
            "webhooks.get_settings", salon_id=5
        )


def test_they_are_replaced(caller: Callers) -> None:
    hooks = Hooks([OURS, THEIRS])
    found = change(caller, hooks, "update_settings", urls=[THEIRS], events=["client"], active=False)
    assert (found.urls, found.active, found.events) == ((THEIRS,), False, frozenset({"client"}))
    assert hooks.requests == [("POST", {"urls": [THEIRS], "active": 0, **dict.fromkeys(EVENTS, 0), "client": 1})]


@pytest.mark.parametrize("has_url_settings", [True, False])
def test_a_url_is_added(caller: Callers, has_url_settings: bool) -> None:
    hooks = Hooks([THEIRS], has_url_settings=has_url_settings)
    found = change(caller, hooks, "add_url", url=OURS)
    assert found.urls == (THEIRS, OURS)
    kept = {"active": 1, "record": 1, "client": 0, "new_kind": 1, "self_sending": 0}
    assert hooks.requests == [("GET", None), ("POST", {"urls": [THEIRS, OURS], **kept}), ("GET", None)]


def test_a_first_url_is_added(caller: Callers) -> None:
    hooks = Hooks([])
    assert change(caller, hooks, "add_url", url=OURS).urls == (OURS,)


def test_a_url_that_is_there_already(caller: Callers) -> None:
    hooks = Hooks([OURS, *(f"https://{n}.example/" for n in range(9))])
    assert change(caller, hooks, "add_url", url=OURS).urls[0] == OURS
    assert hooks.requests == [("GET", None)]


def test_an_eleventh_url(caller: Callers) -> None:
    hooks = Hooks([f"https://{n}.example/" for n in range(10)])
    with pytest.raises(ap.ConflictError, match="location 5 stay as they are: there are 10 URLs already"):
        change(caller, hooks, "add_url", url=OURS)
    assert hooks.requests == [("GET", None)]


def test_a_url_is_removed(caller: Callers) -> None:
    hooks = Hooks([OURS, THEIRS])
    assert change(caller, hooks, "remove_url", url=THEIRS).urls == (OURS,)
    assert change(caller, hooks, "remove_url", url=THEIRS).urls == (OURS,)
    assert [method for method, _ in hooks.requests] == ["GET", "POST", "GET", "GET"]


def test_the_only_url(caller: Callers) -> None:
    hooks = Hooks([OURS])
    with pytest.raises(
        ap.ConflictError, match=r"it is the only URL, and Altegio takes no empty list. Set active=False"
    ):
        change(caller, hooks, "remove_url", url=OURS)
    assert hooks.requests == [("GET", None)]


def test_events_are_chosen(caller: Callers) -> None:
    hooks = Hooks([OURS, THEIRS])
    found = change(caller, hooks, "set_events", events={"client", "schedule"})
    assert (found.urls, found.events, found.active) == ((OURS, THEIRS), frozenset({"client", "schedule"}), True)
    assert hooks.requests[1][1] == {
        "urls": [OURS, THEIRS], "active": 1, "record": 0, "client": 1, "new_kind": 0, "schedule": 1, "self_sending": 0,
    }  # fmt: skip
    found = change(caller, hooks, "set_events", events=["client"], active=False)
    assert (found.events, found.active) == (frozenset({"client"}), False)


def test_events_of_a_location_without_urls(caller: Callers) -> None:
    hooks = Hooks([])
    with pytest.raises(ap.ConflictError, match=r"there is no URL, and Altegio takes no empty list. Add one first"):
        change(caller, hooks, "set_events", events=["client"])
    assert hooks.requests == [("GET", None)]


@pytest.mark.parametrize("different", [{"active": 0}, {"client": 1}, {"self_sending": 1}])
def test_urls_whose_settings_differ_are_left_alone(caller: Callers, different: dict[str, int]) -> None:
    hooks = Hooks([OURS, THEIRS])
    hooks.settings[THEIRS] = {**hooks.settings[THEIRS], **different}
    for method, arguments in (
        ("add_url", {"url": "https://new.example/"}),
        ("remove_url", {"url": OURS}),
        ("set_events", {"events": ["client"]}),
    ):
        with pytest.raises(
            ap.ConflictError, match="the URLs have different ones, and what is written becomes the same"
        ):
            change(caller, hooks, method, **arguments)
    assert {method for method, _ in hooks.requests} == {"GET"}


UNREADABLE: list[dict[str, Any]] = [{}, {"active": None}, {"active": "yes"}, {"active": 2}]


@pytest.mark.parametrize("active", UNREADABLE, ids=repr)
@pytest.mark.parametrize(
    ("method", "arguments"),
    [("add_url", {"url": "https://new.example/"}), ("remove_url", {"url": OURS}), ("set_events", {"events": []})],
)
def test_events_are_not_stopped_where_altegio_does_not_say_whether_they_are_sent(
    caller: Callers, method: str, arguments: dict[str, Any], active: dict[str, Any]
) -> None:
    hooks = Hooks([OURS, THEIRS])
    hooks.settings = {url: {"record": 1, **active} for url in hooks.settings}
    with pytest.raises(
        ap.ConflictError, match=r"location 5 stay as they are: Altegio does not say whether events are sent. Say it"
    ):
        change(caller, hooks, method, **arguments)
    assert hooks.requests == [("GET", None)]


@pytest.mark.parametrize("wanted", [True, False])
def test_the_caller_can_say_whether_they_are_sent(caller: Callers, wanted: bool) -> None:
    hooks = Hooks([OURS])
    hooks.settings = {OURS: {"record": 1}}
    assert change(caller, hooks, "set_events", events=["record"], active=wanted).active is wanted
    assert hooks.requests[1] == ("POST", {"urls": [OURS], "active": int(wanted), "record": 1, "self_sending": 0})


def somebody_else(hooks: Hooks) -> None:
    hooks.replace([THEIRS], active=1, record=1)


@pytest.mark.parametrize("when", ["after", "before"])
def test_somebody_else_writes_between_writing_and_reading(caller: Callers, when: str) -> None:
    hooks = Hooks([THEIRS])
    if when == "after":
        hooks.after[1] = somebody_else
    else:
        hooks.before[2] = somebody_else
    with pytest.raises(
        ap.ConflictError, match="are not what was just written: somebody else has changed them"
    ) as caught:
        change(caller, hooks, "add_url", url=OURS)
    assert not caught.value.safe_to_resend


def failure(_: Hooks) -> httpx.Response:
    return httpx.Response(502, text="<html>")


def test_an_answer_that_is_lost_after_writing(caller: Callers) -> None:
    hooks = Hooks([THEIRS])
    hooks.after[1] = failure
    assert change(caller, hooks, "add_url", url=OURS).urls == (THEIRS, OURS)
    assert [method for method, _ in hooks.requests] == ["GET", "POST", "GET"]


def test_an_answer_that_is_lost_before_writing(caller: Callers) -> None:
    hooks = Hooks([THEIRS])
    hooks.before[1] = failure
    with pytest.raises(ap.ServerError, match="The settings may have been replaced: read them before writing again"):
        change(caller, hooks, "add_url", url=OURS)
    assert [method for method, _ in hooks.requests] == ["GET", "POST", "GET"]
    assert change(caller, hooks, "add_url", url=OURS).urls == (THEIRS, OURS)


def test_a_refusal_to_write(caller: Callers) -> None:
    hooks = Hooks([THEIRS])
    hooks.before[1] = lambda _: httpx.Response(403, json={"success": False, "meta": {"message": "Access denied."}})
    with pytest.raises(ap.PermissionDeniedError, match="Access denied"):
        change(caller, hooks, "add_url", url=OURS)
    assert [method for method, _ in hooks.requests] == ["GET", "POST"]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("get_settings", {"salon_id": 0}, "salon_id must be a positive integer"),
    ("update_settings", {"urls": [], "events": []}, "urls must be one address or more. To stop all events, set active"),
    ("update_settings", {"urls": OURS, "events": []}, "urls must be a list"),
    (
        "update_settings",
        {"urls": ["ftp://x.example"], "events": []},
        r"urls\[0\] must be an absolute https or http URL",
    ),
    ("update_settings", {"urls": [OURS, OURS], "events": []}, "urls must be at most 10 different URLs"),
    ("update_settings", {"urls": [OURS], "events": "record"}, "events must be a list of words, not str 'record'"),
    ("update_settings", {"urls": [OURS], "events": 5}, "events must be a list of words, not int 5"),
    ("update_settings", {"urls": [OURS], "events": ["staff"]}, "events must be one of salon, .*, not str 'staff'"),
    ("update_settings", {"urls": [OURS], "events": [], "active": 1}, "active must be True or False, not int 1"),
    ("update_settings", {"urls": [OURS], "events": [], "self_sending": 0}, "self_sending must be True or False"),
    ("add_url", {"url": THEIRS}, "url must be an absolute https URL. Write"),
    ("add_url", {"url": OURS, "salon_id": "5"}, "salon_id must be a positive integer"),
    ("remove_url", {"url": "theirs"}, "url must be an absolute https or http URL. Write"),
    ("set_events", {"events": ["staff"]}, "events must be one of salon"),
    ("set_events", {"events": [], "active": 0}, "active must be True or False"),
]


@pytest.mark.parametrize(("method", "arguments", "words"), WRONG, ids=lambda it: it if isinstance(it, str) else "")
def test_wrong_arguments(caller: Callers, method: str, arguments: dict[str, Any], words: str) -> None:
    hooks = Hooks([OURS])
    with pytest.raises(ValueError, match=words):
        caller(transport=httpx.MockTransport(hooks), user_token=USER_TOKEN)(
            f"webhooks.{method}", **{"salon_id": 5, **arguments}
        )
    assert hooks.requests == []
