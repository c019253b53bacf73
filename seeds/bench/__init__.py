"""`cosmo bench NAME`: measures and writes results; nothing here is a test, and no test asserts seconds."""

import argparse
import json
import os
import platform
from pathlib import Path

from cosmo.settings import read_settings
from seeds.bench import spine
from seeds.bench.table import Table

BENCHES = {"spine": spine.run}


def main(argv: list[str]) -> int:
    """Run one bench; the table goes to the screen, table and figures to `<home>/bench/`."""
    parser = argparse.ArgumentParser(prog="cosmo bench")
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    options = parser.parse_args(argv)
    table: Table = BENCHES[options.name](quick=options.quick)
    print(f"\n{options.name} on {machine()}\n\n{table.markdown()}\n")
    _write(read_settings().home / "bench", options.name, table)
    return 0


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
