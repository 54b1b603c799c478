"""The road of CONTRIBUTING, "Add an endpoint", and of docs/extending.md, walked in a copy of the repository."""

import re
import subprocess
from pathlib import Path

from attrs import fields

from altegio_partner import Call
from tests.pages.page import Page
from tests.repository.checkouts import ROOT, Checkout

CONTRIBUTING = Page(ROOT / "CONTRIBUTING.md")
SECTION = CONTRIBUTING.text.partition("## Add an endpoint\n")[2].partition("\n## ")[0]
PAGE = Page.of("extending")
USE = """
import asyncio
import inspect
from typing import assert_type
import httpx
from altegio_partner import AsyncPartnerClient, Location, PartnerClient

def answer(request: httpx.Request) -> httpx.Response:
    assert str(request.url) == "https://api.alteg.io/api/v1/company/5", request.url
    assert request.method == "GET" and request.content == b""
    assert request.headers["authorization"] == "Bearer fake"
    return httpx.Response(200, json={"success": True, "data": {"id": "5", "title": "Salon", "new": 1}})

transport = httpx.MockTransport(answer)

async def main() -> None:
    async with AsyncPartnerClient("fake", application_id=7, transport=transport) as partner:
        location = await partner.get_location(salon_id=5)
        assert_type(location, Location)
        assert (location.id, location.title, location.raw["new"]) == (5, "Salon", 1)

with PartnerClient("fake", application_id=7, transport=transport) as partner:
    location = partner.get_location(salon_id=5)
    assert_type(location, Location)
    assert location.title == "Salon"
    expected = "(*, salon_id: int) -> altegio_partner.values.locations.Location"
    assert str(inspect.signature(partner.get_location)) == expected
asyncio.run(main())
"""


def test_the_explanation_is_short() -> None:
    assert len(SECTION.strip().splitlines()) < 25


def test_every_part_of_a_call_is_explained() -> None:
    table = PAGE.text.partition("| field |")[2].partition("\n\n")[0]
    explained = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert explained == [field.name for field in fields(Call)]


def test_endpoints_are_added(tmp_path: Path) -> None:
    checkout = Checkout.copied_to(tmp_path / "checkout")
    call, answer = CONTRIBUTING.code("yaml")
    (function,) = CONTRIBUTING.code()
    call += PAGE.part_of("spec/altegio-partner.yaml")
    answer += PAGE.part_of("spec/altegio-partner.yaml, schemas")
    functions = f"{function}\n\n{PAGE.part_of('altegio_partner/operations/marketplace.py')}"
    spec = checkout.folder / "spec" / "altegio-partner.yaml"
    text = spec.read_text().replace("\nwebhooks:\n", f"\n{call}\nwebhooks:\n", 1)
    spec.write_text(text.replace("  schemas:\n", f"  schemas:\n{answer}"))
    operations = checkout.folder / "altegio_partner" / "operations" / "marketplace.py"
    code = operations.read_text()
    last = "from altegio_partner_api.models import (\n"
    more = "".join(
        f"from altegio_partner_api.api.marketplace.{name} import _get_kwargs as {name}_request\n"
        for name in ("get_location", "set_frame")
    )
    code = code.replace(last, f"{more}{last}    Frame,\n", 1).replace("\n\n\ndef _", f"\n\n\n{functions}\n\ndef _", 1)
    assert functions in code
    operations.write_text(code)
    use = checkout.folder / "tests" / "typing" / "locations.py"
    use.write_text(USE)
    (checkout.folder / "tests" / "test_frames.py").write_text(PAGE.part_of("tests/test_frames.py"))

    for sessions in (["generate", "drift"], ["typing"]):
        ran = checkout.nox(*sessions)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    python = ROOT / ".nox" / "copies" / "typing" / "bin" / "python"
    for command in ([use], ["-m", "pytest", "tests/test_frames.py"]):
        ran = subprocess.run([python, *command], cwd=checkout.folder, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " 9 passed in " in ran.stdout
