"""`bench`: measure every goal of this library against its peers."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scheduler.errors import SchedulerError

INSTANCES = Path(__file__).parents[3] / "shared" / "bench"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Make the command known."""
    parser = commands.add_parser("bench", help="measure this library against its peers")
    parser.set_defaults(run=run)
    parser.add_argument("--full", action="store_true", help="as the goals say, five seeds: hours")
    parser.add_argument("--only", metavar="ROW,...", help="only these rows")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where table, data and plots go")
    parser.add_argument(
        "--instances", type=Path, default=INSTANCES, metavar="FOLDER", help="(../shared/bench)"
    )
    parser.add_argument("--seeds", type=int, metavar="N", help="seeds a figure (quick 1, full 5)")
    parser.add_argument("--peer-seeds", type=int, metavar="N", help="seeds a figure of the peers (as many)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="threads of every solver (2)")
    parser.add_argument("--pyjobshop", metavar="PYTHON", help="the Python that has PyJobShop (this one)")


def _compile(say: Callable[[str], None]) -> None:
    """The goals are those of compiled kernels: have them on disk before anything is measured."""
    from scheduler.compiling import possible, warm_up

    began = time.monotonic()
    if possible():
        warm_up()
    say(f"kernels {'on disk' if possible() else 'stay pure'} after {time.monotonic() - began:.0f} s")


def run(options: argparse.Namespace) -> int:
    """Measure, write, and print the table."""
    from scheduler.bench import ROWS
    from scheduler.bench import run as measure
    from scheduler.bench.context import Bench

    only = [name for name in (options.only or "").split(",") if name]
    for name in only:
        if name not in ROWS:
            raise SchedulerError(f"there is no row {name}; choose from {', '.join(ROWS)}")
    if not (options.instances / "plant").is_dir():
        raise SchedulerError(f"there are no instances in {options.instances}; say where with --instances")
    bench = Bench(
        options.instances,
        options.out or Path(tempfile.mkdtemp(prefix="scheduler-bench-")),
        full=options.full,
        seeds=options.seeds or (5 if options.full else 1),
        peer_seeds=options.peer_seeds,
        workers=options.workers,
        pyjobshop=options.pyjobshop or sys.executable,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )
    _compile(bench.say)
    measure(bench, only)
    print((bench.out / "table.md").read_text(encoding="utf-8"))
    print(f"written into {bench.out}")
    return 0
