"""The commands that change nothing at Altegio: check, status, reconcile, pending."""

import os
import shlex
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer
from attrs import asdict

from altegio_partner.auth import Credentials
from altegio_partner.dates import parse_timezone
from altegio_partner.errors import AltegioError
from altegio_partner.urls import Urls, is_local

from .connection import Connection, SalonId, number_parameter
from .output import Outcome, Verbatim, counted, table
from .profiles import configuration_file

if TYPE_CHECKING:
    from altegio_partner.ledger import Ledger, LedgerEntry

Key = Annotated[str, typer.Argument(metavar="KEY", help="The idempotency key of the call.", show_default=False)]
IsRefund = Annotated[bool, typer.Option("--refund", help="The call is a refund, and KEY the id of its payment.")]
_TIMES_NOTE = "Times are Altegio's local times; their time zone is unknown."


def check(
    connection: Connection,
    salon_id: Annotated[int | None, number_parameter("Also read the status of this location.", option=True)] = None,
) -> None:
    """Report which settings are missing or wrong.

    Nothing is sent. With --salon-id, the status of that location is read, which changes nothing.

    Example: altegio-partner check --salon-id 123
    """
    parts: dict[str, Callable[[], str]] = {
        "partner token": lambda: _token(connection),
        "application": lambda: _application(connection),
        "Altegio": lambda: _altegio(connection),
        "time zone": lambda: _timezone(connection),
        "ledger": lambda: _ledger(connection),
        "profile": lambda: _profile(connection),
        "client": lambda: _client(connection),
    }
    if salon_id is not None:
        parts["location"] = lambda: _location(connection, salon_id)
    found: list[tuple[str, Outcome, str, str]] = []
    for name, part in parts.items():
        try:
            found.append((name, Outcome.DONE, "ok", part()))
        except (AltegioError, ValueError) as error:
            text = connection.output.names.text_of(error)
            outcome = Outcome.of(error)
            found.append((name, outcome, "missing" if " is missing: " in text else outcome.word, text))
    if any(outcome for _, outcome, *_ in found[:-1]):  # a client fails with the settings, and has nothing to add
        found = [one for one in found if one[0] != "client" or not one[1]]
    worst = max(outcome for _, outcome, *_ in found)
    connection.output.print_result(
        table("", "", "", rows=[(name, word, text) for name, _, word, text in found]),
        outcome=worst,
        settings=[{"name": name, "outcome": outcome.word, "text": text} for name, outcome, _, text in found],
    )
    if worst:
        raise typer.Exit(worst)


def status(connection: Connection, salon_id: SalonId) -> None:
    """Print the status and payments of a location.

    Altegio caches them for up to an hour.
    """
    with connection.client() as client:
        found = client.get_installation(salon_id=salon_id)
    connection.output.print_result(
        f"Location {salon_id}: {found.status}, connected since {found.created_at}. {_TIMES_NOTE}",
        table(
            "payment", "sum", "currency", "paid at", "from", "to", "",
            rows=[
                (p.id, p.payment_sum, p.currency_iso, p.payment_date, p.period_from, p.period_to,
                 "refunded" if p.is_refunded else "")
                for p in found.payments
            ],
        ),
        table(
            "changed at", "status", "source",
            rows=[(c.changed_at, f"{c.status_from or '?'} → {c.status_to}", c.source) for c in found.log],
        ),
        salon_id=salon_id,
        **asdict(found, filter=lambda attribute, _: attribute.name != "raw"),
    )  # fmt: skip


def locations(connection: Connection) -> None:
    """List the locations of your application."""
    with connection.client() as client:
        found = list(client.iter_locations())
    columns = ("salon_id", "title", "time zone", "country", "city", "active")
    rows = [(one.id, one.title, one.timezone_name, one.country, one.city, one.active) for one in found]
    connection.output.print_result(
        f"{counted(len(found), 'location')}.", table(*columns, rows=rows), locations=[one.raw for one in found]
    )


