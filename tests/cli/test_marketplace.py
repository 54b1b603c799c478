"""The commands about locations, tariffs, discounts and webhooks, and repeated ones, which are a success."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.callers import TOKEN
from tests.cli.command_line import CommandLine, connected
from tests.commands import ForkServer
from tests.servers.scripted import ScriptedServer, http

USER = "FakeUserFakeUserFakeUser"


def ok(data: Any) -> bytes:
    return http(200, json.dumps({"success": True, "data": data, "meta": {}}).encode())


@pytest.fixture
def altegio(fork_server: ForkServer, tmp_path: Path) -> Iterator[CommandLine]:
    with connected(fork_server, tmp_path) as altegio:
        yield altegio


def test_a_location_that_is_registered_already(altegio: CommandLine) -> None:
    assert altegio("register", "123", "--yes").returncode == 0
    ran = altegio("register", "123", "--yes")
    assert (ran.returncode, ran.stdout) == (0, "Location 123 was already registered. Nothing was changed.\n")
    assert altegio.json("register", "123", "--yes") == (0, {"outcome": "done", "salon_id": 123, "next_page": None})


def test_uninstalling(fork_server: ForkServer, tmp_path: Path) -> None:
    missing = http(404, b'{"success": false, "meta": {"message": "Not found"}}')
    with ScriptedServer(ok([]), missing) as server:
        altegio = CommandLine.calling(fork_server, server.url, tmp_path)
        shown = altegio("uninstall", "123", "--dry-run").stdout
        assert shown.startswith(f"POST {server.url}/marketplace/salon/123/application/77/uninstall\n")
        ran = altegio("uninstall", "123", "--yes")
        assert (ran.returncode, ran.stdout) == (0, "Your application is uninstalled from location 123.\n")
        ran = altegio("uninstall", "123", "--yes")
        said = "Your application is not installed at location 123. Nothing was changed.\n"
        assert (ran.returncode, ran.stdout) == (0, said)


LOCATIONS = [{"id": 5, "title": "Salon, Zoë", "timezone_name": "Europe/Berlin", "country": "Germany"}]


def test_locations(fork_server: ForkServer, tmp_path: Path) -> None:
    with ScriptedServer(always=ok(LOCATIONS)) as server:
        altegio = CommandLine.calling(fork_server, server.url, tmp_path)
        ran = altegio("locations")
        heading = "salon_id\ttitle\ttime zone\tcountry\tcity\tactive"
        assert ran.stdout == f"1 location.\n{heading}\n5\tSalon, Zoë\tEurope/Berlin\tGermany\t\t\n"
        ran = altegio("locations", "--output", "csv")
        assert ran.stdout == f'{heading.replace("	", ",")}\n5,"Salon, Zoë",Europe/Berlin,Germany,,\n'
        code, printed = altegio.json("locations")
        assert (code, printed["locations"]) == (0, LOCATIONS)


def test_tariffs_and_a_payment_link(fork_server: ForkServer, tmp_path: Path) -> None:
    options = [{"id": 7, "title": "Month", "overall_price": 49.9, "currency_iso": "EUR", "duration_in_months": 1}]
    url = "https://app.alteg.io/pay?signature=x"
    with ScriptedServer(ok([{"id": 5, "title": "Basic", "options": options}]), ok({"url": url})) as server:
        altegio = CommandLine.calling(fork_server, server.url, tmp_path)
        assert "\nBasic\t7\tMonth\t49.9\tEUR\t1\t\n" in altegio("tariffs").stdout
        assert altegio("payment-link", "123", "--tariff-option-id", "7").stdout == f"{url}\n"


def test_a_discount(fork_server: ForkServer, tmp_path: Path) -> None:
    with ScriptedServer(ok([])) as server:
        altegio = CommandLine.calling(fork_server, server.url, tmp_path)
        ran = altegio("discount", "123", "124", "--discount", "10", "--dry-run")
        assert ran.stdout.endswith('{"salon_ids":[123,124],"application_id":77,"discount":10}\n')
        ran = altegio("discount", "123", "124", "--discount", "10", "--yes")
        assert (ran.returncode, ran.stdout) == (0, "The discount of 2 locations is 10.\n")
        ran = altegio("discount", "123", "--discount", "1,5", "--yes")
        assert ran.returncode == 2
        assert "--discount must be" in ran.stderr
        assert "not '1,5'. Write 1.5." in ran.stderr


def test_webhooks(fork_server: ForkServer, tmp_path: Path) -> None:
    settings = {"urls": ["https://a.example/x"], "active": 1, "record": 1, "client": 0}
    added = {**settings, "urls": [*settings["urls"], "https://b.example/y"]}  # type: ignore[misc]  # of values
    script = [ok(settings), ok(settings), ok(added), ok(added), ok(added), ok(settings), ok(settings)]
    with ScriptedServer(*script) as server:
        altegio = CommandLine.calling(fork_server, server.url, tmp_path)
        ran = altegio("webhooks", "list", "123")
        assert ran.returncode == 2
        assert "The user token, which webhooks need, is missing: set ALTEGIO_USER_TOKEN." in ran.stderr
        altegio.environment["ALTEGIO_USER_TOKEN"] = USER
        ran = altegio("webhooks", "list", "123")
        assert ran.stdout == "The events of location 123 are sent: record.\nurl\nhttps://a.example/x\n"
        ran = altegio("webhooks", "add", "123", "http://b.example/y", "--yes")
        assert ran.returncode == 2
        assert "URL must be an absolute https URL" in ran.stderr
        ran = altegio("webhooks", "add", "123", "https://b.example/y")
        assert ran.returncode == 2
        assert "Add https://b.example/y.\n" in ran.stderr
        assert "pass --yes" in ran.stderr
        ran = altegio("webhooks", "add", "123", "https://b.example/y", "--yes")
        assert ran.stdout.endswith("https://b.example/y\n")
        code, printed = altegio.json("webhooks", "remove", "123", "https://b.example/y", "--yes")
        assert (code, printed["urls"], printed["events"]) == (0, ["https://a.example/x"], ["record"])
    assert all(TOKEN.encode() in request and USER.encode() in request for request in server.requests)
