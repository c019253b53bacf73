"""The catalogue: which families the shop lists, in which order and words. Every change can be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.errors import Conflict, CosmoError, NotFound
from cosmo.i18n import N_
from cosmo.parties import Party
from cosmo.ports import Ask, DeliveryAnswer, FamilyCard, Listing
from cosmo.spec import Names
from modules.marketing.campaigns import RunningOffers
from modules.marketing.models import CatalogueChange, CatalogueEntry
from modules.marketing.pricing import RatePricer

_STATE = ("family", "position", "shown", "headline", "blurb")


@dataclass(frozen=True, slots=True)
class Line:
    """One family in the catalogue. `headline` and `blurb` are as the shop has them, `own` what the seller
    wrote of it: {headline, blurb}, each by language."""

    card: FamilyCard
    shown: bool
    since: datetime | None
    headline: Names
    blurb: Names
    own: Mapping[str, Names]


class ShopCatalogue:
    """The `Catalogue`: what is shown, in the seller's order and words, with what it costs as shown."""

    def listed(self, session: Session, cards: Sequence[FamilyCard], now: Now) -> list[Listing]:
        shown = [line for line in lines(session, cards) if line.shown]
        running = RunningOffers().running(session, [line.card.slug for line in shown], now)
        return [replace(_listing(session, line, now), campaign=running.get(line.card.slug)) for line in shown]


def lines(session: Session, cards: Sequence[FamilyCard]) -> list[Line]:
    """All families of one manufacturer in the catalogue's order, hidden ones too; those that have no entry
    come last, by their names."""
    if not cards:
        return []
    entries = {row.family: row for row in _entries(session, cards[0].manufacturer_id)}
    known = sorted((c for c in cards if c.slug in entries), key=lambda c: entries[c.slug].position)
    return [_line(card, entries[card.slug]) for card in known] + [
        _line(card, None) for card in _by_name(cards) if card.slug not in entries
    ]


def _by_name(cards: Sequence[FamilyCard]) -> list[FamilyCard]:
    return sorted(cards, key=lambda card: (card.name.get("en", ""), card.slug))


def _line(card: FamilyCard, entry: CatalogueEntry | None) -> Line:
    if entry is None:
        return Line(card, True, None, card.name, card.blurb, {"headline": {}, "blurb": {}})
    own = {"headline": dict(entry.headline), "blurb": dict(entry.blurb)}
    return Line(
        card,
        entry.shown,
        entry.shown_since,
        {**card.name, **own["headline"]},
        {**card.blurb, **own["blurb"]},
        own,
    )


def _listing(session: Session, line: Line, now: Now) -> Listing:
    priced = as_shown(session, line.card, now)
    if priced is None:
        return Listing(line.card, line.headline, line.blurb)
    each, currency, quantity = priced
    return Listing(line.card, line.headline, line.blurb, each, currency, quantity)


def as_shown(session: Session, card: FamilyCard, now: Now) -> tuple[Decimal, str, int] | None:
    """(a piece, currency, of how many) by the price list for the configuration the card shows, offer
    included, freight not; None where that cannot be made or has no price."""
    answerers = answerers_at(session, card.manufacturer_id)
    try:
        ask = Ask(card.slug, dict(card.defaults), card.quantity)
        spec = answerers.engineer.resolve(session, ask)
        collected = DeliveryAnswer(now.business.date(), "", {}, presumed=True)
        price = RatePricer().price(session, ask, card.plant_id, spec, collected, now)
    except CosmoError:  # not released yet, or no longer complete: it is listed without a price
        return None
    return (price.amount / card.quantity, price.currency, card.quantity) if price.amount else None


def _entries(session: Session, manufacturer_id: str) -> list[CatalogueEntry]:
    query = select(CatalogueEntry).where(CatalogueEntry.manufacturer_id == manufacturer_id)
    return list(session.exec(query.order_by(col(CatalogueEntry.position), col(CatalogueEntry.family))))


def show(
    session: Session, cards: Sequence[FamilyCard], family: str, shown: bool, actor: str, now: Now
) -> CatalogueChange:
    """List the family, or leave it out; its own address goes on working. Raises `NotFound`."""
    rows, entry, change = _begin(session, cards, family, "shown" if shown else "hidden", actor, now)
    if entry.shown != shown:
        entry.shown, entry.shown_since = shown, now.business if shown else None
    return _kept(session, rows, change)


