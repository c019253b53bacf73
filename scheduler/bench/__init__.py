"""The bench: every goal of this library measured against its peers, in one run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from scheduler.bench import promise_rows, rows
from scheduler.bench.context import Bench
from scheduler.bench.findings import Finding
from scheduler.bench.machine import machine, sentence
from scheduler.bench.plots import ecdf, plot
from scheduler.bench.table import markdown

Row = Callable[[Bench], Iterator[Finding]]
ROWS: dict[str, Row] = {
    "first-plan": rows.first_plan,
    "tardiness": rows.tardiness,
    "planted": rows.planted,
    "small": rows.small,
    "flexible": rows.flexible,
    "classic": rows.classic,
    "large": rows.large,
    "long": rows.long,
    "promise": promise_rows.promise,
    "displace": promise_rows.displace,
    "commit": promise_rows.commit,
    "repair": promise_rows.repair,
    "growth": rows.growth,
}


def run(bench: Bench, only: Iterable[str] = ()) -> list[Finding]:
    """Measure the rows, all or only some; after each the table, the data and the plots are written anew."""
    bench.out.mkdir(parents=True, exist_ok=True)
    before, found = machine(), list[Finding]()
    for name in list(only) or ROWS:
        bench.say(f"{name}: {(ROWS[name].__doc__ or '').strip()}")
        found += ROWS[name](bench)
        write(bench, found, before)
    return found


def write(bench: Bench, found: list[Finding], before: dict[str, str]) -> None:
    """table.md, findings.json and the plots, into the run's folder."""
    after = machine()
    form = f"full form, {_seeds(bench)}" if bench.full else "quick form"
    text = markdown(found, sentence(before, after), form)
    (bench.out / "table.md").write_text(text, encoding="utf-8")
    data = {
        "machine": before,
        "load average after": after["load average"],
        "form": form,
        "findings": [finding.as_dict() for finding in found],
    }
    (bench.out / "findings.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    for name, picture in plots(found).items():
        (bench.out / f"{name}.svg").write_text(picture, encoding="utf-8")


def _seeds(bench: Bench) -> str:
    """How many seeds a figure stands on, in words."""
    peers = bench.seeds if bench.peer_seeds is None else bench.peer_seeds
    told = f"{bench.seeds} seed{'s' * (bench.seeds != 1)}"
    return told if peers == bench.seeds else f"{told} (peers {peers})"


def plots(found: Iterable[Finding]) -> dict[str, str]:
    """The plots that the findings have figures for, by file name."""
    made: dict[str, str] = {}
    latencies: dict[str, list[tuple[float, float]]] = {}
    for finding in found:
        curve = finding.detail.get("curve")
        if curve:
            title = f"{finding.subject}: objective over time"
            made[f"objective-{finding.subject}"] = plot(title, "seconds", finding.unit, curve, steps=True)
        if finding.detail.get("growth"):
            made["growth"] = _growth(finding.detail["growth"])
        latencies |= {name: ecdf(ms) for name, ms in finding.detail.get("latencies", {}).items() if ms}
    if latencies:
        title = "How long a promise takes"
        made["latency"] = plot(title, "milliseconds", "percent of all", latencies, log_x=True, steps=True)
    return made


def _growth(points: list[tuple[float, float, float]]) -> str:
    curves = {
        "first plan, seconds": [(size, first) for size, first, _ in points],
        "memory, GB": [(size, memory) for size, _, memory in points],
    }
    return plot("First plan and memory by the number of orders", "orders", "seconds; GB", curves)
