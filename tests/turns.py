"""Which tests begin where several processes share them."""

from pathlib import Path

HERE = Path(__file__).parent
LONGEST = (
    "stories/test_demo_killed.py",
    "scheduler/test_compiled.py",
    "stories/test_two_houses.py",
    "seeds/test_load.py",
    "browser/test_journey.py",
    "browser/test_demo.py",
    "stories/test_last_places.py",
    "stories/test_large_order.py",
    "stories/test_first_look.py",
    "stories/test_accessible.py",
    "web/test_forms.py",
    "web/test_schema.py",
    "cosmo/test_bootstrap.py",
    "seeds/test_simulator.py",
    "modules/interaction/test_tampering.py",
    "stories/test_combinations.py",
    "web/test_access.py",
)
"""Where several processes share the tests, these begin, so that none is alone with a long one in the end; and
what is costly to prepare stays in one process."""


def turn(path: Path) -> int:
    """When the tests of a file begin: the longest first, all others in their order after them."""
    name = path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else ""
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)
