"""What users see: names, signatures, help."""

import inspect
import pydoc
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import altegio_partner
from altegio_partner import AsyncPartnerClient, PartnerClient, operations

SIGNATURES = {
    "complete_registration": "(self, *, salon_id: int, api_key: str | None = None, "
    "webhook_urls: collections.abc.Sequence[str] | None = None) -> str | None",
    "notify_payment": "(self, *, salon_id: int, payment_sum: decimal.Decimal | int | str, currency_iso: str, "
    "payment_date: datetime.datetime, period_from: datetime.datetime, period_to: datetime.datetime, "
    "idempotency_key: str | None = None) -> int",
    "notify_refund": "(self, payment_id: int) -> None",
    "get_installation": "(self, *, salon_id: int) -> altegio_partner.installation.Installation",
    "reconcile": (
        "(self, idempotency_key: str, *, "
        "operation: Literal['notify_payment', 'notify_refund'] = 'notify_payment') -> int | None"
    ),
}


def test_names() -> None:
    assert altegio_partner.__all__ == [
        "AlreadyInstalledError",
        "AltegioError",
        "AsyncPartnerClient",
        "AuthenticationError",
        "Call",
        "HTTPTransport",
        "Installation",
        "InvalidRequestError",
        "NoAnswerError",
        "NotFoundError",
        "NotSentError",
        "OutcomeUnknownError",
        "PartnerClient",
        "PermissionDeniedError",
        "RateLimitError",
        "RecordedPayment",
        "RejectedError",
        "ServerError",
        "StatusChange",
        "UnreadableAnswerError",
        "__version__",
    ]


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
def test_methods(client: type[object]) -> None:
    closing = "close" if client is PartnerClient else "aclose"
    assert {name for name in dir(client) if not name.startswith("_")} == {*SIGNATURES, "perform", closing}


@pytest.mark.parametrize("method", SIGNATURES)
def test_signatures(method: str) -> None:
    for client in (PartnerClient, AsyncPartnerClient):
        assert str(inspect.signature(getattr(client, method))) == SIGNATURES[method]
    assert not inspect.iscoroutinefunction(getattr(PartnerClient, method))
    assert inspect.iscoroutinefunction(getattr(AsyncPartnerClient, method))
    assert inspect.iscoroutinefunction(getattr(AsyncPartnerClient("fake", application_id=1), method))


@pytest.mark.parametrize("method", SIGNATURES)
def test_help(method: str) -> None:
    for client, first in ((PartnerClient, method), (AsyncPartnerClient, f"async {method}")):
        page = pydoc.plain(pydoc.render_doc(client))
        assert f"{first}(" in page
        words = inspect.getdoc(getattr(client, method)) or ""
        assert words.splitlines()[0] in page
        for section in ("Args:", "Raises:", "ValueError", "NotSentError", "RejectedError", "OutcomeUnknownError"):
            assert section in words


def parameters(client: Callable[..., object]) -> dict[str, tuple[Any, Any]]:
    signature = inspect.signature(client)
    return {name: (one.kind, one.default) for name, one in signature.parameters.items()}


def test_constructors() -> None:
    keyword = inspect.Parameter.KEYWORD_ONLY
    assert parameters(PartnerClient) == parameters(AsyncPartnerClient)
    assert parameters(PartnerClient) == {
        "partner_token": (inspect.Parameter.POSITIONAL_OR_KEYWORD, None),
        "application_id": (keyword, None),
        "base_url": (keyword, None),
        "timezone": (keyword, None),
        "timeout": (keyword, 30.0),
        "max_retries": (keyword, 2),
        "transport": (keyword, None),
        "ledger": (keyword, None),
        "rate_limit": (keyword, None),
    }


@pytest.mark.parametrize("module", [altegio_partner, operations], ids=lambda module: module.__name__)
def test_a_name_that_does_not_exist(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"^module '{module.__name__}' has no attribute 'nothing'$"):
        module.nothing  # noqa: B018  to ask for it is what is tested
