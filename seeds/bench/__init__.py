"""`cosmo bench NAME`: measures and writes results; nothing here is a test, and no test asserts seconds."""

import argparse
import json
import os
import platform
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from cosmo.settings import read_settings
from seeds.bench import configure, promise, spine
from seeds.bench.table import Table

BENCHES: dict[str, tuple[Callable[[Any], Table], Any, Any]] = {
    "configure": (configure.run, configure.USUAL, configure.QUICK),
    "promise": (promise.run, promise.USUAL, promise.QUICK),
    "spine": (spine.run, spine.USUAL, spine.QUICK),
}
"""Name -> what runs it, its usual sizes, and those of a quick run."""


def main(argv: list[str]) -> int:
    """Run one bench; the table goes to the screen, table, figures and plots to `--out`."""
    parser = argparse.ArgumentParser(prog="cosmo bench")
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--quick", action="store_true", help="smaller: fewer repetitions, or fewer days")
    parser.add_argument("--out", type=Path, help="folder for the results; else bench/ in the home folder")
    sizes = parser.add_argument_group("sizes of spine", "instead of the usual ones")
    sizes.add_argument("--configures", type=int, metavar="N", help="clicks on the configurator")
    sizes.add_argument("--orders", type=int, metavar="N", help="orders placed")
    sizes.add_argument("--events", type=int, metavar="N", help="events followed")
    sizes.add_argument("--watchers", type=_numbers, metavar="N,N", help="how many follow them")
    sizes.add_argument("--search", type=float, metavar="S", help="seconds of search compared")
    sizes = parser.add_argument_group("sizes of configure", "instead of the usual ones")
    sizes.add_argument("--clicks", type=int, metavar="N", help="clicks of each customer that count")
    sizes.add_argument("--warm", type=int, metavar="N", help="clicks of each before those")
    sizes.add_argument("--customers", type=int, metavar="N", help="who click once a second each")
    sizes.add_argument("--visits", type=int, metavar="N", help="cold visits of a page on a slow phone")
    sizes = parser.add_argument_group("sizes of promise", "instead of the usual ones")
    sizes.add_argument("--months", type=int, metavar="N", help="months simulated, each drawn anew")
    sizes.add_argument("--seed", type=int, metavar="N", help="what the first month is drawn from")
    sizes.add_argument("--days", type=int, metavar="N", help="days with customers, those before included")
    sizes.add_argument("--measured", type=int, metavar="N", help="days that count, the last ones")
    sizes.add_argument("--rounds", type=int, metavar="N", help="rounds of search for the best in hindsight")
    sizes.add_argument("--load", type=float, metavar="SHARE", help="share of the kilns that is asked for")
    options = parser.parse_args(argv)
    run, usual, quick = BENCHES[options.name]
    table = run(_sized(quick if options.quick else usual, options, parser))
    print(f"\n{options.name} on {machine()}\n\n{table.markdown()}\n")
    _write(options.out or read_settings().home / "bench", options.name, table)
    return 0


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _sized(sizes: Any, options: argparse.Namespace, parser: argparse.ArgumentParser) -> Any:
    """The sizes with those that were named on the command line in their place."""
    other = {"name", "quick", "out"}
    given = {name: value for name, value in vars(options).items() if value is not None and name not in other}
    strange = sorted(set(given) - {f.name for f in fields(sizes)})
    if strange:
        parser.error(f"--{strange[0]} is no size of {options.name}")
    return replace(sizes, **given)


def machine() -> str:
    """What it was measured on, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next((line.split(":")[1].strip() for line in _cpu_lines() if line.startswith("model name")), "")
    name = model or platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores ({name}), {memory:.0f} GiB, Python {platform.python_version()}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _write(folder: Path, name: str, table: Table) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    body = {"bench": name, "machine": machine(), "head": table.head, "rows": table.rows, "notes": table.notes}
    (folder / f"{name}.json").write_text(json.dumps(body, indent=1), encoding="utf-8")
    (folder / f"{name}.md").write_text(table.markdown() + "\n", encoding="utf-8")
    for picture, svg in table.pictures.items():
        (folder / f"{picture}.svg").write_text(svg, encoding="utf-8")
    plots = f", {len(table.pictures)} plots" if table.pictures else ""
    print(f"Written to {folder.name}: {name}.json, {name}.md{plots}.")
