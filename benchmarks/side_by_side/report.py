"""What was measured, as tables to print and to keep, beside what it should be."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

Value = float | str | None


@dataclass(frozen=True)
class Target:
    """A figure that should stay within a bound. Missing it fails nothing: timings are not tests."""

    what: str
    measured: float
    bound: float
    is_maximum: bool = True

    @property
    def is_met(self) -> bool:
        """Whether it does."""
        return self.measured <= self.bound if self.is_maximum else self.measured >= self.bound

    def __str__(self) -> str:
        sign = "≤" if self.is_maximum else "≥"
        return (
            f"| {self.what} | {self.measured:.4g} | {sign} {self.bound:g} | {'met' if self.is_met else '**missed**'} |"
        )


@dataclass
class Table:
    """One comparison."""

    key: str
    title: str
    columns: dict[str, str]
    """Each column, and how its numbers are written."""
    rows: dict[str, dict[str, Value]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Calls that failed, and counts that differ: these do fail the run."""

    def expect(self, what: str, actual: object, expected: object) -> None:
        """Note a problem unless both are the same."""
        if actual != expected:
            self.problems.append(f"{self.title}: {what} is {actual}, not {expected}")

    def __str__(self) -> str:
        lines = [f"### {self.title}", "", f"| | {' | '.join(self.columns)} |", f"|---|{'---:|' * len(self.columns)}"]
        for name, row in self.rows.items():
            cells = [_written(row.get(column), form) for column, form in self.columns.items()]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        return "\n".join([*lines, *(f"\n{note}" for note in self.notes)])


def _written(value: Value, form: str) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else format(value, form)


def as_text(tables: Iterable[Table]) -> str:
    """Write all tables, and last the targets, as Markdown."""
    tables = list(tables)
    targets = [str(target) for table in tables for target in table.targets]
    problems = [f"- {problem}" for table in tables for problem in table.problems]
    parts = [
        *map(str, tables),
        "\n".join(["### Targets", "", "| | measured | target | |", "|---|---:|---:|---|", *targets]),
    ]
    return "\n\n".join([*parts, *(["\n".join(["### Problems", "", *problems])] if problems else [])])


def as_json(table: Table) -> dict[str, Any]:
    """Return a table as JSON."""
    return {**asdict(table), "targets": [{**asdict(one), "is_met": one.is_met} for one in table.targets]}


Comparison = Callable[[bool], list[Table]]
"""Measures, quickly or well, and returns its tables."""
