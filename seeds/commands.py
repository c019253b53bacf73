"""Commands that need sample data: the demo, seeding, the simulator.

The simulator stands on the public API alone, so it starts in a tenth of the time: what the others stand on is
imported only for them.
"""

import argparse
import logging
import sys
from pathlib import Path

from cosmo.settings import read_settings
from seeds.files import SEED
from seeds.simulator.run import simulate as play


def demo(argv: list[str]) -> int:
    """Run the demonstration: seeded plants, simulated people and machines, one address to open."""
    from seeds import showing

    return showing.demo(argv)


def seed(argv: list[str]) -> int:
    """Write the sample plants, people and products into the database."""
    from seeds import showing

    return showing.seed(argv)


def simulate(argv: list[str]) -> int:
    """Play customers, operators, suppliers and carriers on a running demo."""
    parser = argparse.ArgumentParser(prog="cosmo simulate", description=simulate.__doc__)
    parser.add_argument("--demo", type=Path, default=None, help="the demo.json with everybody's keys")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--parent", type=int, default=None, help="stop when this process is gone")
    parser.add_argument("--verbose", action="store_true", help="say what was done and what was refused")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="simulator %(levelname)s %(message)s")
    logging.getLogger("seeds").setLevel(logging.INFO if options.verbose else logging.WARNING)
    path = options.demo or read_settings().home / "demo.json"
    if not path.exists():
        print(f"There is no {path.name} here; run `cosmo demo` or `cosmo seed` first.", file=sys.stderr)
        return 2
    return play(path, options.seed, parent=options.parent)


def bench(argv: list[str]) -> int:
    """Measure speed and memory and write the results with their ratios."""
    from seeds.bench import main

    return main(argv)
