"""What the configurator keeps: a design is saved, and a saved one becomes the quote of itself."""

from fastapi import Request
from sqlmodel import Session

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.i18n import pick
from cosmo.identity import Principal
from cosmo.parties import Role
from cosmo.ports import Ask, FamilyCard
from modules.interaction import designs
from modules.interaction.models import Design
from modules.interaction.shelf import shelf_of
from modules.interaction.wishing import Wish
from web.ordering import requester_of
from web.site import site


def ask_for(card: FamilyCard, wish: Wish, locale: str) -> Ask:
    """The wish as the kernel is asked for it."""
    chosen = (wish.selections, wish.quantity, wish.ship_to, wish.requested)
    return Ask(card.slug, *chosen, locale=locale, code=wish.code)


def keep_design(
    request: Request,
    session: Session,
    card: FamilyCard,
    wish: Wish,
    principal: Principal,
    now: Now,
    locale: str,
    *,
    same: bool,
) -> Design:
    """Save it as a new design, or where it is the `same` one that is open, its changes. Raises `TooMany` for
    a guest who floods, `NotAllowed`, `NotFound`, `TooManyDesigns`."""
    if principal.role == Role.GUEST:
        site(request).limiter.hit("save", request.client.host if request.client else "")
    ask, requester = ask_for(card, wish, locale), requester_of(principal)
    if same and wish.design:
        saved = designs.design_of(session, principal, wish.design)
        return designs.save_changes(session, saved, ask, wish.service, requester=requester, now=now)
    return designs.save(
        session,
        ask,
        wish.service,
        _title(session, card, ask),
        principal=principal,
        requester=requester,
        now=now,
    )


def _title(session: Session, card: FamilyCard, ask: Ask) -> str:
    """What it would be called as an order; the family's name while it cannot be made yet."""
    try:
        spec = answerers_at(session, card.manufacturer_id).engineer.resolve(session, ask)
    except CosmoError:
        return pick(card.name, ask.locale)
    return pick(spec.title, ask.locale)


def draft_to_quote(
    session: Session, principal: Principal, card: FamilyCard, wish: Wish, ask: Ask, now: Now
) -> str | None:
    """The draft that becomes the quote: that of the open design, where it is asked for as it was saved. What
    was changed since is another order, and the design stays as it is. One that was quoted before goes on as
    a new draft."""
    open_design = shelf_of(session, principal, card, wish.design).design
    if not open_design:
        return None
    saved = designs.design_of(session, principal, open_design)
    if (dict(ask.selections), ask.quantity) != (saved.order.selections, saved.order.quantity):
        return None
    requester = requester_of(principal)
    return designs.save_changes(session, saved, ask, wish.service, requester=requester, now=now).order_id
