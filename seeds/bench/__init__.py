"""`cosmo bench NAME`: measures and writes results; nothing here is a test, and no test asserts seconds."""

import argparse
import json
import os
import platform
from dataclasses import fields, replace
from pathlib import Path

from cosmo.settings import read_settings
from seeds.bench import spine
from seeds.bench.table import Table

BENCHES = {"spine": (spine.run, spine.USUAL, spine.QUICK)}
"""Name -> what runs it, its usual sizes, and those of a quick run."""


def main(argv: list[str]) -> int:
    """Run one bench; the table goes to the screen, table and figures to `<home>/bench/`."""
    parser = argparse.ArgumentParser(prog="cosmo bench")
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, on a plant without a past")
    sizes = parser.add_argument_group("sizes", "instead of the usual ones")
    sizes.add_argument("--configures", type=int, metavar="N", help="clicks on the configurator")
    sizes.add_argument("--orders", type=int, metavar="N", help="orders placed")
    sizes.add_argument("--events", type=int, metavar="N", help="events followed")
    sizes.add_argument("--watchers", type=_numbers, metavar="N,N", help="how many follow them")
    sizes.add_argument("--search", type=float, metavar="S", help="seconds of search compared")
    options = parser.parse_args(argv)
    run, usual, quick = BENCHES[options.name]
    table = run(_sized(quick if options.quick else usual, options))
    print(f"\n{options.name} on {machine()}\n\n{table.markdown()}\n")
    _write(read_settings().home / "bench", options.name, table)
    return 0


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _sized(sizes: spine.Sizes, options: argparse.Namespace) -> spine.Sizes:
    """The sizes with those that were named on the command line in their place."""
    given = {f.name: getattr(options, f.name, None) for f in fields(sizes)}
    return replace(sizes, **{name: value for name, value in given.items() if value is not None})


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
    body = {"bench": name, "machine": machine(), "rows": table.rows}
    (folder / f"{name}.json").write_text(json.dumps(body, indent=1), encoding="utf-8")
    (folder / f"{name}.md").write_text(table.markdown() + "\n", encoding="utf-8")
    print(f"Written to {folder.name}/{name}.json and .md in the home folder.")
