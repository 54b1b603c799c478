"""Altegio's documented rate limits for one IP address: 5 calls a second and 200 a minute.

    PartnerClient(rate_limit=altegio_rate_limit())

keeps both, for all threads or tasks of a client, and of all clients that share the limit. Several processes behind one
IP address need a shared limit: pass `ALTEGIO_RATES` to a bucket of pyrate-limiter in Redis or a database.
"""

from altegio_partner.extras import extra

with extra("rate-limit"):
    from pyrate_limiter import Limiter, Rate

__all__ = ["ALTEGIO_RATES", "altegio_rate_limit"]

ALTEGIO_RATES = [Rate(5, 1400), Rate(200, 61_000)]
"""Calls per milliseconds, over longer intervals than documented, because evenly sent calls may arrive unevenly.

A call that opens a connection arrives about a hundred milliseconds later than one that reuses it. The limit of a
minute is not affected: five in 1.4 seconds are still more than 200 a minute.
"""


def altegio_rate_limit() -> Limiter:
    """Return a limit for the clients of this process."""
    return Limiter(ALTEGIO_RATES)
