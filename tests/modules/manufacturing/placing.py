"""Places many small lots at once, as one of several processes.

`python -m tests.modules.manufacturing.placing URL PLANT COUNT guarded|unguarded`
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlmodel import Session

from cosmo.db import Database
from cosmo.registry import Registry, use_registry
from modules.manufacturing import module
from modules.manufacturing import plan as plans
from modules.manufacturing.promising import PlanPromiser
from tests.factories import NOW, make_order
from tests.modules.manufacturing.mugs import STEPS, mug_spec

PIECES = 300
THREADS = 8


def place_one(database: Database, plant_id: str) -> str:
    """One order on the kilns, held and turned firm as a customer's is, in two transactions."""
    from cosmo.parties import Plant
    from cosmo.ports import CapacityAsk

    spec = mug_spec(PIECES, STEPS[4:5])
    promiser = PlanPromiser()

    def hold(session: Session) -> str:
        order = make_order(session, session.get_one(Plant, plant_id), spec=spec, quantity=PIECES)
        ask = CapacityAsk(plant_id, spec, NOW.business)
        order.ready_at = promiser.hold(session, order.id, ask, NOW.wall + timedelta(hours=1), NOW).ready_at
        session.add(order)
        return order.id

    order_id = database.retry(hold)
    database.retry(lambda session: promiser.firm(session, [order_id], NOW))
    return order_id


def place_many(database: Database, plant_id: str, count: int) -> list[str]:
    """`count` of them from several threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda _: place_one(database, plant_id), range(count)))


def without_guard() -> None:
    """Takes the compare-and-set away: whoever comes writes, whatever has changed since it looked."""

    def write_anyway(session: Session, plant_id: str, version: int) -> bool:
        plans.bump(session, plant_id)
        return True

    plans.compare_and_set = write_anyway


def main(url: str, plant_id: str, count: str, guard: str) -> None:
    use_registry(Registry([module]))
    if guard == "unguarded":
        without_guard()
    place_many(Database(url), plant_id, int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
