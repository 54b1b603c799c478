"""What users see: names, signatures, help."""

import inspect
import pydoc
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import altegio_partner
from altegio_partner import AsyncPartnerClient, PartnerClient, methods, operations

SIGNATURES = {
    "complete_registration": "(self, *, salon_id: int, api_key: str | None = None, "
    "webhook_urls: collections.abc.Sequence[str] | None = None) -> str | None",
    "notify_payment": "(self, *, salon_id: int, payment_sum: decimal.Decimal | int | str, currency_iso: str, "
    "payment_date: datetime.datetime, period_from: datetime.datetime, period_to: datetime.datetime, "
    "idempotency_key: str | None = None) -> int",
    "notify_refund": "(self, payment_id: int) -> None",
    "get_installation": "(self, *, salon_id: int) -> altegio_partner.installation.Installation",
    "activate": "(self, *, salon_id: int, api_key: str | None = None, "
    "webhook_urls: collections.abc.Sequence[str] | None = None, "
    "channels: collections.abc.Sequence[typing.Literal['sms', 'whatsapp']] | None = None, "
    "chat_url: str | None = None, tips_url: str | None = None) -> None",
    "list_locations": "(self, *, page: int = 1, count: int = 100) -> list[altegio_partner.values.locations.Location]",
    "list_tariffs": "(self) -> list[altegio_partner.values.tariffs.Tariff]",
    "set_discount": "(self, *, salon_ids: collections.abc.Sequence[int], "
    "discount: decimal.Decimal | int | str) -> None",
    "get_payment_link": "(self, *, salon_id: int, discount: decimal.Decimal | int | str | None = None, "
    "tariff_option_id: int | None = None) -> str",
    "set_channel_availability": "(self, *, salon_id: int, channel: Literal['sms', 'whatsapp'], "
    "is_available: bool) -> None",
    "set_sms_sender_names": "(self, *, salon_id: int, short_names: collections.abc.Sequence[str]) -> None",
    "uninstall": "(self, *, salon_id: int) -> None",
    "webhooks.get_settings": "(self, *, salon_id: int) -> altegio_partner.values.webhooks.WebhookSettings",
    "webhooks.update_settings": "(self, *, salon_id: int, urls: collections.abc.Sequence[str], "
    "events: collections.abc.Collection[str], active: bool = True, self_sending: bool | None = None) "
    "-> altegio_partner.values.webhooks.WebhookSettings",
    "webhooks.add_url": "(self, *, salon_id: int, url: str) -> altegio_partner.values.webhooks.WebhookSettings",
    "webhooks.remove_url": "(self, *, salon_id: int, url: str) -> altegio_partner.values.webhooks.WebhookSettings",
    "webhooks.set_events": "(self, *, salon_id: int, events: collections.abc.Collection[str], "
    "active: bool | None = None) -> altegio_partner.values.webhooks.WebhookSettings",
    "voip.enable": "(self, *, crm_token: str) -> altegio_partner.values.voip.Accepted",
    "voip.disable": "(self, *, crm_token: str) -> altegio_partner.values.voip.Accepted",
    "voip.notify_call": "(self, *, crm_token: str, phone: str, diversion: str, user: str | None = None) "
    "-> altegio_partner.values.voip.Accepted",
    "voip.save_call": "(self, *, crm_token: str, call_type: Literal['incoming', 'outgoing', 'internal'], phone: str, "
    "diversion: str, user: str | None = None, duration: int | None = None, link: str | None = None, "
    "call_id: str | None = None, status: Optional[Literal['success', 'missed']] = None, "
    "call_date: datetime.datetime | None = None) -> altegio_partner.values.voip.Accepted",
    "voip.list_calls": "(self, *, salon_id: int, date_from: datetime.date, date_to: datetime.date, "
    "phone: str | None = None, "
    "types: collections.abc.Sequence[typing.Literal['incoming', 'outgoing', 'internal']] | None = None, "
    "statuses: collections.abc.Sequence[str] | None = None, page: int = 1, limit: int = 100) "
    "-> list[altegio_partner.values.voip.VoipCall]",
    "dictionaries.list_countries": "(self) -> list[altegio_partner.values.dictionaries.Country]",
    "dictionaries.list_cities": "(self, *, country_id: int | None = None, company_id: int | None = None) "
    "-> list[altegio_partner.values.dictionaries.City]",
    "dictionaries.list_business_groups": "(self) -> list[altegio_partner.values.dictionaries.BusinessGroup]",
    "reconcile": (
        "(self, idempotency_key: str, *, "
        "operation: Literal['notify_payment', 'notify_refund'] = 'notify_payment') -> int | None"
    ),
}
ITERATORS = {
    "iter_locations": "(self, *, count: int = 100) -> {}[altegio_partner.values.locations.Location]",
    "voip.iter_calls": "(self, *, salon_id: int, date_from: datetime.date, date_to: datetime.date, "
    "phone: str | None = None, "
    "types: collections.abc.Sequence[typing.Literal['incoming', 'outgoing', 'internal']] | None = None, "
    "statuses: collections.abc.Sequence[str] | None = None, limit: int = 100) "
    "-> {}[altegio_partner.values.voip.VoipCall]",
}
METHODS = [*SIGNATURES, *ITERATORS]
FAMILIES = ("dictionaries", "voip", "webhooks")


