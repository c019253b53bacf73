"""Engineering an order: its bill of materials and routing are frozen once its artwork is approved."""

from dataclasses import replace

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.lifecycle import fire, lock
from cosmo.orders import Order, OrderSpec
from cosmo.payloads import Engineered
from cosmo.promise import ask_of, spec_of
from cosmo.registry import Handler
from cosmo.stages import Stage
from modules.rnd import proofing
from modules.rnd.models import Release

ACTOR = "module:rnd"


def begin(session: Session, event: Event, now: Now) -> None:
    """A placed order is engineered at once, or waits for its proof."""
    order = lock(session, event.order_id)
    if order.stage != Stage.PLACED:
        return
    if _modelled(session, order) and proofing.needed(session, ask_of(session, order)):
        if proofing.latest(session, order.id) is None:
            proofing.make(session, order, now, ACTOR)
        return
    go_on(session, order.id, now)


def go_on(session: Session, order_id: str, now: Now, actor: str = ACTOR) -> None:
    """Freeze what was quoted and say that the order is engineered; nothing if it waits or is past that."""
    order = lock(session, order_id)
    proof = proofing.latest(session, order_id)
    if order.stage != Stage.PLACED or (proof is not None and proof.state in proofing.WAITING):
        return
    spec = freeze(session, order, now)
    payload = Engineered(release=order.release, start_quantity=spec)
    fire(session, order_id, "engineer", payload, now=now, actor=actor)


def changed(session: Session, order_id: str, actor: str, now: Now) -> None:
    """The order's choices are others now: a proof that no longer shows them is made anew, one that nobody
    needs any more is withdrawn, and an order that waited for it goes on."""
    order = lock(session, order_id)
    if not _modelled(session, order):
        return
    proof = proofing.latest(session, order_id)
    if proofing.needed(session, replace(ask_of(session, order), release=order.release)):
        waits = proof is not None and proof.state in proofing.WAITING
        if proof is None or not (waits and proofing.shows_what_is_ordered(session, order, proof)):
            proofing.make(session, order, now, ACTOR)
        return
    proofing.withdraw(session, order, now)
    go_on(session, order_id, now, actor)


def freeze(session: Session, order: Order, now: Now) -> int:
    """What was resolved and priced when the order was quoted becomes immutable; returns the start quantity.

    The release is the one quoted, so a release made since changes nothing.
    """
    row = session.get_one(OrderSpec, order.id)
    row.frozen_at = row.frozen_at or now.business
    session.add(row)
    return spec_of(session, order.id).start_quantity


def _modelled(session: Session, order: Order) -> bool:
    """Whether the order follows a release; one that came with its own routing does not."""
    return order.release is not None and session.get(Release, order.release) is not None


def undo(session: Session, event: Event, now: Now) -> None:
    """The order is cancelled: no proof waits any more. What was frozen stays for the record."""
    proofing.withdraw(session, lock(session, event.order_id), now)


HANDLERS = (Handler("rnd.engineer", "placed", begin, undo),)
