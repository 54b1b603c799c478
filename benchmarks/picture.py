"""Draws a run of `calls.py` from its JSON. The picture brings its own light ground, so dark pages can show it too."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HERE = Path(__file__).parent
GROUND, INK, OURS, PEER, TARGET = "#fbfbf9", "#22272e", "#1f6feb", "#a9b1ba", "#c2410c"


@dataclass(frozen=True)
class Panel:
    """A comparison in the picture: one column of a table, and the target that belongs to it."""

    table: str
    title: str
    column: str
    target: str
    is_logarithmic: bool = False


PANELS = (
    Panel("in_memory", "CPU per call, no network", "× bare httpx", "CPU in memory, × bare httpx"),
    Panel("loopback", "CPU per call, over loopback", "× bare httpx", "CPU over loopback, × bare httpx"),
    Panel("start_up", "Import, first client", "× bare httpx", "import and first client, × bare httpx"),
    Panel("tasks_100", "Calls a second, 100 tasks (log)", "× bare httpx", "100 tasks, × bare httpx", True),
    Panel("tasks_1000", "Calls a second, 1,000 tasks (log)", "× bare httpx", "1,000 tasks, × bare httpx", True),
    Panel(
        "many_calls",
        "CPU as calls add up",
        "× the first",
        "cost per call, highest of the rows × the first",
    ),
)


def draw(run: dict[str, Any], picture: Path) -> None:
    """Draw the run into a file, of the kind that its name says."""
    mpl.rcParams.update({"svg.hashsalt": "altegio-partner", "font.size": 9})
    for part in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"):
        mpl.rcParams[part] = INK
    tables = {table["key"]: table for table in run["tables"]}
    figure = Figure(figsize=(12, 6), layout="constrained", facecolor=GROUND)
    machine = run["machine"]
    figure.suptitle(
        f"altegio-partner beside its peers: {machine['cpu']}, {machine['cores']} cores, Python {machine['python']}",
        weight="bold",
    )
    for panel, axes in zip(PANELS, figure.subplots(2, 3).flat, strict=True):
        _draw(panel, tables[panel.table], axes)
    figure.savefig(picture, metadata={"Date": None} if picture.suffix == ".svg" else None)


def _draw(panel: Panel, table: dict[str, Any], axes: Axes) -> None:
    rows: dict[str, dict[str, Any]] = table["rows"]
    values = [row[panel.column] for row in rows.values()]
    (target,) = [one for one in table["targets"] if one["what"] == panel.target]
    ours = [name for name in rows if name.startswith("ours") or panel.table == "many_calls"]
    axes.barh([*rows], values, color=[OURS if name in ours else PEER for name in rows], height=0.7)
    for index, (name, row) in enumerate(rows.items()):
        end = values[index]
        if name in ours and "aiohttp" not in name:  # the target is of ours, over its default transport
            axes.plot([target["bound"]] * 2, [index - 0.45, index + 0.45], color=TARGET, linewidth=2)
            end = max(end, target["bound"])
        failed = ", some time out" if row.get("errors", "0") != "0" else ""
        text = f"{values[index]:.2f}{failed}"
        axes.annotate(text, (end, index), (5, 0), textcoords="offset points", verticalalignment="center")
    side = "≤" if target["is_maximum"] else "≥"
    axes.set_title(panel.title, weight="bold", size=10)
    axes.set_xlabel(f"{panel.column}, target {side} {target['bound']:g}", size=8)
    if panel.is_logarithmic:
        axes.set_xscale("log")
    axes.margins(x=0.4)
    axes.invert_yaxis()
    axes.set_facecolor(GROUND)
    axes.set_xticks([])
    axes.minorticks_off()
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def main() -> None:
    """Read the options, and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("json", type=Path, nargs="?", default=HERE / "last-run.json", help="what calls.py wrote")
    parser.add_argument("picture", type=Path, nargs="?", default=HERE / "last-run.svg", help="SVG or PNG")
    options = parser.parse_args()
    draw(json.loads(options.json.read_text()), options.picture)


if __name__ == "__main__":
    main()
