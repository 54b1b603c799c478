"""How often Altegio lets one IP address call: 5 times a second and 200 times a minute, as it documents.

    PartnerClient(rate_limit=altegio_rate_limit())

keeps both, for all threads or tasks of a client, and of all clients that share the limit. Several processes behind one
address need a limit that they share: give `ALTEGIO_RATES` to a bucket of pyrate-limiter in Redis or a database.
"""

from altegio_partner.extras import extra

with extra("rate-limit"):
    from pyrate_limiter import Limiter, Rate

__all__ = ["ALTEGIO_RATES", "altegio_rate_limit"]

ALTEGIO_RATES = [Rate(5, 1400), Rate(200, 61_000)]
"""Calls in so many milliseconds, longer than documented, for what leaves evenly may arrive unevenly.

A call that opens a connection arrives some hundred milliseconds later than one that finds it open. That costs no calls
a minute: five in 1.4 seconds are still more than 200 a minute.
"""


def altegio_rate_limit() -> Limiter:
    """Return a limit for the clients of this process."""
    return Limiter(ALTEGIO_RATES)
