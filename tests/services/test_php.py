"""The sandbox takes the JSON that a real PHP takes, in which Altegio is written. A lenient one takes its dates."""

import base64
import json
import subprocess
from typing import Any

import pytest

from altegio_partner.sandbox.validation import DATE, read_fields
from tests.sandbox.test_json import BODIES

pytestmark = pytest.mark.services
SCRIPT = """
$found = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $name => $body) {
    json_decode(base64_decode($body), true);
    $found[$name] = json_last_error() === JSON_ERROR_NONE;
}
echo json_encode($found);
"""

DATES = [
    "2022-01-01 10:10:00", "2022-01-01T10:10:00", "2022-01-01", "2022-02-31 10:10:00", "2022-12-31 23:59:60",
    "2022-01-01 24:30:00", "2022-01-01 25:00:00", "2022-01-01 99:99:99", "2022-01-01 10:60:00", "2022-01-01 10:10:61",
    "2022-01-32", "2022-13-01",
]  # fmt: skip
SCRIPT_OF_DATES = """
date_default_timezone_set("UTC");
$found = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $date) {
    try {
        $found[$date] = (new DateTime($date))->format("Y-m-d H:i:s");
    } catch (Exception $error) {
        $found[$date] = null;
    }
}
echo json_encode($found);
"""


def php(script: str, given: object) -> Any:
    """Run a script, and return the JSON that it prints."""
    command = ["php", "-n", "-r", script]
    ran = subprocess.run(
        command,
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, f"{ran.stderr}\nThis test needs php."
    return json.loads(ran.stdout)


def test_json_as_php_reads_it() -> None:
    bodies = {name: base64.b64encode(body).decode() for name, (body, _) in BODIES.items()}
    assert php(SCRIPT, bodies) == {name: is_accepted for name, (_, is_accepted) in BODIES.items()}


def test_dates_as_php_reads_them() -> None:
    read = {date: read_fields({"date": date}, {"date": DATE}, lenient=True) for date in DATES}
    assert php(SCRIPT_OF_DATES, DATES) == {
        date: None if found.errors else found.content["date"] for date, found in read.items()
    }
