"""`render PROBLEM SCHEDULE --out plan.html`: draw a plan."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduler.commands.files import add_files, minute, read_files, write_text
from scheduler.errors import SchedulerError


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Make the command known."""
    parser = commands.add_parser("render", help="draw a plan as a page or a picture")
    parser.set_defaults(run=run)
    add_files(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="ends in .html or .svg")
    parser.add_argument("--from", dest="start", metavar="T", help="a minute or a date (the first start)")
    parser.add_argument("--until", dest="end", metavar="T", help="a minute or a date (the last end)")
    parser.add_argument("--width", type=int, default=1440, metavar="PX", help="pixels (1440)")


def run(options: argparse.Namespace) -> int:
    """Draw and write one file that needs nothing else."""
    from scheduler.drawing import render

    out = Path(options.out)
    if out.suffix not in (".html", ".svg"):
        raise SchedulerError(f"{out.name} ends in neither .html nor .svg")
    if options.width < 480:
        raise SchedulerError(f"{options.width} pixels are too few; at least 480 are needed")
    problem, schedule = read_files(options)
    start, end = minute(problem, options.start), minute(problem, options.end)
    text = render(problem, schedule, fmt=out.suffix[1:], start=start, end=end, width=options.width)
    write_text(out, text)
    print(f"{problem.name}: drawn in {out.name}, {len(text.encode()) / 1e6:.1f} MB")
    return 0
