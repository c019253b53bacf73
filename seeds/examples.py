"""One of each that a past of undisturbed orders does not bring: a proof that waits, a claim, an offer, a
campaign, an order called off, a quote that ran out, ideas, a pre-sale, a design that
is kept. Without them whole pages of the demo would be empty."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random

from sqlmodel import Session, col, select

from cosmo.asking import all_families
from cosmo.cancelling import cancel
from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.formats import day_of
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import Account, Plant, Role
from cosmo.quoting import lapse
from cosmo.relay import drain
from cosmo.stages import Stage
from modules.interaction import designs
from modules.marketing.campaigns import open_campaign
from modules.marketing.schemas import CampaignIn, OfferIn
from modules.marketing.service import make_offer
from modules.service.models import ClaimKind
from modules.service.schemas import ClaimIn
from modules.service.service import open_claim
from seeds.buying import Buyer, ask, asked, buyers, take
from seeds.files import read_plant
from seeds.ideas import show_ideas, show_presale
from seeds.models import LEAF
from seeds.wishes import Wish, draw

_PRINTED = {"decoration": "decal", "print_zone": "front"}
PRINTED = {"lu-ceramics": Wish("mug", _PRINTED, 156, 40, ("artwork", "leaf.svg", LEAF))}
"""Plant -> a wish whose print has to be approved."""
TITLES = ("For the new kitchen", "Like the last ones, in blue", "A present for June")
WAITING = (Stage.PLACED, Stage.ENGINEERED, Stage.SOURCED, Stage.SCHEDULED)
Act = Callable[[Session, Plant, Random, Now], None]


def show_one_of_each(database: Database, plant: Plant, random: Random) -> None:
    """Leave them behind at `plant`, by the modules' own verbs, at the time the clock stands at."""
    acts: tuple[Act, ...] = (
        _claim,
        _call_off,
        _run_out,
        _offer,
        _campaign,
        _wait_for_approval,
        show_ideas,
        show_presale,
        _save,
    )
    for act in acts:
        with database.write() as session:
            act(session, plant, random, read_now(session))
        drain(database)


def _claim(session: Session, plant: Plant, random: Random, now: Now) -> None:
    order = _latest(session, plant, (Stage.DELIVERED,))
    if order is not None:
        pieces = max(1, order.quantity // 60)
        text = "They were broken when we opened the box."
        wish = ClaimIn(kind=ClaimKind.BROKEN, pieces=pieces, text=text)
        open_claim(session, order.id, wish, actor=_account_of(session, order), now=now)


def _call_off(session: Session, plant: Plant, random: Random, now: Now) -> None:
    order = _latest(session, plant, WAITING)
    if order is not None:
        cancel(session, order.id, reason="customer", actor=_account_of(session, order), now=now)


def _run_out(session: Session, plant: Plant, random: Random, now: Now) -> None:
    made = ask(session, _buyer(session, plant, random), draw(plant.slug, random), now)
    lapse(session, made.id, now)


def _offer(session: Session, plant: Plant, random: Random, now: Now) -> None:
    family = draw(plant.slug, random).family
    wish = OfferIn(family=family, name="Early summer", percent=Decimal(4), from_quantity=500)
    make_offer(session, plant, wish, now)


def _campaign(session: Session, plant: Plant, random: Random, now: Now) -> None:
    """With a code, so that everybody else's prices are what they were."""
    today = day_of(now.business, plant.timezone)
    families = [card.slug for card in all_families(session) if card.plant_id == plant.id]
    wish = CampaignIn(
        name={"en": "New neighbours", "de": "Neue Nachbarn", "zh": "新邻居优惠"}, families=tuple(families),
        percent=Decimal(5), code="WELCOME", first_day=today, last_day=today + timedelta(days=45),
    )  # fmt: skip
    open_campaign(session, plant, families, wish, "seller", now)


def _save(session: Session, plant: Plant, random: Random, now: Now) -> None:
    """Every customer keeps a design for later."""
    for buyer in buyers(session, read_plant(plant.slug)["customers"]):
        who = Principal(buyer.account.id, Role.CUSTOMER, buyer.account.party_id, None, "en")
        wish = asked(session, buyer, draw(plant.slug, random), now)
        designs.save(
            session, wish, "", random.choice(TITLES), principal=who, requester=buyer.requester, now=now
        )


def _wait_for_approval(session: Session, plant: Plant, random: Random, now: Now) -> None:
    if plant.slug in PRINTED:
        buyer = _buyer(session, plant, random)
        take(session, buyer, ask(session, buyer, PRINTED[plant.slug], now), now)


def _buyer(session: Session, plant: Plant, random: Random) -> Buyer:
    return random.choice(buyers(session, read_plant(plant.slug)["customers"]))


def _latest(session: Session, plant: Plant, stages: tuple[Stage, ...]) -> Order | None:
    """The one promised last, so that calling it off leaves a place far ahead."""
    query = select(Order).where(Order.plant_id == plant.id, col(Order.stage).in_(stages))
    query = query.where(col(Order.customer_id).is_not(None))
    return session.exec(query.order_by(col(Order.promised_date).desc(), col(Order.id).desc())).first()


def _account_of(session: Session, order: Order) -> str:
    return session.exec(select(Account.id).where(Account.party_id == order.customer_id)).first() or "customer"
