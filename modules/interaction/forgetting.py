"""Designs that nobody can open any more: a guest's, once the guest's session is over, are forgotten.

A customer's stay, also those that were saved as a guest before signing in (`cosmo.identity.sign_in`). What
was quoted or ordered stays an order; what is forgotten is its name and its link.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.drafting import discard
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import LoginSession, Role
from cosmo.registry import Job
from cosmo.stages import Stage
from modules.interaction.models import Design

AT_ONCE = 200
"""How many are forgotten in one transaction; the rest follow with the next run."""


def forget_designs(session: Session, now: Now) -> int:
    """Forget what no session leads to any more; how many designs that were."""
    alive = select(LoginSession.id).where(col(LoginSession.expires_at) > now.wall)
    query = select(Design, Order).join(Order, col(Design.order_id) == col(Order.id))
    query = query.where(
        col(Order.customer_id).is_(None),
        col(Order.session_id).is_(None) | col(Order.session_id).not_in(alive),
        col(Order.stage).in_((Stage.DRAFT, Stage.LAPSED)),
    )
    found = list(session.exec(query.order_by(col(Design.id)).limit(AT_ONCE)))
    for design, order in found:
        session.delete(design)
        session.flush()
        if order.stage == Stage.DRAFT:
            discard(session, order.id)
    return len(found)


def kept_until(session: Session, principal: Principal) -> datetime | None:
    """Until when (wall) a guest's designs can be opened in this browser; None for whoever is signed in."""
    if principal.role != Role.GUEST or principal.session_id is None:
        return None
    row = session.get(LoginSession, principal.session_id)
    return row.expires_at if row else None


def _forget(session: Session, now: Now) -> None:
    forget_designs(session, now)


JOBS = (Job("interaction.forget_designs", timedelta(minutes=10), _forget),)
