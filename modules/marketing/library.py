"""The library of designs: what is published of each family, under which name, in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.design_ports import PublishedDesign
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.i18n import N_
from cosmo.parties import Party
from cosmo.ports import FamilyCard
from cosmo.spec import Names
from modules.marketing.library_models import LibraryDesign

TITLE, MOST = 60, 40
"""Characters of a name; designs of one family."""


class NotSoChosen(Invalid):
    """What is chosen does not go together; `conflicts` as everywhere."""

    type, title = "not-so-chosen", "This cannot be made as chosen"


@dataclass(frozen=True, slots=True)
class Content:
    """What a seller writes of a design."""

    title: Names
    selections: Mapping[str, Any]


class OwnLibrary:
    """The `DesignLibrary`: what the seller shows, in the seller's order."""

    def published(self, session: Session, family: str) -> list[PublishedDesign]:
        rows = session.exec(_of_family(family).where(col(LibraryDesign.shown).is_(True)))
        return [PublishedDesign(row.id, row.family, row.title, row.selections) for row in rows]


def _of_family(family: str) -> Any:
    query = select(LibraryDesign).where(LibraryDesign.family == family)
    return query.order_by(col(LibraryDesign.position), col(LibraryDesign.id))


def of_card(session: Session, card: FamilyCard) -> list[LibraryDesign]:
    """All of the family's, in their order, hidden ones too."""
    own = _of_family(card.slug).where(LibraryDesign.manufacturer_id == card.manufacturer_id)
    return list(session.exec(own))


def theirs(session: Session, manufacturer_id: str, design_id: str) -> LibraryDesign:
    """The manufacturer's design. Raises `NotFound`."""
    row = session.get(LibraryDesign, design_id)
    if row is None or row.manufacturer_id != manufacturer_id:
        raise NotFound(N_("There is no such design in your library."))
    return row


def wrong_with(session: Session, card: FamilyCard, selections: Mapping[str, Any], locale: str) -> list[str]:
    """Why nobody could order it as it is chosen; what is still open (a name, a file) is left to the customer.
    Empty where all is well."""
    chosen = {k: v for k, v in {**card.defaults, **selections}.items() if v not in (None, "")}
    configurator = answerers_at(session, card.manufacturer_id).configurator
    answer = configurator.answer(session, card.slug, chosen, card.quantity, locale)
    return [conflict.message for conflict in answer.conflicts]


def add(
    session: Session, card: FamilyCard, content: Content, actor: str, locale: str, now: Now
) -> LibraryDesign:
    """Publish one more, as the last. Raises `Invalid`, `NotSoChosen`, `Conflict` where there are too many."""
    _must_be_sound(session, card, content, locale)
    session.get(Party, card.manufacturer_id, with_for_update=True)  # two sellers one after the other
    rows = of_card(session, card)
    if len(rows) >= MOST:
        raise Conflict(N_("That is as many designs as a product shows. Remove one first."))
    row = LibraryDesign(
        manufacturer_id=card.manufacturer_id,
        family=card.slug,
        title=dict(content.title),
        selections=dict(content.selections),
        position=len(rows),
        changed_at=now.business,
        changed_by=actor,
    )
    return _kept(session, [*rows, row], row)


def change(
    session: Session,
    card: FamilyCard,
    row: LibraryDesign,
    content: Content,
    actor: str,
    locale: str,
    now: Now,
) -> LibraryDesign:
    """Another name, other choices. Raises `Invalid`, `NotSoChosen`."""
    _must_be_sound(session, card, content, locale)
    row.title, row.selections = dict(content.title), dict(content.selections)
    return _signed(session, row, actor, now)


def show(session: Session, row: LibraryDesign, shown: bool, actor: str, now: Now) -> LibraryDesign:
    """Show it to customers, or keep it to oneself."""
    row.shown = shown
    return _signed(session, row, actor, now)


def move(session: Session, card: FamilyCard, row: LibraryDesign, by: int) -> LibraryDesign:
    """One place up (-1) or down (+1). Raises `Conflict` at the end of the list."""
    session.get(Party, card.manufacturer_id, with_for_update=True)
    rows = of_card(session, card)
    at = rows.index(row)
    if not 0 <= at + by < len(rows):
        raise Conflict(N_("It stands at the end of the list already."))
    rows.insert(at + by, rows.pop(at))
    return _kept(session, rows, row)


def remove(session: Session, row: LibraryDesign) -> None:
    """Take it out for good; what customers have made of it is theirs."""
    session.delete(row)
    session.flush()


def _must_be_sound(session: Session, card: FamilyCard, content: Content, locale: str) -> None:
    if not content.title.get("en"):
        raise Invalid(
            N_("Give it an English name; it stands in for a missing one."), field="title_en"
        )
    wrong = wrong_with(session, card, content.selections, locale)
    if wrong:
        raise NotSoChosen(" ".join(wrong))


def _signed(session: Session, row: LibraryDesign, actor: str, now: Now) -> LibraryDesign:
    row.changed_at, row.changed_by = now.business, actor
    return _kept(session, [row], row, number=False)


def _kept(
    session: Session, rows: Sequence[LibraryDesign], row: LibraryDesign, *, number: bool = True
) -> LibraryDesign:
    if number:
        for position, one in enumerate(rows):
            one.position = position
    session.add_all(rows)
    session.flush()
    return row
