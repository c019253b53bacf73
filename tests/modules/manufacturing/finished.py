"""Orders that a plant has finished so many hours after they were planned to end."""

from datetime import timedelta

from sqlmodel import Session

from cosmo import lifecycle
from cosmo.parties import Plant
from cosmo.payloads import Finished, Placed, Quoted
from cosmo.stages import Stage
from tests.factories import MONDAY, NOW, PROMISED, STEPS, at, make_order, walk

LEAD = 5


def finish(
    session: Session, plant: Plant, hours_late: float, *, skipped: bool = False, room: int | None = None
) -> None:
    """An order that was placed on Monday to be ready in `LEAD` days, and was so many hours after that.

    `room`: days from then until the carrier's call that it was promised for, where the promise says so."""
    order = make_order(session, plant)
    if room is not None:
        call = MONDAY + timedelta(days=LEAD + room)
        order.promise = {"call": {"day": PROMISED.isoformat(), "at": call.isoformat()}}
    planned = MONDAY + timedelta(days=LEAD)
    quoted = STEPS["quote"]
    assert isinstance(quoted, Quoted)
    told = quoted.model_copy(update={"ready_at": planned})
    lifecycle.fire(session, order.id, "quote", told, now=NOW, actor="test")
    placed = Placed(promised_date=PROMISED, ready_at=planned)
    lifecycle.fire(session, order.id, "place", placed, now=NOW, actor="test")
    walk(session, order.id, Stage.IN_PRODUCTION)
    ended = at(days=LEAD, hours=hours_late)
    payload = Finished(good=10, scrapped=0, skipped=skipped)
    lifecycle.fire(session, order.id, "finish", payload, now=ended, actor="test")
