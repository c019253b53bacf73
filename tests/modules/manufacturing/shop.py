"""An operator for tests: walks an order over the floor by scans, at the planned times."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from cosmo import lifecycle
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import Sourced
from cosmo.relay import drain
from cosmo.spec import Spec
from cosmo.stages import Stage
from modules.manufacturing import plan as plans
from modules.manufacturing.models import JobOrder, ProductionOrder
from modules.manufacturing.problems import case_of
from modules.manufacturing.scanning import apply_scans
from modules.manufacturing.schemas import ScanIn, ScanOut
from scheduler.verifier import Report, verify
from tests.factories import NOW, walk
from tests.modules.manufacturing.mugs import firm, mug_spec

__all__ = ["Floor", "jobs", "lots", "order_of", "plan_report", "sourced"]


def sourced(
    database: Database, plant: Plant, quantity: int = 240, *, now: Now = NOW, spec: Spec | None = None
) -> Order:
    """A placed order, carried to *sourced* by hand and on to *scheduled* by this module's handler."""
    with database.write() as session:
        order = firm(session, plant, quantity, now, spec)
        ready_at = order.ready_at
        walk(session, order.id, Stage.ENGINEERED, now)
        order.ready_at = ready_at
        session.add(order)
        lifecycle.fire(session, order.id, "source", Sourced(), now=now, actor="test")
    drain(database)
    return order_of(database, order.id)


def order_of(database: Database, order_id: str) -> Order:
    with database.read() as session:
        return session.get_one(Order, order_id)


def jobs(database: Database, order_id: str, lot: int | None = None) -> list[JobOrder]:
    """The order's job orders that were not given back, lot by lot along the route."""
    with database.read() as session:
        query = select(JobOrder).where(JobOrder.order_id == order_id, JobOrder.state != "released")
        rows = list(session.exec(query.order_by(JobOrder.lot, JobOrder.position)))
    return [row for row in rows if lot is None or row.lot == lot]


def lots(database: Database, order_id: str) -> list[ProductionOrder]:
    with database.read() as session:
        query = select(ProductionOrder).where(ProductionOrder.order_id == order_id)
        return list(session.exec(query.order_by(ProductionOrder.lot)))


def plan_report(session: Session, plant: Plant, now: Now = NOW) -> Report:
    """What the independent verifier says of the plan as it stands in the database."""
    snap = plans.snapshot(session, plant.id, now)
    case = case_of(session, snap, now=snap.minute_after(now.business))
    return verify(case.problem, case.schedule)


class Floor:
    """Sends scans; the clock stands where the scan says."""

    def __init__(self, database: Database, plant: Plant) -> None:
        self.database, self.plant, self._count = database, plant, 0
        with database.read() as session:
            self.origin = plans.head(session, plant.id).origin

    def at(self, minute: float) -> datetime:
        return self.origin + timedelta(minutes=minute)

    def scan(
        self,
        action: str,
        *,
        minute: float,
        wait: float = 0,
        job: str | None = None,
        firing: str | None = None,
        client_id: str = "",
        **values: object,
    ) -> ScanOut:
        """One scan of something that happened at `minute` and is sent `wait` minutes later."""
        self._count += 1
        scan = ScanIn.model_validate({
            "client_id": client_id or f"c{self._count}-{id(self)}", "action": action, "job": job,
            "firing": firing, "event_time": self.at(minute), **values,
        })  # fmt: skip
        return self.send([scan], self.at(minute + wait))[0]

    def send(self, scans: list[ScanIn], at: datetime) -> list[ScanOut]:
        with self.database.write() as session:
            return apply_scans(session, [self.plant], scans, "operator", Now(at, at))

    def run(self, row: JobOrder, *, late: int = 0, longer: int = 0, scrap: int = 0) -> ScanOut:
        """Start and finish one job as planned, `late` minutes later, `longer` minutes longer."""
        target = self._target(row)
        started = self.scan("start", minute=row.start + late, **target)
        assert started.ok, started.error
        target = {"firing": started.firing} if started.firing else target
        counted = {"scrap_by_job": {row.id: scrap}} if "firing" in target else {"scrap": scrap}
        return self.scan("finish", minute=row.end + late + longer, **target, **counted)

    def _target(self, row: JobOrder) -> dict[str, str]:
        fired = row.code in ("bisque", "glost")
        return {"firing": f"{row.resource}.{row.start}"} if fired else {"job": row.id}

    def walk(self, order_id: str, until: str = "") -> None:
        """All of an order's jobs as planned, up to the operation `until`, with just the planned losses."""
        spec = mug_spec(order_of(self.database, order_id).quantity)
        rates = {step.code: float(step.yield_rate) for step in spec.routing}
        while True:
            ahead = [r for r in jobs(self.database, order_id) if r.state == "firm"]
            if not ahead or ahead[0].code == until:
                return
            row = min(ahead, key=lambda r: (r.start, r.lot))
            if row.code == until:
                return
            done = self.run(row, scrap=int(row.pieces * (1 - rates[row.code])))
            assert done.ok, done.error
