"""See that the tests run against the wheel in this environment, and let its Pythons measure coverage when asked.

Where COVERAGE_PROCESS_START is not set, they do not import coverage: that takes as long as starting.
"""

import sys
import sysconfig
from pathlib import Path

import altegio_partner

START = "import os; 'COVERAGE_PROCESS_START' in os.environ and __import__('coverage').process_startup()\n"

if __name__ == "__main__":
    packages = Path(sysconfig.get_path("purelib"))
    if not Path(altegio_partner.__file__).is_relative_to(packages):
        sys.exit(f"{altegio_partner.__file__} is not the wheel.")
    (packages / "measured.pth").write_text(START)
