"""Saved designs: kept as drafts under a name, shared by a link, forgotten when they are deleted."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from cosmo.access import saved_visible
from cosmo.asking import family_card
from cosmo.clock import Now
from cosmo.drafting import discard, draft, rewrite
from cosmo.errors import Conflict, Invalid, NotAllowed, NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.ids import new_token
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.ports import Ask
from cosmo.quoting import Requester, lapse
from cosmo.stages import Stage
from modules.interaction.models import Design

MOST, TITLE = 50, 80
"""Designs one may keep; characters of a name."""
KEPT = (Stage.DRAFT, Stage.QUOTED, Stage.LAPSED)
"""What is ordered is an order, and stands in the orders."""


class TooManyDesigns(Conflict):
    type, title = "too-many-designs", "That is as many designs as we keep"


@dataclass(frozen=True, slots=True)
class Saved:
    """A design with the order it is."""

    design: Design
    order: Order


def may_save(principal: Principal) -> bool:
    """Customers and guests; whoever works for a plant has no designs of their own."""
    return principal.role in (Role.GUEST, Role.CUSTOMER)


def mine(session: Session, principal: Principal) -> list[Saved]:
    """The visitor's designs, what was saved last first."""
    return _found(session, saved_visible(principal))


def design_of(session: Session, principal: Principal, design_id: str) -> Saved:
    """One of the visitor's. Raises `NotFound`."""
    found = _found(session, saved_visible(principal), col(Design.id) == design_id)
    if not found:
        raise NotFound(N_("There is no such design here. It may be deleted, or ordered already."))
    return found[0]


def shared(session: Session, key: str) -> Saved:
    """The design a link leads to; whoever has the link may look. Raises `NotFound`."""
    found = _found(session, col(Design.share_key) == key)
    if not found:
        raise NotFound(N_("This link leads to no design. It may not be shared any more, or be ordered."))
    return found[0]


def _found(session: Session, *which: ColumnElement[bool]) -> list[Saved]:
    query = select(Design, Order).join(Order, col(Design.order_id) == col(Order.id))
    query = query.where(*which, col(Order.stage).in_(KEPT))
    newest = query.order_by(col(Design.saved_at).desc(), col(Design.id).desc())
    return [Saved(design, order) for design, order in session.exec(newest)]


def save(
    session: Session,
    ask: Ask,
    service: str,
    title: str,
    *,
    principal: Principal,
    requester: Requester,
    now: Now,
) -> Design:
    """Keep it as a new design. Raises `NotAllowed`, `TooManyDesigns`."""
    if not may_save(principal):
        raise NotAllowed(N_("Designs are saved by customers. Sign in as one, or sign out."))
    if len(mine(session, principal)) >= MOST:
        raise TooManyDesigns(N_("You keep as many designs as fit. Delete one under My designs, then save."))
    order = _drafted(session, ask, requester, now)
    design = Design(order_id=order.id, title=title[:TITLE], service=service, saved_at=now.business)
    return _kept(session, design)


def save_changes(
    session: Session, saved: Saved, ask: Ask, service: str, *, requester: Requester, now: Now
) -> Design:
    """The same design with other choices; the quote of what it was stays a quote of that."""
    design = saved.design
    if saved.order.stage == Stage.DRAFT:
        rewrite(session, saved.order.id, ask)
    else:
        design.order_id = _drafted(session, ask, requester, now).id
    design.service, design.saved_at = service, now.business
    return _kept(session, design)


def rename(session: Session, design: Design, title: str) -> Design:
    """Raises `Invalid` for a name that is none or too long."""
    title = " ".join(title.split())
    if not 1 <= len(title) <= TITLE:
        raise Invalid(N_("Write a name of 1 to 80 characters."), field="title")
    design.title = title
    return _kept(session, design)


def share(session: Session, design: Design) -> Design:
    """Give it a link; one that it has stays."""
    design.share_key = design.share_key or new_token()
    return _kept(session, design)


def unshare(session: Session, design: Design) -> Design:
    """Its link leads nowhere from now on; shared again, it gets another one."""
    design.share_key = None
    return _kept(session, design)


def delete(session: Session, saved: Saved, *, actor: str, now: Now) -> None:
    """Forget the design. A draft is gone altogether; a place that is held for its quote becomes free, unless
    the quote waits in the basket."""
    session.delete(saved.design)
    session.flush()
    if saved.order.stage == Stage.DRAFT:
        discard(session, saved.order.id)
    elif saved.order.stage == Stage.QUOTED and saved.order.basket_id is None:
        lapse(session, saved.order.id, now, actor=actor)


def _drafted(session: Session, ask: Ask, requester: Requester, now: Now) -> Order:
    plant = session.get_one(Plant, family_card(session, ask.family).plant_id)
    return draft(session, ask, plant, requester, now)


def _kept(session: Session, design: Design) -> Design:
    session.add(design)
    session.flush()
    return design
