"""Draws what `web.drawing.apart` asks for on standard input; run by itself, so that it can be ended."""

import json
import resource
import sys

from resvg_py import svg_to_bytes

REFUSED = 3


def main() -> None:
    """Seconds and megabytes it may take are its arguments; what cannot be drawn ends it with `REFUSED`."""
    seconds, megabytes = (int(argument) for argument in sys.argv[1:3])
    _bound(resource.RLIMIT_CORE, 0, 0)
    _bound(resource.RLIMIT_CPU, seconds, seconds + 1)
    _bound(resource.RLIMIT_AS, megabytes << 20, megabytes << 20)
    order = json.load(sys.stdin.buffer)
    try:
        made = svg_to_bytes(**order)
    except ValueError:
        sys.exit(REFUSED)
    sys.stdout.buffer.write(made)


def _bound(what: int, soft: int, hard: int) -> None:
    """No more than whoever started it allows anyway."""
    most = resource.getrlimit(what)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(what, (soft, hard))


if __name__ == "__main__":
    main()
