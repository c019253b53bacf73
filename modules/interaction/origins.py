"""Where a configuration comes from that is opened again: a saved design, a shared one, one of the library, an
earlier order. What the present release no longer knows of it is named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlmodel import Session, select

from cosmo.access import orders_visible
from cosmo.asking import answerers_at
from cosmo.errors import NotFound
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.ports import FamilyCard
from modules.interaction import designs, selecting
from modules.interaction.options_view import WRONG
from web.forms import TAKEN

AGAIN = N_("Chosen as in your order {number}. Price and date are of today.")
AGAIN_UNKNOWN = N_("Chosen as in an earlier order. Price and date are of today.")
SHARED = N_("Chosen as in “{title}”, a design that was shared with you.")
LIBRARY = N_("You start from “{title}”.")
GONE = N_("“{option}” is not offered any more; “{value}” was chosen.")
GONE_VALUE = N_("{option}: “{value}” is not offered any more.")


@dataclass(frozen=True, slots=True)
class Origin:
    """What was chosen there, and how it is told; a saved design is told elsewhere on the page."""

    lead: str
    selections: Mapping[str, Any]
    pieces: int = 0
    """Pieces with words of their own, which the configurator does not take over."""


def origin_of(
    session: Session, principal: Principal, card: FamilyCard, query: Mapping[str, str], locale: str
) -> Origin | None:
    """Where the address says it comes from; None where it says nothing, or what is none of the visitor's."""
    try:
        if query.get("again"):
            return _ordered(session, principal, card, query, locale)
        if query.get("shared"):
            saved = designs.shared(session, query["shared"])
            lead = gettext(locale, SHARED, title=saved.design.title)
            return Origin(lead, saved.order.selections, len(saved.order.pieces))
        if query.get("design"):
            saved = designs.design_of(session, principal, query["design"])
            return Origin("", saved.order.selections) if saved.order.family == card.slug else None
    except NotFound:
        return None
    return _published(session, card, query.get("start", ""), locale)


def _ordered(
    session: Session, principal: Principal, card: FamilyCard, query: Mapping[str, str], locale: str
) -> Origin:
    """The order; for whoever has only its link, what the address brought along."""
    mine = (Order.id == query["again"], Order.family == card.slug, orders_visible(principal))
    order = session.exec(select(Order).where(*mine)).one_or_none()
    if order is None:
        brought = {name: value for name, value in query.items() if name not in TAKEN}
        return Origin(gettext(locale, AGAIN_UNKNOWN), brought)
    lead = gettext(locale, AGAIN, number=order.number or "")
    return Origin(lead, order.selections, len(order.pieces))


def _published(session: Session, card: FamilyCard, design_id: str, locale: str) -> Origin | None:
    library = answerers_at(session, card.manufacturer_id).designs.published(session, card.slug)
    found = next((one for one in library if one.id == design_id), None)
    if found is None:
        return None
    return Origin(gettext(locale, LIBRARY, title=pick(found.title, locale)), found.selections)


def origin_words(described: Mapping[str, Any], origin: Origin | None, locale: str) -> Markup:
    """Where it comes from, and all of it that is not there any more; empty where there is nothing to say."""
    if origin is None:
        return Markup("")
    lost = [*_lost(described, origin, locale)]
    if not lost and not origin.lead:
        return Markup("")
    kind = "note-late" if lost else "note-you"
    role, sign = ("alert", WRONG) if lost else ("status", Markup(""))
    items = Markup("").join(Markup("<li>{}</li>").format(words) for words in lost)
    listed = Markup("<ul>{}</ul>").format(items) if lost else Markup("")
    box = Markup('<div class="note {}" role="{}" id="origin">{}<div><p>{}</p>{}</div></div>')
    return box.format(kind, role, sign, origin.lead, listed)


def _lost(described: Mapping[str, Any], origin: Origin, locale: str) -> Iterator[str]:
    options = {str(option["id"]): option for option in described["options"]}
    for name, value in origin.selections.items():
        if value in (None, ""):
            continue
        if name not in options:
            yield gettext(locale, GONE, option=name, value=value)
        elif _unknown(options[name], value):
            yield gettext(locale, GONE_VALUE, option=options[name]["name"], value=value)
    if origin.pieces:
        yield ngettext(
            locale,
            "{n} piece had words of its own. They are not taken over: send them with the order.",
            "{n} pieces had words of their own. They are not taken over: send them with the order.",
            origin.pieces,
        )


def _unknown(option: Mapping[str, Any], value: Any) -> bool:
    known = {str(one["value"]) for one in option.get("values", ())}
    return bool(known) and str(value) not in known


def again(order: Order, ship_to: Any, service: str) -> str:
    """The configurator with the choices of an order."""
    there = selecting.address(order.family, order.selections, order.quantity, ship_to, service)
    return f"{there}&again={order.id}"
