"""How much is tried: a little in the tests of every change, all of it in `nox -s soundness -- full`."""

import os

PAYMENTS = int(os.environ.get("ALTEGIO_DURABILITY_PAYMENTS", "100"))
KILLS = max(20, PAYMENTS // 10)
IS_ALL = PAYMENTS >= 2000
ROLLING = 500 if IS_ALL else 50
DATABASES = ("sqlite", "postgresql") if IS_ALL else ("sqlite",)

SETTLE_TIME = 2.0  # seconds
TIMEOUT = 0.5
SANDBOX_STATUS_DELAY = 1.9  # nearly the settle time, which is what it may be
