"""What the colours, patterns and strips mean: (sign as SVG of 20 by 14, words)."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.drawing.look import PLOTS
from scheduler.drawing.svg import glyph, line, rect, width_of
from scheduler.drawing.view import View

Entry = tuple[str, str]


def signs(view: View) -> list[Entry]:
    """The legend of what occurs in this plan."""
    machines = [r.resource for r in view.rows if r.resource.kind == "machine"]
    kilns = [r.resource for r in view.rows if r.resource.kind == "batch"]
    found: list[Entry] = []
    if any(r.setup for r in machines + kilns):
        found.append((rect(0, 1, 20, 12, "setup"), "setup"))
    if kilns:
        fill = rect(0, 1, 20, 12, "sunken", 3) + rect(0, 6, 20, 7, "block", 2)
        found += [(fill, "load of a firing"), (line(1, 7, 19, 7, "firing"), "firing")]
    if any(k.least_load for k in kilns):
        found.append((line(0, 7, 20, 7, "full"), "least load"))
    if any(k.loading for k in kilns):
        found.append((line(1, 7, 19, 7, "loading"), "loading"))
    if any(k.cooling for k in kilns):
        found.append((line(2, 7, 19, 7, "cooling"), "cooling"))
    if any(op.may_pause for op in view.plan.operations.values()):
        found.append((line(1, 7, 19, 7, "rest"), "rests"))
    return [*found, *_always(view)]


def _always(view: View) -> Iterator[Entry]:
    yield rect(0, 1, 20, 12, "closed") + rect(0.5, 1.5, 19, 11, "rule"), "closed"
    if view.problem.fixed:
        yield line(0, 12, 20, 12, "fact"), "started or frozen"
    if any(s.op is None for stays in view.plan.stays.values() for s in stays):
        yield rect(0, 1, 20, 12, "lost", 3), "out of use"
    if view.problem.goal != "makespan":
        yield rect(0.6, 1, 18.8, 12, "late", 3) + glyph("late", 4, 1, 12, "glyph"), "late"


def families(view: View) -> list[tuple[str, list[Entry]]]:
    """For each setup matrix of machines its families with their paints."""
    return [(name, _paints(paints, view, name)) for name, paints in sorted(view.paints.of.items())]


def _paints(paints: dict[str, int], view: View, name: str) -> list[Entry]:
    plain = [f for f in paints if paints[f] <= PLOTS]
    entries = [(rect(0, 1, 20, 12, f"f{paints[f]}", 3), f) for f in plain]
    striped = [f for f in paints if paints[f] > PLOTS]
    entries += [(rect(0, 1, 20, 12, f"f{paints[f]}", 3), f) for f in striped]
    more = [f for f in view.problem.setups[name].families if f not in paints]
    if more:
        entries.append((rect(0, 1, 20, 12, "f0", 3), "others"))
    return entries


def flow(entries: list[Entry], width: float) -> Iterator[tuple[float, float, str, str]]:
    """(x, line number, sign, words) of entries set one after the other in lines of this width."""
    x, row = 0.0, 0.0
    for sign, text in entries:
        needed = 26 + width_of(text) + 18
        if x and x + needed > width:
            x, row = 0.0, row + 1
        yield x, row, sign, text
        x += needed
