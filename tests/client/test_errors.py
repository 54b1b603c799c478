"""The errors themselves: their tree, what they carry, and how they travel."""

import copy
import pickle

import pytest

import altegio_partner as ap
from altegio_partner import errors

TREE = {
    ap.NotSentError: ap.AltegioError,
    ap.RejectedError: ap.AltegioError,
    ap.AuthenticationError: ap.RejectedError,
    ap.PermissionDeniedError: ap.RejectedError,
    ap.AlreadyInstalledError: ap.PermissionDeniedError,
    ap.NotFoundError: ap.RejectedError,
    ap.InvalidRequestError: ap.RejectedError,
    ap.RateLimitError: ap.RejectedError,
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


def test_an_error_without_an_answer() -> None:
    error = ap.NotSentError("Words.")
    assert (error.status_code, error.message, error.errors) == (None, None, None)


def test_the_parts_of_an_error_are_given_by_name() -> None:
    with pytest.raises(TypeError, match="positional"):
        ap.AltegioError("Words.", 422)  # type: ignore[call-arg]  # wrong
