"""What is explored: each scenario lets other things go wrong."""

from .world import INVOICE, Scenario

ONE = {"A": INVOICE}
TWINS = {"A": INVOICE, "B": INVOICE}
CURRENCIES = {"A": INVOICE, "B": {**INVOICE, "currency_iso": "USD"}}
SUMS = {"A": INVOICE, "B": {**INVOICE, "payment_sum": 50}}

SCENARIOS = {
    "one key": Scenario(ONE, units=2),
    "one key, time in quarters": Scenario(ONE),
    "twins": Scenario(TWINS, units=2, rounds=True),
    "twins, time in quarters": Scenario(TWINS),
    "three workers": Scenario(ONE, units=2, workers=3),
    "three keys": Scenario({**TWINS, "C": SUMS["B"]}, units=2, workers=3, reconciles=False),
    "database faults": Scenario(ONE, database_faults=True),
    "database faults, twins": Scenario(TWINS, units=2, database_faults=True),
    "PostgreSQL": Scenario(TWINS, units=2, database="postgresql", database_faults=True),
    "interrupts": Scenario(ONE, interrupts=True),
    "interrupts, database faults": Scenario(ONE, units=2, interrupts=True, database_faults=True),
    "interrupts, refunds": Scenario(ONE, units=2, interrupts=True, refunds=True),
    "frozen workers": Scenario(ONE, freezes=True),
    "too many requests": Scenario(ONE, units=2, too_many=True),
    "too many requests, frozen workers": Scenario(ONE, too_many=True, freezes=True),
    "currencies": Scenario(CURRENCIES, units=2),
    "no currency": Scenario(CURRENCIES, units=2, statuses=("plain", "no currency")),
    "unreadable": Scenario(SUMS, units=2, statuses=("plain", "unreadable sum", "no dates", "no id")),
    "written otherwise": Scenario(TWINS, units=2, statuses=("plain", "in quotes")),
    "refunds": Scenario(ONE, refunds=True),
    "refunds, unreadable": Scenario(ONE, units=2, refunds=True, statuses=("plain", "no is_refunded", "no id")),
    "refunds of twins": Scenario(TWINS, units=2, refunds=True),
    "careful people": Scenario(TWINS, units=2, people="careful"),
    "careful people, refunds": Scenario(ONE, refunds=True, people="careful"),
    "hasty people": Scenario(ONE, people="hasty", database_faults=True),
    "hasty people, two keys": Scenario(SUMS, units=2, people="hasty"),
    "equal payments are one": Scenario(TWINS, units=2, people="careful", recognises_equal=True),
    "two applications": Scenario(
        {"A": INVOICE, "A:8": INVOICE}, {"A:8": ("https://app.alteg.io", 8)}, units=2, people="careful"
    ),
    "two applications, statuses show both": Scenario(
        {"A": INVOICE, "A:8": INVOICE}, {"A:8": ("https://app.alteg.io", 8)}, units=2, people="careful", shows_all=True
    ),
    "two origins": Scenario(
        {"A": INVOICE, "A:there": INVOICE}, {"A:there": ("https://sandbox.example", 7)}, units=2, people="careful"
    ),
    "clocks": Scenario(ONE, clock_steps=2, freezes=True),
    "clocks, PostgreSQL": Scenario(ONE, clock_steps=2, freezes=True, database="postgresql"),
    "installed again": Scenario(ONE, units=2, reinstalls=True),
    "installed again, refunds": Scenario(ONE, units=2, reinstalls=True, refunds=True, people="careful"),
    "installed again, two keys": Scenario(SUMS, units=2, reinstalls=True, people="careful"),
    "restarts": Scenario(ONE, restarts=2),
    "restarts, twins": Scenario(TWINS, units=2, restarts=1, people="careful"),
}  # fmt: skip
