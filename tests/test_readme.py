"""The README's module example is run as it stands there."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cosmo.db import Database
from cosmo.events import PAYLOADS, events_after
from cosmo.parties import Plant
from cosmo.registry import Registry
from cosmo.relay import drain
from cosmo.stages import Stage
from tests.factories import make_order, walk

README = Path(__file__).parents[1] / "README.md"


def _example() -> dict[str, Any]:
    code = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)[0]
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    return names


def test_the_example_module_answers_a_delivered_order(
    database: Database, plant: Plant, modules: Callable[..., Registry]
) -> None:
    modules(_example()["module"])
    try:
        with database.write() as session:
            order = make_order(session, plant)
            walk(session, order.id, Stage.SHIPPED)
        with database.read() as session:
            assert "thanked" not in [e.type for e in events_after(session, order.id)]
        drain(database)  # all owners are off here, so the order is carried on to its end
        with database.read() as session:
            told = [e.type for e in events_after(session, order.id)]
            assert told.count("delivered") == told.count("thanked") == 1
    finally:
        PAYLOADS.pop("thanked", None)
