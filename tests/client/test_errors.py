"""The errors themselves: their tree, what they carry, and how they travel."""

import copy
import inspect
import json
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from celery import Celery
from celery.backends.base import Backend

import altegio_partner as ap
from altegio_partner import AltegioError, errors
from altegio_partner.ledger import LedgerUnavailableError, LedgerWriteError, UndecidedError
from tests.callers import Callers
from tests.servers.scripted import ScriptedServer, close, http

TREE = {
    ap.NotSentError: ap.AltegioError,
    ap.RejectedError: ap.AltegioError,
    ap.AuthenticationError: ap.RejectedError,
    ap.PermissionDeniedError: ap.RejectedError,
    ap.AlreadyInstalledError: ap.PermissionDeniedError,
    ap.NotFoundError: ap.RejectedError,
    ap.InvalidRequestError: ap.RejectedError,
    ap.RateLimitError: ap.RejectedError,
    ap.ConflictError: ap.AltegioError,
    ap.OutcomeUnknownError: ap.AltegioError,
    ap.NoAnswerError: ap.OutcomeUnknownError,
    ap.ServerError: ap.OutcomeUnknownError,
    ap.UnreadableAnswerError: ap.OutcomeUnknownError,
}


def test_the_tree() -> None:
    assert {kind: kind.__base__ for kind in TREE} == TREE
    defined = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert defined == {ap.AltegioError, *TREE}


def test_the_tree_is_drawn_where_it_is_defined() -> None:
    drawing = (errors.__doc__ or "").split("\n\n")[1]
    drawn = [word for word in drawing.split() if word.endswith("Error")]
    assert drawn == ["AltegioError", *(kind.__name__ for kind in TREE)]


@pytest.mark.parametrize("kind", TREE)
def test_what_is_safe_to_resend(kind: type[ap.AltegioError]) -> None:
    assert kind.safe_to_resend is (kind in (ap.NotSentError, ap.RateLimitError))


@pytest.mark.parametrize("kind", [ap.AltegioError, *TREE])
def test_errors_travel(kind: type[ap.AltegioError]) -> None:
    error = kind("Words.", status_code=422, message="m", errors={"a": ["b"]})
    error.add_note("A note.")
    if isinstance(error, ap.RateLimitError):
        error.retry_after = 5.0
    for travelled in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301  our own
        assert type(travelled) is kind
        assert str(travelled) == "Words."
        assert vars(travelled) == vars(error)


ANSWER: dict[str, Any] = {"status_code": 422, "message": "m", "errors": {"a": ["b", {"c": None}]}}
WHOLE: list[AltegioError] = [
    *(kind("Words.", **ANSWER) for kind in (ap.AltegioError, *TREE)),
    ap.NotSentError("Words.", reason="connection refused"),
    ap.NoAnswerError("Words.", safe_to_resend=True, reason="timed out"),
    ap.ServerError("Words.", status_code=500, safe_to_resend=True),
    ap.RateLimitError("Words.", status_code=429, retry_after=7.5),
    LedgerUnavailableError("Words.", reason="locked"),
    UndecidedError("Words.", safe_to_resend=False),
    LedgerWriteError("Words.", 4711, safe_to_call_again=True),
]
"""With all that each can hold."""


def only_args(error: AltegioError) -> AltegioError:
    return type(error)(*error.args)


def as_json(error: AltegioError) -> AltegioError:
    return type(error)(*json.loads(json.dumps(error.args)))


def through_celery(error: AltegioError) -> BaseException:
    """As Celery hands the error of a task to the process that asks for its result."""
    backend = Backend(app=Celery(set_as_current=False), serializer="json")
    stored = backend.decode(backend.encode(backend.prepare_exception(error)))
    return backend.exception_to_python(stored)


WAYS = (only_args, as_json, through_celery, copy.copy, copy.deepcopy)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", WHOLE, ids=repr)
def test_errors_come_back_whole(way: Callable[[AltegioError], BaseException | None], error: AltegioError) -> None:
    assert_same(error, way(error))


def fail(error: AltegioError) -> None:
    raise error


def test_errors_come_back_whole_from_another_process() -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        for error, running in [(error, pool.submit(fail, error)) for error in WHOLE]:
            assert_same(error, running.exception())


def assert_same(error: AltegioError, travelled: BaseException | None) -> None:
    assert type(travelled) is type(error)
    assert str(travelled) == str(error) == error.args[0]
    assert travelled.args == error.args
    named = {name for kind in type(error).__mro__ for name in inspect.get_annotations(kind)}
    assert {"safe_to_resend", "status_code", "message", "errors"} <= named
    assert [getattr(travelled, name) for name in sorted(named)] == [getattr(error, name) for name in sorted(named)]


def test_what_a_failure_is_made_of_is_in_args(caller: Callers) -> None:
    body = b'{"success": false, "meta": {"message": "m", "errors": {"a": 1}}}'
    for answer in (http(429, body, "Retry-After: 61"), http(503, body), http(422, body), http(302, body), close):
        with ScriptedServer(answer) as server, pytest.raises(AltegioError) as caught:
            caller(base_url=server.url, max_retries=0)("get_installation", salon_id=1)
        again = as_json(caught.value)
        assert {**vars(again), "__notes__": None} == {**vars(caught.value), "__notes__": None}
        assert again.safe_to_resend is caught.value.safe_to_resend is not isinstance(again, ap.InvalidRequestError)


def test_an_error_without_an_answer() -> None:
    error = ap.NotSentError("Words.")
    assert (error.status_code, error.message, error.errors, error.reason) == (None, None, None, None)
    assert ap.NoAnswerError("Words.").reason is None
    assert ap.RateLimitError("Words.").retry_after is None
