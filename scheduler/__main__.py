"""`python3 -m scheduler solve | verify | render | why | bench`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from scheduler.commands import benching, explaining, rendering, solving, verifying
from scheduler.errors import SchedulerError

COMMANDS = (solving, verifying, rendering, explaining, benching)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 not feasible, 2 bad input."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except SchedulerError as error:
        print(f"scheduler: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m scheduler", description="Schedule a plant.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # what is still loading beside the search is not waited for
