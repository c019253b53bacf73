"""Every one of the 128 on/off combinations of the seven modules carries an order from entry to closed."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import cosmo.tables  # noqa: F401 - every kernel table
from cosmo.db import Database
from cosmo.events import payload_of
from cosmo.lifecycle import differences
from cosmo.registry import registry
from cosmo.stages import KERNEL, VERBS
from tests.factories import MONDAY
from tests.stories.workshop import history_of, live_on, make_workshop, order_cups, stop_clock

MODULES = ("interaction", "logistics", "manufacturing", "marketing", "procurement", "rnd", "service")
SUBSETS = [frozenset(c) for size in range(8) for c in combinations(MODULES, size)]
OWNER_OF = {verb.event: verb.owner for verb in VERBS.values()}
JOURNEY = [
    "quoted", "placed", "engineered", "sourced", "scheduled", "started", "finished", "shipped", "delivered",
    "closed",
]  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all combinations; each has a manufacturer of its own."""
    folder: Path = tmp_path_factory.mktemp("combinations")
    registry()
    opened = Database(f"sqlite:///{folder / 'cosmo.db'}")
    SQLModel.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()


def test_there_are_128() -> None:
    assert len(SUBSETS) == 128 == len(set(SUBSETS))
    assert set(registry().modules) == set(MODULES)


@pytest.mark.parametrize("on", SUBSETS, ids=lambda on: "+".join(sorted(on)) or "none")
def test_an_order_is_carried_from_entry_to_closed(shared: Database, on: frozenset[str]) -> None:
    start = MONDAY + timedelta(days=200 * SUBSETS.index(on) // 128)
    now = stop_clock(shared, start)
    with shared.write() as session:
        plant = make_workshop(session, on, now)
        order = order_cups(session, plant, now)
    closed = live_on(shared, plant, order.id, start)
    with shared.read() as session:
        events = history_of(session, order.id)
        stages = [e for e in events if e.type in JOURNEY]
        assert [e.type for e in stages] == JOURNEY
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
        for event in stages:
            owner = OWNER_OF[event.type]
            assert event.payload["skipped"] is (owner != KERNEL and owner not in on), event.type
        assert differences(closed, [payload_of(e) for e in events]) == {}
