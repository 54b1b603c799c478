"""The extent of these tests: small with every change, full in `nox -s soundness -- full`."""

import os

PAYMENTS = int(os.environ.get("ALTEGIO_DURABILITY_PAYMENTS", "100"))
KILLS = max(20, PAYMENTS // 10)
FREEZES = KILLS // 10
IS_FULL = PAYMENTS >= 2000
ROLLING_PAYMENTS = 500 if IS_FULL else 50
DATABASES = ("sqlite", "postgresql") if IS_FULL else ("sqlite",)

STATUS_DELAY = 2.0  # seconds, of the ledger
TIMEOUT = 0.5  # seconds
SANDBOX_STATUS_DELAY = 1.9  # seconds: just below the ledger's
FROZEN = 2.5 * STATUS_DELAY  # seconds: after this, a claim that is not shown counts as not recorded
SET_FORWARD, SET_BACK = 3600.0, 3.0  # seconds by which the wall clock is set, the one after the other
