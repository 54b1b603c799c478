"""How much is tried: a little in the tests of every change, all of it in `nox -s soundness`."""

import os

CASES = int(os.environ.get("ALTEGIO_SOUNDNESS_CASES", "500"))
IS_ALL = CASES >= 10_000
