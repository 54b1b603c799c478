"""List the packages of an environment, as CycloneDX, with the wheel as its root: PYTHON WHEEL INTO."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main() -> None:
    """Let cyclonedx-py list it, and add what it cannot know of us: version and sum, which are made when we build."""
    python, wheel, into = sys.argv[1:]
    command = ["cyclonedx-py", "environment", "--pyproject", "pyproject.toml", "--mc-type", "library"]
    listing = [*command, "--spec-version", "1.6", "--output-reproducible", python]
    sbom = json.loads(subprocess.run(listing, check=True, capture_output=True, text=True).stdout)

    version = Path(wheel).name.split("-")[1]
    sbom["metadata"]["component"] |= {
        "version": version,
        "purl": f"pkg:pypi/altegio-partner@{version}",
        "hashes": [{"alg": "SHA-256", "content": sha256(Path(wheel).read_bytes()).hexdigest()}],
    }
    text = json.dumps(sbom, indent=2) + "\n"
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault:
        sys.exit(f"not a valid SBOM: {fault}")
    Path(into).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