def move(
    session: Session, cards: Sequence[FamilyCard], family: str, by: int, actor: str, now: Now
) -> CatalogueChange:
    """One place up (-1) or down (+1). Raises `NotFound`, and `Conflict` at the end of the list."""
    rows, entry, change = _begin(session, cards, family, "moved", actor, now)
    at = rows.index(entry)
    if not 0 <= at + by < len(rows):
        raise Conflict(N_("It stands at the end of the list already."))
    rows.insert(at + by, rows.pop(at))
    return _kept(session, rows, change)


def word(
    session: Session,
    cards: Sequence[FamilyCard],
    family: str,
    headline: Names,
    blurb: Names,
    actor: str,
    now: Now,
) -> CatalogueChange:
    """Other words for the family; languages left out keep the family's own. Raises `NotFound`."""
    rows, entry, change = _begin(session, cards, family, "worded", actor, now)
    entry.headline, entry.blurb = dict(headline), dict(blurb)
    return _kept(session, rows, change)


def take_back(session: Session, manufacturer_id: str, change_id: str, now: Now) -> None:
    """The catalogue as it was before its last change. Raises `NotFound`, and `Conflict` where somebody has
    changed it since."""
    _lock(session, manufacturer_id)
    change = session.get(CatalogueChange, change_id)
    if change is None or change.manufacturer_id != manufacturer_id:
        raise NotFound(N_("There is no such change here."))
    if change.undone_at is not None or change.id != _last(session, manufacturer_id):
        raise Conflict(N_("The catalogue has been changed since. Look how it stands now."))
    before = {state["family"]: state for state in change.before}
    for entry in _entries(session, manufacturer_id):
        if entry.family in before:
            _restore(entry, before[entry.family])
            session.add(entry)
    change.undone_at = now.business
    session.add(change)
    session.flush()


def change_for(session: Session, manufacturer_id: str, change_id: str) -> CatalogueChange | None:
    """The change if it is this manufacturer's last one and stands."""
    change = session.get(CatalogueChange, change_id)
    if change is None or change.manufacturer_id != manufacturer_id or change.undone_at is not None:
        return None
    return change if change.id == _last(session, manufacturer_id) else None


def _last(session: Session, manufacturer_id: str) -> str | None:
    query = select(CatalogueChange.id).where(CatalogueChange.manufacturer_id == manufacturer_id)
    return session.exec(query.order_by(col(CatalogueChange.id).desc()).limit(1)).first()


def _begin(
    session: Session, cards: Sequence[FamilyCard], family: str, what: str, actor: str, now: Now
) -> tuple[list[CatalogueEntry], CatalogueEntry, CatalogueChange]:
    """All entries in order, those that were not written yet too; the one to change; and what was before."""
    if family not in {card.slug for card in cards}:
        raise NotFound(N_("There is no such product family here."))
    maker = cards[0].manufacturer_id
    _lock(session, maker)
    rows = _entries(session, maker)
    known = {row.family for row in rows}
    rows += [
        CatalogueEntry(manufacturer_id=maker, family=c.slug, position=0, shown_since=now.business)
        for c in _by_name(cards)
        if c.slug not in known
    ]
    _number(rows)
    change = CatalogueChange(
        manufacturer_id=maker,
        family=family,
        what=what,
        before=[_state(row) for row in rows],
        changed_at=now.business,
        changed_by=actor,
    )
    return rows, next(row for row in rows if row.family == family), change


def _lock(session: Session, manufacturer_id: str) -> None:
    """Two sellers one after the other."""
    session.get(Party, manufacturer_id, with_for_update=True)


def _number(rows: Sequence[CatalogueEntry]) -> None:
    for position, row in enumerate(rows):
        row.position = position


def _kept(session: Session, rows: Sequence[CatalogueEntry], change: CatalogueChange) -> CatalogueChange:
    _number(rows)
    session.add_all([*rows, change])
    session.flush()
    return change


def _state(row: CatalogueEntry) -> dict[str, Any]:
    since = row.shown_since.isoformat() if row.shown_since else None
    return {name: getattr(row, name) for name in _STATE} | {"shown_since": since}


def _restore(row: CatalogueEntry, state: Mapping[str, Any]) -> None:
    for name in _STATE:
        setattr(row, name, state[name])
    since = state["shown_since"]
    row.shown_since = datetime.fromisoformat(since) if since else None
