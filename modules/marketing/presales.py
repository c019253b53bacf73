"""Pre-sales: opened by a seller, reached or lapsed.

No capacity and no material is held while a pre-sale runs. Once it is reached every pledge is quoted and
placed, in the order of pledging, by the same code as any order, and gets the day that is then true.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, func, select

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.errors import Conflict, CosmoError, Invalid, NotFound
from cosmo.formats import day, day_of
from cosmo.i18n import N_, Sentence
from cosmo.mail import write_to
from cosmo.money import round_money
from cosmo.parties import Plant
from cosmo.ports import Ask, ConflictFound, FamilyCard, ShipTo
from cosmo.promise import Offer
from cosmo.quoting import tentative
from cosmo.registry import modules_on
from modules.marketing.presale_models import Pledge, PledgeState, Presale, PresaleState
from web.amounts import counted

MOST_DAYS = 365
MOST_THRESHOLD = 100_000
MOST_PERCENT = 90
COUNTED = (PledgeState.PLEDGED, PledgeState.ORDERED, PledgeState.STUCK, PledgeState.LAPSED)
"""Pledges that stand, or stood to the end."""
NO_PRESALE = N_("There is no such pre-sale here.")
FREIGHT = "freight"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a seller wants to open."""

    title: str
    words: str
    selections: Mapping[str, Any]
    threshold: int
    closes_on: date
    percent: Decimal = Decimal(0)
    idea_id: str | None = None


class NotAsChosen(Invalid):
    """It cannot be made as chosen."""

    type, title = "unbuildable", N_("This cannot be made as chosen")

    def __init__(self, conflicts: Sequence[ConflictFound]) -> None:
        said = " ".join(found.message for found in conflicts)
        told = [{"rule": c.rule, "options": list(c.options), "message": c.message} for c in conflicts]
        super().__init__(said or N_("Choose what is still open."), conflicts=told)


def open_presale(
    session: Session, card: FamilyCard, wish: Wish, actor: str, locale: str, now: Now
) -> Presale:
    """Open it: what is chosen can be made, and the price of one is that of the whole run, less the discount.
    Raises `Invalid`, `NotAsChosen`, and `NotFound` for an idea without a chosen proposal."""
    plant = session.get_one(Plant, card.plant_id)
    _must_be_sound(wish, plant, now)
    answerers = answerers_at(session, card.manufacturer_id)
    answer = answerers.configurator.answer(session, card.slug, wish.selections, wish.threshold, locale)
    if answer.conflicts or not answer.complete:
        raise NotAsChosen(answer.conflicts)
    run = _run(session, card.slug, wish.selections, wish.threshold, plant, None, now)
    list_each = goods_of(run) / wish.threshold
    currency = run.price.currency
    presale = Presale(
        plant_id=plant.id,
        family=card.slug,
        release=run.spec.release,
        selections=dict(wish.selections),
        title=" ".join(wish.title.split()),
        words=wish.words.strip(),
        threshold=wish.threshold,
        closes_on=wish.closes_on,
        each=round_money(list_each * (100 - wish.percent) / 100, currency),
        list_each=round_money(list_each, currency),
        percent=wish.percent,
        currency=currency,
        idea_id=_idea(session, wish.idea_id, plant),
        opened_at=now.business,
        opened_by=actor,
    )
    session.add(presale)
    session.flush()
    if presale.idea_id:
        answerers.ideas.presale_opened(session, presale.idea_id, path_of(presale), now)
    return presale


def _must_be_sound(wish: Wish, plant: Plant, now: Now) -> None:
    today = day_of(now.business, plant.timezone)
    if not today < wish.closes_on <= today + timedelta(days=MOST_DAYS):
        said = Sentence(N_("Choose a day after today and within {n} days."), n=MOST_DAYS)
        raise Invalid(said, field="closes_on")
    if not 1 <= wish.threshold <= MOST_THRESHOLD:
        raise Invalid(N_("Write from how many on it is made, as a whole number."), field="threshold")
    if not 0 <= wish.percent <= MOST_PERCENT:
        raise Invalid(N_("Write a discount from 0 to 90 percent."), field="percent")
    if not wish.title.strip():
        raise Invalid(N_("Give it a name of a few words."), field="title")


def _idea(session: Session, idea_id: str | None, plant: Plant) -> str | None:
    if not idea_id:
        return None
    chosen = answerers_at(session, plant.manufacturer_id).ideas.chosen(session, idea_id)
    at = session.get(Plant, chosen.plant_id) if chosen else None
    if at is None or at.manufacturer_id != plant.manufacturer_id:
        raise NotFound(N_("There is no such idea here, or no proposal of it is chosen."))
    return idea_id


def _run(
    session: Session,
    family: str,
    selections: Mapping[str, Any],
    quantity: int,
    plant: Plant,
    release: str | None,
    now: Now,
) -> Offer:
    """So many of it, sent to somebody in the plant's country, as the plan has it now."""
    to = ShipTo(country=plant.country)
    return tentative(session, Ask(family, dict(selections), quantity, to, release=release), now)


def goods_of(offer: Offer) -> Decimal:
    """What it costs before freight."""
    return sum((x.amount for x in offer.price.lines if x.code != FREIGHT), Decimal(0))


def about_days(session: Session, presale: Presale, now: Now) -> int | None:
    """Working days (Monday to Friday) until the whole run would arrive, were it reached now; None where the
    plan cannot say."""
    plant = session.get_one(Plant, presale.plant_id)
    try:
        run = _run(
            session, presale.family, presale.selections, presale.threshold, plant, presale.release, now
        )
    except CosmoError:
        return None
    today = day_of(now.business, plant.timezone)
    ahead = (run.promise.delivery_date - today).days
    return sum((today + timedelta(days=n)).weekday() < 5 for n in range(1, ahead + 1))


