"""The pages of the documentation that are programs run, and print what they say; every other page has a test file."""

import re
from pathlib import Path

import pytest

from tests.pages.page import DOCS, Page

PROGRAMS = ["async", "extending", "locations", "money", "telephony", "time-zones", "webhooks", "when-it-fails"]
ABOUT_TESTING = ["sandbox", "testing-other-languages"]  # in test_testing.py, with the page on testing
MEASURED = ["performance"]  # its one command starts the benchmark


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_page_runs_and_prints_what_it_says(name: str, tmp_path: Path) -> None:
    page = Page.of(name)
    ran = page.run(tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == page.printed


def test_no_page_with_code_is_forgotten() -> None:
    with_code = {file.stem for file in DOCS.rglob("*.md") if re.search(r"^\s*```\w", Page(file).text, re.MULTILINE)}
    tested = {file.stem.removeprefix("test_").replace("_", "-") for file in Path(__file__).parent.glob("test_*.py")}
    assert with_code - tested == {*PROGRAMS, *MEASURED, *ABOUT_TESTING} - tested
    assert with_code >= {*PROGRAMS, *MEASURED, *ABOUT_TESTING}
    assert tested - with_code == {"drawings", "every-page", "examples", "readme"}