def tariffs(connection: Connection) -> None:
    """List the tariffs that locations can pay for through Altegio."""
    with connection.client() as client:
        found = client.list_tariffs()
    columns = ("tariff", "option", "title", "price", "currency", "months", "free months")
    rows = [
        (tariff.title, one.id, one.title, one.overall_price, one.currency_iso, one.duration_in_months,
         one.free_period_in_months)
        for tariff in found
        for one in tariff.options
    ]  # fmt: skip
    connection.output.print_result(
        f"{counted(len(found), 'tariff')}.", table(*columns, rows=rows), tariffs=[one.raw for one in found]
    )


def payment_link(
    connection: Connection,
    salon_id: SalonId,
    tariff_option_id: Annotated[int | None, number_parameter("The tariff option: see `tariffs`.", option=True)] = None,
    discount: Annotated[str | None, typer.Option(help="A discount in percent.", metavar="NUMBER")] = None,
) -> None:
    """Print the URL where a location can pay through Altegio.

    Do not report what is paid there: Altegio knows it.

    Example: altegio-partner payment-link 123 --tariff-option-id 5
    """
    with connection.client() as client:
        url = client.get_payment_link(salon_id=salon_id, discount=discount, tariff_option_id=tariff_option_id)
    connection.output.print_result(Verbatim(url), salon_id=salon_id, url=url)


def reconcile(connection: Connection, idempotency_key: Key, is_refund: IsRefund = False) -> None:
    """Find out whether a call was recorded.

    Use this for a payment or a refund whose outcome is unknown. It reads the ledger and the location's status, and
    reports nothing to Altegio.
    """
    ledger = connection.required_ledger("which has the keys")
    operation = operation_of(is_refund=is_refund)
    if ledger.get(idempotency_key, operation=operation, **connection.ledger_scope) is None:
        raise ValueError(unknown_key_text(idempotency_key, is_refund=is_refund))
    with connection.client(ledger=ledger) as client:
        payment_id = client.reconcile(idempotency_key, operation=operation)
    is_recorded = "recorded" if is_refund else f"recorded, as payment {payment_id}"
    result = "not recorded: report it again" if payment_id is None else is_recorded
    text = f"{name_of_call(idempotency_key, is_refund=is_refund)} is {result}."
    connection.output.print_result(text, idempotency_key=idempotency_key, payment_id=payment_id)


def pending(connection: Connection) -> None:
    """List the calls whose outcome is unknown."""
    ledger = connection.required_ledger("which has them", needs_credentials=False)
    calls, others = _pending_calls(ledger, connection)
    rows = [
        (one.idempotency_key, one.operation, one.payload.get("salon_id") or one.payload.get("payment_id"),
         one.payload.get("payment_sum"), one.payload.get("currency_iso"), f"{one.claimed_at:%Y-%m-%d %H:%M:%S %Z}",
         _arguments(one))
        for one in calls
    ]  # fmt: skip
    columns = ("idempotency key", "call", "location or payment", "sum", "currency", "claimed at", "arguments")
    advice = (
        "`altegio-partner reconcile ARGUMENTS` looks one up in Altegio; `altegio-partner resolve --recorded ID "
        "ARGUMENTS` or `altegio-partner resolve --not-recorded ARGUMENTS` records what you saw there."
        if calls
        else ""
    )
    connection.output.print_result(
        f"{len(calls)} pending. {advice}".rstrip(),
        table(*columns, rows=rows),
        *([f"Of others: {_others_text(others)}. Pass --base-url and --application-id to list them."] if others else []),
        pending=[asdict(one) for one in calls],
        others=[{"origin": origin, "application_id": id_, "pending": n} for (origin, id_), n in others.items()],
    )


def _pending_calls(ledger: "Ledger", connection: Connection) -> tuple[list["LedgerEntry"], Counter[tuple[str, int]]]:
    """Return the pending calls of this Altegio and application, and the number of those of each other."""
    scope = connection.ledger_scope
    calls: list[LedgerEntry] = []
    others: Counter[tuple[str, int]] = Counter()
    for one in ledger.pending():
        if scope == {"application_id": one.application_id, "origin": one.origin}:
            calls.append(one)
        else:
            others[one.origin, one.application_id] += 1
    return calls, others


def _others_text(others: Counter[tuple[str, int]]) -> str:
    return ", ".join(f"{n} of application {id_} at {origin}" for (origin, id_), n in sorted(others.items()))


