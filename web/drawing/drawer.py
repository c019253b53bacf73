"""Draws what `web.drawing.apart` asks for on standard input; run by itself, so that it can be ended."""

import json
import resource
import sys

from resvg_py import svg_to_bytes


def main() -> None:
    """Seconds and megabytes it may take are its arguments."""
    seconds, megabytes = (int(argument) for argument in sys.argv[1:3])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    sys.stdout.buffer.write(svg_to_bytes(**json.load(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
