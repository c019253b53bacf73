"""Too few good pieces: met from what other lots have over, else begun again as a new lot of its own shade.
Who wants one shade lot is asked first.

While operations are ahead, an order counts as short once the pieces expected in the end fall below what is
owed by more than an allowance; when its last lot is done, every missing piece counts.
"""

from decimal import Decimal

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.lifecycle import fire, lock
from cosmo.orders import Order
from cosmo.owing import accept_fewer, owed
from cosmo.payloads import Finished
from cosmo.promise import spec_of
from cosmo.stages import Stage
from modules.manufacturing.again import Loss, begin_again, loss_at
from modules.manufacturing.making import Act
from modules.manufacturing.models import JobOrder
from modules.manufacturing.outlook import Outlook, enough, outlook
from modules.manufacturing.questions import ask, withdraw_if_covered

ALLOWANCE = Decimal("0.02")
"""Share of the owed pieces that may be missing from the expectation while yields are still to come."""
LEEWAY = Decimal("0.05")
"""Share by which "fewer" may turn out fewer still, at least one piece, without asking again."""


def after_counting(session: Session, row: JobOrder, act: Act, now: Now) -> None:
    """Call when pieces were counted: what will be missing is asked about or begun again; an order that has
    everything is finished."""
    go_on(session, lock(session, row.order_id), loss_at(row), act, now)


def go_on(session: Session, order: Order, loss: Loss, act: Act, now: Now) -> None:
    """What the counts ask for now: `loss` is the cause if something is missing."""
    spec = spec_of(session, order.id)
    due = owed(session, order.id, spec)
    seen, least = outlook(session, order, spec), enough(session, order.id, due)
    if least - seen.expected > _may_be_missing(seen, least, due):
        if spec.one_shade and seen.expected:
            ask(session, order, spec, due, seen, loss, act, now)
        else:
            begin_again(session, order, spec, loss, due - seen.expected, act, now)
        return
    withdraw_if_covered(session, order, due, seen, act, now)
    if seen.done and order.stage == Stage.IN_PRODUCTION:
        _finish(session, order, seen, due, act, now)


def _may_be_missing(seen: Outlook, least: int, due: int) -> Decimal:
    """Of `least` pieces: an allowance for yields to come; at the end a little only if fewer are welcome."""
    if least < due:
        return max(Decimal(1), least * LEEWAY)
    return Decimal(0) if seen.done else due * ALLOWANCE


def _finish(session: Session, order: Order, seen: Outlook, due: int, act: Act, now: Now) -> None:
    """Everything is there, or what the customer finds enough: then that many are owed, for less money."""
    if seen.good < due:
        accept_fewer(session, order.id, seen.good, actor=act.account, now=now)
    payload = Finished(good=seen.good, scrapped=seen.scrapped)
    fire(session, order.id, "finish", payload, now=now, actor=act.account, event_time=act.event_time)


def after_undoing(session: Session, order_id: str, act: Act, now: Now) -> None:
    """Call when a count was taken back: what was asked because of it need not be answered."""
    order = lock(session, order_id)
    spec = spec_of(session, order_id)
    seen = outlook(session, order, spec)
    withdraw_if_covered(session, order, owed(session, order_id, spec), seen, act, now)