def _arguments(entry: "LedgerEntry") -> str:
    """Return the arguments that `reconcile` and `resolve` need for this entry."""
    if entry.operation == "notify_refund":
        return f"--refund {entry.idempotency_key}"
    key = shlex.quote(entry.idempotency_key)
    return f"-- {key}" if key.startswith(("-", "'-")) else key


def operation_of(*, is_refund: bool) -> Literal["notify_payment", "notify_refund"]:
    """Return the method that was called."""
    return "notify_refund" if is_refund else "notify_payment"


def name_of_call(idempotency_key: str, *, is_refund: bool) -> str:
    """Return the name of a call, to begin a sentence with."""
    return f"The refund of payment {idempotency_key}" if is_refund else repr(idempotency_key)


def unknown_key_text(idempotency_key: str, *, is_refund: bool = False) -> str:
    """Return the text of the error for a key that the ledger does not have."""
    called = f"refund of payment {idempotency_key!r}" if is_refund else f"call with the key {idempotency_key!r}"
    return (
        f"The ledger has no {called}: none was made, or Altegio rejected it. "
        "`altegio-partner pending` lists the calls whose outcome is unknown; check also that --ledger-url is right."
    )


def _profile(connection: Connection) -> str:
    profile = connection.selected_profile
    return f"{profile.name}, in {configuration_file()}" if profile.values else f"none: {configuration_file()} has none"


def _from(connection: Connection, name: str) -> str:
    found = connection.setting(name)
    return f" ({found.source})" if found else ""


def _token(connection: Connection) -> str:
    missing = connection.missing_credentials().get("partner_token")
    if missing:
        raise ValueError(missing)
    Credentials(connection.token)
    file = connection.setting("token_file")
    if file is not None:
        return f"in {file.value}{_from(connection, 'token_file')}"
    return "in ALTEGIO_PARTNER_TOKEN" if os.environ.get("ALTEGIO_PARTNER_TOKEN") else "in the keyring"


def _application(connection: Connection) -> str:
    return f"{connection.required_application_id()}{_from(connection, 'application_id')}"


def _altegio(connection: Connection) -> str:
    urls = Urls.of(connection.value("base_url"), None)
    texts = [f"{_kind(urls.base_url)}{_from(connection, 'base_url') or ' (default)'}"]
    others = {
        "webhooks": (urls.api_url, "ALTEGIO_API_URL"),
        "tariffs and discounts": (urls.tariffs_url, "ALTEGIO_TARIFFS_URL"),
    }
    for calls, (url, variable) in others.items():
        if os.environ.get(variable) and urlsplit(url).netloc != urlsplit(urls.base_url).netloc:
            texts.append(f"for {calls} {_kind(url)} ({variable})")
    return "; ".join(texts)


def _kind(url: str) -> str:
    return f"{url}, {'a sandbox on this machine' if is_local(url) else 'REAL ALTEGIO'}"


def _timezone(connection: Connection) -> str:
    zone = connection.value("timezone")
    if parse_timezone(zone) is None:
        return "none: times with an offset are rejected, all others sent unchanged"
    return f"{zone}: times with an offset are converted to it{_from(connection, 'timezone')}"


def _ledger(connection: Connection) -> str:
    if connection.new_ledger:
        return f"{connection.new_ledger} does not exist yet: the first payment creates it"
    ledger = connection.ledger()
    if ledger is None:
        return "none: a payment reported twice is probably recorded twice, and `import` needs one"
    if "application_id" in connection.missing_credentials():
        return f"{ledger!r}{_from(connection, 'ledger_url')}"
    calls, others = _pending_calls(ledger, connection)
    also = f" (of others: {_others_text(others)})" if others else ""
    return f"{ledger!r}, {len(calls)} pending{also}{_from(connection, 'ledger_url')}"


def _client(connection: Connection) -> str:
    """Build a client as a command would, with the proxies and the certificates of the environment."""
    connection.client().close()
    known = ("https_proxy", "all_proxy", "ssl_cert_file", "ssl_cert_dir")
    names = [name for name, value in sorted(os.environ.items()) if name.lower() in known and value]
    return f"can be built, with {', '.join(names)}" if names else "can be built"


def _location(connection: Connection, salon_id: int) -> str:
    with connection.client() as client:
        return f"{salon_id} is {client.get_installation(salon_id=salon_id).status}"
