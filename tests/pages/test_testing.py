"""The pages about testing keep their word: all of their code runs, and prints what they say."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import altegio_partner as ap
from altegio_partner.sandbox import FAULT_NAMES, FAULTS, FaultName, Sandbox
from tests.pages.page import Page
from tests.pages.terminal import environment, served
from tests.servers.scripted import ScriptedServer
from tests.servers.scripted import http as http_response

PAGES = [Page.of(name) for name in ("testing", "testing-other-languages", "sandbox")]
PAGE = "".join(page.text for page in PAGES)
BLOCKS = [block for page in PAGES for block in page.blocks]
FILES = {code.partition("\n")[0].strip("# ").partition(":")[0]: code for _, code in BLOCKS if code.startswith("# ")}
(FAILURE, GREETING) = [code for kind, code in BLOCKS if kind == "text"]
(RUN, RUN_WITH_OPTIONS, SERVE, DOCKER_BUILD, SERVE_SEED) = [
    code for kind, code in BLOCKS if kind == "bash" and code not in FILES.values()
]
(SEED,) = [code for kind, code in BLOCKS if kind == "json"]
PASSED = {
    "test_billing.py": 3,
    "test_django_views.py": 6,
    "test_fastapi_app.py": 4,
    "test_settings.py": 1,
    "test_clock.py": 2,
    "test_ledger.py": 2,
    "test_second_payment.py": 1,
    "test_seed.py": 1,
    "test_events.py": 1,
}
Run = tuple[int, str]
"""The exit code of pytest, and what it has printed."""
DECEMBER: dict[str, Any] = {
    "payment_date": datetime(2026, 11, 24, 12, 0),
    "period_from": datetime(2026, 12, 1),
    "period_to": datetime(2026, 12, 31, 23, 59, 59),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The output of pytest for each Python file of the page, and for "all that pass" together."""
    folder = tmp_path_factory.mktemp("reader")
    for name, code in ((name, code) for name, code in FILES.items() if name.endswith(".py")):
        (folder / name).write_text(code, encoding="utf-8")
    (folder / "seed.json").write_text(SEED)
    (folder / "pytest.ini").write_text("[pytest]\n")  # ignore the configuration of parent folders
    warnings = ["-W", "error", "-W", "ignore:Using `httpx` with `starlette.testclient`"]  # Starlette wants httpx2
    chosen = {name: [name] for name in [*PASSED, "test_hasty.py"]} | {"all that pass": [*PASSED]}
    orders = "".join(json.dumps(["-p", "no:cacheprovider", *warnings, *names]) + "\n" for names in chosen.values())
    command = [sys.executable, str(Path(__file__).with_name("forked_pytest.py")), str(folder)]
    ran = subprocess.run(
        command, env=environment(), input=orders, capture_output=True, text=True, timeout=300, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return dict(zip(chosen, map(json.loads, ran.stdout.splitlines()), strict=True))


def bash(code: str, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    (folder / "block.sh").write_text(code, encoding="utf-8")
    command = ["bash", "block.sh", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=60, check=False
    )


def callbacks(partner: ScriptedServer) -> Iterator[dict[str, Any]]:
    """The path and content of each callback that the partner's server received."""
    for request in partner.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        yield {"path": head.split()[1].decode(), **json.loads(body)}


def values_of(text: str) -> list[Any]:
    """Parse consecutive JSON values, as curl prints them."""
    values: list[Any] = []
    while text := text.strip():
        value, end = json.JSONDecoder().raw_decode(text)
        values.append(value)
        text = text[end:]
    return values


def test_every_block_is_run_here() -> None:
    python = [code for kind, code in BLOCKS if kind == "python"]
    assert python == [FILES[name] for name in FILES if name.endswith(".py")]
    assert set(FILES) == {*PASSED, "test_hasty.py", "control.sh", "compose.yaml", ".github/workflows/test.yml"}
    commands = {RUN, RUN_WITH_OPTIONS, SERVE, DOCKER_BUILD, SERVE_SEED}
    assert len(BLOCKS) == len({*FILES.values(), *commands, FAILURE, GREETING, SEED})


@pytest.mark.parametrize("name", PASSED)
def test_python(name: str, runs: dict[str, Run]) -> None:
    code, printed = runs[name]
    assert re.search(rf"^=+ {PASSED[name]} passed in ", printed, re.MULTILINE), printed
    assert code == 0


def test_all_files_together(runs: dict[str, Run]) -> None:
    code, printed = runs["all that pass"]
    assert re.search(rf"^=+ {sum(PASSED.values())} passed in ", printed, re.MULTILINE), printed
    assert code == 0


def test_what_a_failure_prints(runs: dict[str, Run]) -> None:
    _, printed = runs["test_hasty.py"]
    assert re.search(r"^=+ 1 failed in ", printed, re.MULTILINE), printed
    assert "".join(re.findall(r"^E .*\n", printed, re.MULTILINE)) == FAILURE


@pytest.mark.services  # curl
def test_the_command_and_its_controls(tmp_path: Path) -> None:
    with ScriptedServer(always=http_response(204)) as partner:
        assert "http://127.0.0.1:5000" in SERVE
        with served(SERVE.replace("http://127.0.0.1:5000", partner.url), tmp_path) as (settings, lines):
            assert "".join(lines) == GREETING
            with httpx.Client(base_url=settings["ALTEGIO_BASE_URL"], trust_env=False) as http:
                begun = http.get("/sandbox/snapshot").json()
                ran = bash(FILES["control.sh"], tmp_path, **settings)
                ended = http.get("/sandbox/snapshot").json()
                controls = http.get("/sandbox/openapi.json").json()["paths"]
                refused = http.post("/sandbox/faults", data={"fault": "gremlins"})
    assert (ran.returncode, ran.stderr) == (0, "")

    assert [(one["salon_id"], one["status"]) for one in begun["locations"]] == [(124, "pending"), (123, "pending")]
    values = values_of(ran.stdout)
    once, three_calls, random, cleared, aimed, cleared_by_form, connected, is_registered, is_not_paid, *values = values
    *done, calls, state, reset = values
    assert once == {"pending_faults": ["lose_answer, the next call"]}
    assert three_calls["pending_faults"][1:] == ["html_502, the next 3 calls"]
    assert random["pending_faults"][2:] == ["drop_call, 10% of all calls"]
    assert cleared == cleared_by_form == {"pending_faults": []}
    aim = "operation notify_payment, salon_id 125"
    assert aimed == {"pending_faults": [f"lose_answer, the next call with {aim} after another"]}
    assert "Something went wrong" in (tmp_path / "page.html").read_text()
    assert (is_registered["passed"], is_not_paid["passed"]) == (True, True)
    assert connected == {"registration_url": None}
    deliveries = [one["deliveries"] for one in done]
    assert [[one["content"]["event"] for one in sent] for sent in deliveries] == [
        ["freeze"], ["payment", "payment"], ["freeze"], [], ["uninstall"]
    ]  # fmt: skip
    assert {one["status"] for sent in deliveries for one in sent} == {204}
    received = list(callbacks(partner))
    assert {(one["path"], one["salon_id"]) for one in received} == {("/altegio", 125)}
    assert (received[1]["amount"], received[1]["currency_iso"], received[1]["discount"]) == (990.99, "EUR", 10)
    moved = datetime.fromisoformat(state["now"]) - datetime.fromisoformat(begun["now"])
    assert 37 * 3600 <= moved.total_seconds() < 37 * 3600 + 60
    assert {(one["salon_id"], one["status"]) for one in state["locations"]} == {
        (salon_id, "uninstalled") for salon_id in (123, 124, 125)
    }
    assert [(one["path"], one["status"]) for one in state["calls"]] == [
        ("/marketplace/partner/callback/redirect", 301),
        ("/marketplace/partner/payment", 502),
    ]
    assert (calls["items"], calls["total"], calls["next"]) == (state["calls"][:1], 1, None)
    assert reset == {}
    assert [(one["salon_id"], one["status"]) for one in ended["locations"]] == [(124, "pending"), (123, "pending")]
    assert (ended["payments"], ended["calls"], ended["deliveries"], ended["pending_faults"]) == ([], [], [], [])

    named = re.search(r"The snapshot has (.*?)\.\n", PAGE, re.DOTALL)
    assert named
    assert set(re.findall(r"`(\w+)`", named[1])) == set(state) - {"application_id", "registration_url", "callback_url"}
    used = {
        f"/sandbox/{path}".replace("/125/", "/{salon_id}/").replace("/1/", "/{number}/")
        for path in re.findall(r" \"?\$sandbox/([\w/-]+)", FILES["control.sh"])
    }
    assert used <= set(controls)
    table = PAGE[PAGE.index("## All controls") : PAGE.index("## Docker")]
    assert [path for path in controls if f"/{path.rpartition('/')[2]}`" not in table] == []
    assert set(re.findall(r"`(?:GET |POST |DELETE )?(/sandbox/[^`?]+)`", table)) <= {
        *controls, "/sandbox/openapi.json"
    }  # fmt: skip
    assert refused.status_code == 422
    assert refused.json()["error"].startswith("Unknown fault 'gremlins'.")


@pytest.mark.services  # curl
@pytest.mark.parametrize("code", [0, 7])
def test_a_sandbox_for_one_run(tmp_path: Path, code: int) -> None:
    assert RUN.endswith(" -- npm test\n")
    command = f"curl -fsS $ALTEGIO_BASE_URL/sandbox/snapshot && exit {code}"
    ran = bash(RUN.replace("npm test", f"bash -c '{command}'"), tmp_path)
    # The sandbox has stopped: otherwise it would hold stderr open, and the line above would time out.
    assert ran.returncode == code, ran.stderr
    assert json.loads(ran.stdout)["totals"] == {"locations": 2, "payments": 0, "deliveries": 0, "calls": 0}
    assert [path.name for path in tmp_path.iterdir()] == ["block.sh"]


@pytest.mark.services  # curl
def test_a_sandbox_for_one_run_with_options(tmp_path: Path) -> None:
    command = 'curl -fsS "$ALTEGIO_BASE_URL/sandbox/faults" "$ALTEGIO_BASE_URL/sandbox/locations"'
    ran = bash(RUN_WITH_OPTIONS.replace("pytest", f"bash -c '{command}'"), tmp_path)
    faults, locations = values_of(ran.stdout)
    assert [(one["fault"], one["operation"]) for one in faults["pending"]] == [("lose_answer", "notify_payment")]
    assert [one["salon_id"] for one in locations["items"]] == [5]


def test_a_sandbox_for_one_run_that_cannot_start(tmp_path: Path) -> None:
    ran = bash(RUN.replace("run -- npm test", "run --fault gremlins -- echo the command ran"), tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Unknown fault 'gremlins'" in ran.stderr


def test_the_image_is_the_one_that_is_built() -> None:
    assert DOCKER_BUILD == "docker build --tag altegio-sandbox .\n"
    assert "    image: altegio-sandbox\n" in FILES["compose.yaml"]
    assert (Path(__file__).parents[2] / "Dockerfile").read_text().count("altegio-sandbox") >= 2


def test_the_seed_and_the_state(tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text(SEED)
    with served(SERVE_SEED, tmp_path) as (settings, lines):
        assert lines[8:] == ["The owners of 124 have clicked Connect.\n", "Press Ctrl-C to stop.\n"]
        with httpx.Client(base_url=settings["ALTEGIO_BASE_URL"], trust_env=False) as http:
            first = http.get("/sandbox/snapshot").json()
            http.post("/sandbox/clock", data={"days": 40}).raise_for_status()
    assert first["now"].startswith("2026-12-01 12:0")
    assert {one["salon_id"]: one["status"] for one in first["locations"]} == {
        123: "active", 124: "pending", 125: "freezed", 126: "uninstalled"
    }  # fmt: skip
    second, once = first["payments"]
    assert (once["salon_id"], once["payment_sum"], once["currency_iso"]) == (123, "990.99", "EUR")
    assert (once["period_to"], once["refunded_at"]) == ("2026-12-31 23:59:59", None)
    assert (second["salon_id"], second["payment_sum"], second["currency_iso"]) == (125, "50", "USD")
    assert second["refunded_at"] is not None

    (tmp_path / "seed.json").write_text('{"locations": [{"salon_id": 999}]}')
    with served(SERVE_SEED, tmp_path) as (settings, lines):
        assert lines[8:] == ["Continuing from sandbox.db.\n", "Press Ctrl-C to stop.\n"]
        with httpx.Client(base_url=settings["ALTEGIO_BASE_URL"], trust_env=False) as http:
            again = http.get("/sandbox/snapshot").json()
    assert again["now"].startswith("2027-01-10 12:0")
    assert {one["salon_id"]: one["status"] for one in again["locations"]} == {
        123: "freezed", 124: "uninstalled", 125: "freezed", 126: "uninstalled"
    }  # fmt: skip
    assert again["payments"] == first["payments"]


def outcome(fault: FaultName, method: str) -> tuple[bool, str | None]:
    """Inject a fault into a call, and return whether it was recorded, and the name of the error that it raised."""
    sandbox = Sandbox(stop_clock=True)  # so that no delay takes any time
    sandbox.connect(123)
    sandbox.connect(124)
    with ap.PartnerClient(
        sandbox.partner_token, application_id=123, transport=sandbox.transport(), max_retries=0
    ) as partner:
        partner.complete_registration(salon_id=123)
        payment: dict[str, Any] = {"salon_id": 123, "payment_sum": 5, "currency_iso": "EUR", **DECEMBER}
        payment_id = partner.notify_payment(**payment)
        arguments = {
            "complete_registration": {"salon_id": 124},
            "notify_payment": payment,
            "notify_refund": {"payment_id": payment_id},
        }
        sandbox.inject_fault(fault)
        raised = None
        try:
            getattr(partner, method)(**arguments[method])
        except ap.AltegioError as error:
            raised = type(error).__name__
    recorded = {
        "complete_registration": sandbox.installation(124).status == "active",
        "notify_payment": len(sandbox.payments(123)) == 2,
        "notify_refund": sandbox.payments(123)[0].is_refunded,
    }
    return recorded[method], raised


def test_the_table_of_faults() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (yes|no) \| (?:`(\w+)`|–) \|$", PAGE, re.MULTILINE)
    assert [name for name, _, _, _ in rows] == [*FAULT_NAMES]
    assert {name: (recorded == "yes", error or None) for name, _, recorded, error in rows} == {
        name: outcome(name, "notify_payment") for name in FAULT_NAMES
    }
    for name, words, _, _ in rows:
        known = re.sub("^(recorded, then|not recorded:) ", "", FAULTS[name].description)
        assert words.replace("`", "").startswith(known)


def test_the_faults_that_other_calls_survive() -> None:
    words = " ".join(PAGE.split())
    for method in ("notify_refund", "complete_registration"):
        survived = [f"`{name}`" for name in FAULT_NAMES if name != "latency" and outcome(name, method)[1] is None]
        assert f"`{method}` succeeds despite {', '.join(survived)}." in words