# Reading


def path_of(presale: Presale) -> str:
    return f"/presale/{presale.id}"


def pieces_of(session: Session, presale_id: str) -> int:
    """How many are pledged."""
    query = select(func.coalesce(func.sum(col(Pledge.quantity)), 0))
    stands = col(Pledge.state).in_(COUNTED)
    return int(session.exec(query.where(Pledge.presale_id == presale_id, stands)).one())


def find(session: Session, presale_id: str) -> Presale:
    """Any pre-sale of a plant whose marketing is on. Raises `NotFound`."""
    presale = session.get(Presale, presale_id)
    if presale is None or not _is_on(session, presale):
        raise NotFound(NO_PRESALE)
    return presale


def _is_on(session: Session, presale: Presale) -> bool:
    return "marketing" in modules_on(session, session.get_one(Plant, presale.plant_id).manufacturer_id)


def running(session: Session) -> list[Presale]:
    """Those that take pledges, first to close first."""
    query = select(Presale).where(Presale.state == PresaleState.OPEN).order_by(col(Presale.closes_on))
    return [row for row in session.exec(query.order_by(col(Presale.id))) if _is_on(session, row)]


def of_plants(session: Session, plant_ids: Collection[str]) -> list[Presale]:
    """All of these plants, newest first."""
    query = select(Presale).where(col(Presale.plant_id).in_(plant_ids))
    return list(session.exec(query.order_by(col(Presale.opened_at).desc(), col(Presale.id).desc())))


def theirs(session: Session, plant_ids: Collection[str], presale_id: str) -> Presale:
    """The pre-sale if it is one of these plants'. Raises `NotFound`."""
    presale = session.get(Presale, presale_id)
    if presale is None or presale.plant_id not in plant_ids:
        raise NotFound(NO_PRESALE)
    return presale


def of_idea(session: Session, idea_id: str) -> list[Presale]:
    query = select(Presale).where(Presale.idea_id == idea_id)
    return list(session.exec(query.order_by(col(Presale.opened_at), col(Presale.id))))


def pledges(session: Session, presale_id: str) -> list[Pledge]:
    """In the order of pledging."""
    query = select(Pledge).where(Pledge.presale_id == presale_id)
    return list(session.exec(query.order_by(col(Pledge.pledged_at), col(Pledge.id))))


def locked(session: Session, presale_id: str) -> Presale:
    """Whoever pledges, withdraws or ends it: one after the other."""
    return session.get_one(Presale, presale_id, with_for_update=True, populate_existing=True)


# Ending


def reach_if_enough(session: Session, presale: Presale, now: Now) -> bool:
    """After a pledge: with enough of them it is reached, and everybody is told. `presale` is locked."""
    if pieces_of(session, presale.id) < presale.threshold:
        return False
    _end(session, presale, PresaleState.REACHED, "presale-reached", now)
    return True


def lapse(session: Session, presale_id: str, now: Now) -> None:
    """It ends below its threshold: pledges lapse, everybody is told. Raises `Conflict` once it has ended."""
    presale = locked(session, presale_id)
    if presale.state != PresaleState.OPEN:
        raise Conflict(N_("This pre-sale has ended already."))
    _end(session, presale, PresaleState.LAPSED, "presale-lapsed", now)
    for pledge in _standing(session, presale.id):
        pledge.state = PledgeState.LAPSED
        session.add(pledge)
    session.flush()


def is_over(session: Session, presale: Presale, now: Now) -> bool:
    """Its last day at the plant has passed."""
    return day_of(now.business, session.get_one(Plant, presale.plant_id).timezone) > presale.closes_on


def _standing(session: Session, presale_id: str) -> list[Pledge]:
    return [row for row in pledges(session, presale_id) if row.state == PledgeState.PLEDGED]


def _end(session: Session, presale: Presale, state: PresaleState, letter: str, now: Now) -> None:
    plant = session.get_one(Plant, presale.plant_id)
    presale.state, presale.ended_at = state, now.business
    session.add(presale)
    for pledge in _standing(session, presale.id):
        tell(session, presale, pledge, letter, now)
    if presale.idea_id:
        ideas = answerers_at(session, plant.manufacturer_id).ideas
        reached = state == PresaleState.REACHED
        ideas.presale_ended(session, presale.idea_id, path_of(presale), reached, now)
    session.flush()


def tell(session: Session, presale: Presale, pledge: Pledge, letter: str, now: Now, **words: str) -> None:
    """A letter to whoever pledged, with the link to the pledge."""
    told = {
        "title": presale.title,
        "count": counted(pledge.quantity, unit_of(session, presale), pledge.locale),
        "date": day(presale.closes_on, pledge.locale),
        **words,
    }
    path = f"/pledge/{pledge.key}"
    write_to(session, pledge.party_id, presale.plant_id, letter, path, pledge.locale, now, **told)


def card_of(session: Session, presale: Presale) -> FamilyCard | None:
    """The family's card; None where it is not offered any more."""
    plant = session.get_one(Plant, presale.plant_id)
    cards = answerers_at(session, plant.manufacturer_id).configurator.families(session)
    return next((card for card in cards if card.slug == presale.family), None)


def unit_of(session: Session, presale: Presale) -> str:
    """The family's unit."""
    card = card_of(session, presale)
    return card.unit if card else "pcs"