def found(client: Callable[..., Any], method: str) -> Any:
    """Return the function that a client or one of its families has under this name."""
    family, _, name = method.rpartition(".")
    return getattr(type(getattr(client("fake", application_id=1), family)) if family else client, name)


def test_names() -> None:
    assert altegio_partner.__all__ == [
        "Accepted",
        "AlreadyInstalledError",
        "AltegioError",
        "AsyncPartnerClient",
        "AuthenticationError",
        "BusinessGroup",
        "BusinessType",
        "Call",
        "City",
        "ConflictError",
        "Country",
        "HTTPTransport",
        "Installation",
        "InvalidRequestError",
        "Location",
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
        "Tariff",
        "TariffOption",
        "UnreadableAnswerError",
        "VoipCall",
        "WebhookSettings",
        "WebhookUrlSettings",
        "__version__",
    ]
    assert all(getattr(altegio_partner, name) for name in altegio_partner.__all__)


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
def test_methods(client: type[object]) -> None:
    closing = "close" if client is PartnerClient else "aclose"
    methods = {name for name in METHODS if "." not in name}
    public = {name for name in dir(client) if not name.startswith("_")}
    assert public == {*methods, *FAMILIES, "perform", "with_user_token", closing}


@pytest.mark.parametrize("client", [PartnerClient, AsyncPartnerClient])
@pytest.mark.parametrize("family", FAMILIES)
def test_methods_of_families(client: Callable[..., object], family: str) -> None:
    methods = {name.partition(".")[2] for name in METHODS if name.startswith(f"{family}.")}
    it = getattr(client("fake", application_id=1), family)
    assert {name for name in dir(it) if not name.startswith("_")} == methods
    assert inspect.getdoc(type(it)) is not None
    assert inspect.getdoc(getattr(client, family)) is not None


@pytest.mark.parametrize("method", SIGNATURES)
def test_signatures(method: str) -> None:
    for client in (PartnerClient, AsyncPartnerClient):
        assert str(inspect.signature(found(client, method))) == SIGNATURES[method]
    assert not inspect.iscoroutinefunction(found(PartnerClient, method))
    assert inspect.iscoroutinefunction(found(AsyncPartnerClient, method))
    if "." not in method:
        assert inspect.iscoroutinefunction(getattr(AsyncPartnerClient("fake", application_id=1), method))


@pytest.mark.parametrize("method", ITERATORS)
def test_signatures_of_iterators(method: str) -> None:
    for client, kind in ((PartnerClient, "Iterator"), (AsyncPartnerClient, "AsyncIterator")):
        signature = ITERATORS[method].format(f"collections.abc.{kind}")
        assert str(inspect.signature(found(client, method))) == signature


@pytest.mark.parametrize("method", METHODS)
def test_help(method: str) -> None:
    for client in (PartnerClient, AsyncPartnerClient):
        function = found(client, method)
        family, _, name = method.rpartition(".")
        page = pydoc.plain(
            pydoc.render_doc(type(getattr(client("fake", application_id=1), family)) if family else client)
        )
        assert f"{'async ' if inspect.iscoroutinefunction(function) else ''}{name}(" in page
        words = inspect.getdoc(function) or ""
        assert words.splitlines()[0] in page
        has_arguments = len(inspect.signature(function).parameters) > 1
        for section in ("Args:", "ValueError") if has_arguments else ():
            assert section in words
        errors = ("AltegioError",) if method in ITERATORS else ("NotSentError", "RejectedError", "OutcomeUnknownError")
        for section in ("Raises:", *errors):
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
        "user_token": (keyword, None),
        "api_url": (keyword, None),
    }


@pytest.mark.parametrize("module", [altegio_partner, methods, operations], ids=lambda module: module.__name__)
def test_a_name_that_does_not_exist(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"^module '{module.__name__}' has no attribute 'nothing'$"):
        module.nothing  # noqa: B018  to ask for it is what is tested
