"""The sandbox takes the JSON that a real PHP takes, in which Altegio is written."""

import base64
import json
import subprocess

import pytest

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


def test_json_as_php_reads_it() -> None:
    bodies = {name: base64.b64encode(body).decode() for name, (body, _) in BODIES.items()}
    php = ["php", "-n", "-r", SCRIPT]
    ran = subprocess.run(
        php,
        input=json.dumps(bodies),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, f"{ran.stderr}\nThis test needs php."
    assert json.loads(ran.stdout) == {name: is_accepted for name, (_, is_accepted) in BODIES.items()}
