"""Pledges: priced, made, withdrawn, and turned into orders once their pre-sale is reached."""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.formats import money
from cosmo.i18n import N_, catalog
from cosmo.money import Price, PriceLine
from cosmo.orders import Address, Order
from cosmo.parties import Party, PartyKind, Plant
from cosmo.placing import Customer, place_directly
from cosmo.ports import Ask, ShipTo
from cosmo.quoting import Requester, tentative
from cosmo.tasks import open_task, settle
from modules.marketing import presales
from modules.marketing.presale_models import Pledge, PledgeState, Presale, PresaleState

MOST_PIECES = 10_000
ACTOR = "module:marketing"
PLEDGE_STUCK = "pledge-stuck"
SENTENCE = N_("A pledge of {title} could not become an order: {error}")
LINE = N_("Pre-sale: {title}")
CLOSED = N_("This pre-sale takes no more pledges.")


@dataclass(frozen=True, slots=True)
class Pledger:
    """Who pledges: a guest's name and address, or a customer's party."""

    name: str
    email: str
    ship_to: ShipTo
    locale: str
    party_id: str | None = None


def price(session: Session, presale: Presale, quantity: int, ship_to: ShipTo, now: Now) -> Price:
    """What so many cost, sent there: the pre-sale's price, and the freight as the plant asks now. Raises
    `Invalid` where that is not made in such a number."""
    if not 1 <= quantity <= MOST_PIECES:
        raise Invalid(N_("Write how many as a whole number from 1 to 10,000."), field="quantity")
    ask = Ask(presale.family, presale.selections, quantity, ship_to, release=presale.release)
    lines = tentative(session, ask, now).price.lines
    freight = next((line for line in lines if line.code == presales.FREIGHT), None)
    return _price(
        presale, quantity, freight.amount if freight else Decimal(0), freight.text if freight else {}
    )


def price_of(presale: Presale, pledge: Pledge) -> Price:
    """What a pledge costs, as it was shown."""
    return _price(presale, pledge.quantity, pledge.freight, pledge.freight_text)


def _price(presale: Presale, quantity: int, freight: Decimal, freight_text: dict[str, str]) -> Price:
    goods = PriceLine(
        code="presale",
        text={code: _line(code).format(title=presale.title) for code in ("en", "de", "zh")},
        amount=presale.each * quantity,
        unit_price=presale.each,
        quantity=Decimal(quantity),
    )
    sent = PriceLine(code=presales.FREIGHT, text=freight_text, amount=freight)
    lines = (goods, sent) if freight else (goods,)
    return Price(amount=sum((x.amount for x in lines), Decimal(0)), currency=presale.currency, lines=lines)


def _line(locale: str) -> str:
    return catalog(locale).single.get(LINE, LINE)


def pledge(
    session: Session,
    presale_id: str,
    who: Pledger,
    quantity: int,
    now: Now,
    *,
    sent: str = "",
    agreed: Decimal | None = None,
) -> Pledge:
    """Take so many if enough others do too. The one that makes it enough reaches the pre-sale. `agreed`: the
    sum that was shown; another one is refused. The same form (`sent`) twice is one pledge. Raises
    `Conflict`."""
    presale = presales.locked(session, presale_id)
    known = _known(session, presale, sent)
    if known is not None:
        return known
    if presale.state != PresaleState.OPEN or presales.is_over(session, presale, now):
        raise Conflict(CLOSED)
    costs = price(session, presale, quantity, who.ship_to, now)
    if agreed is not None and agreed != costs.amount:
        raise Conflict(N_("The freight is another one there. Look at the new price, then take it."))
    made = _made(session, presale, who, quantity, costs, sent, now)
    told = money(costs.amount, costs.currency, who.locale)
    presales.tell(session, presale, made, "presale-pledged", now, price=told)
    presales.reach_if_enough(session, presale, now)
    return made


def _known(session: Session, presale: Presale, sent: str) -> Pledge | None:
    query = select(Pledge).where(Pledge.presale_id == presale.id, Pledge.sent == sent)
    return session.exec(query).one_or_none() if sent else None


def _made(
    session: Session, presale: Presale, who: Pledger, quantity: int, costs: Price, sent: str, now: Now
) -> Pledge:
    to = who.ship_to
    address = Address(
        name=to.name, street=to.street, city=to.city, postal_code=to.postal_code, country=to.country
    )
    session.add(address)
    freight = next((line for line in costs.lines if line.code == presales.FREIGHT), None)
    session.flush()
    made = Pledge(
        presale_id=presale.id,
        party_id=who.party_id or _party(session, who),
        ship_to_id=address.id,
        locale=who.locale,
        quantity=quantity,
        freight=freight.amount if freight else Decimal(0),
        freight_text=freight.text if freight else {},
        pledged_at=now.business,
        **({"sent": sent} if sent else {}),
    )
    session.add(made)
    session.flush()
    return made


def _party(session: Session, who: Pledger) -> str:
    party = Party(kind=PartyKind.CUSTOMER, name=who.name, email=who.email, locale=who.locale)
    session.add(party)
    session.flush()
    return party.id


def by_key(session: Session, key: str) -> Pledge:
    """The pledge a letter's link leads to. Raises `NotFound`."""
    found = session.exec(select(Pledge).where(Pledge.key == key)).one_or_none()
    if found is None:
        raise NotFound(N_("This link leads to no pledge. Check that it is complete."))
    return found


def withdraw(session: Session, key: str) -> Pledge:
    """Not take it after all; twice is once. Raises `Conflict` once the pre-sale has ended."""
    found = by_key(session, key)
    presale = presales.locked(session, found.presale_id)
    session.refresh(found)
    if found.state == PledgeState.WITHDRAWN:
        return found
    if presale.state != PresaleState.OPEN or found.state != PledgeState.PLEDGED:
        raise Conflict(N_("This pre-sale has ended, so the pledge cannot be withdrawn any more."))
    found.state = PledgeState.WITHDRAWN
    session.add(found)
    session.flush()
    return found


# Once it is reached


def to_order(session: Session) -> list[str]:
    """Pledges of pre-sales that were reached, in the order of pledging, that are no orders yet."""
    query = (
        select(Pledge.id)
        .join(Presale, col(Presale.id) == col(Pledge.presale_id))
        .where(Presale.state == PresaleState.REACHED, Pledge.state == PledgeState.PLEDGED)
        .order_by(col(Presale.ended_at), col(Pledge.pledged_at), col(Pledge.id))
    )
    return list(session.exec(query))


def order(session: Session, pledge_id: str, now: Now) -> Order | None:
    """Quote and place one pledge at its price, by the code that places every order; None if somebody has
    done so meanwhile."""
    found = session.get_one(Pledge, pledge_id, with_for_update=True, populate_existing=True)
    presale = session.get_one(Presale, found.presale_id)
    if found.state != PledgeState.PLEDGED or presale.state != PresaleState.REACHED:
        return None
    requester = Requester(actor=ACTOR, customer_id=found.party_id)
    party = session.get_one(Party, found.party_id)
    placed = place_directly(
        session,
        _ask(session, presale, found),
        Customer(party.name, party.email or ""),
        requester=requester,
        now=now,
        price=price_of(presale, found),
    )
    found.state, found.order_id, found.error = PledgeState.ORDERED, placed.id, ""
    session.add(found)
    settle(session, PLEDGE_STUCK, found.id, now=now)
    session.flush()
    return placed


def _ask(session: Session, presale: Presale, found: Pledge) -> Ask:
    to = session.get_one(Address, found.ship_to_id)
    return Ask(
        presale.family,
        presale.selections,
        found.quantity,
        ShipTo(to.name, to.street, to.city, to.postal_code, to.country),
        locale=found.locale,
        release=presale.release,
    )


def note_stuck(session: Session, pledge_id: str, error: str, now: Now) -> None:
    """It could not become an order: a person of the plant is asked, the other pledges go on."""
    found = session.get_one(Pledge, pledge_id, with_for_update=True, populate_existing=True)
    if found.state != PledgeState.PLEDGED:
        return
    presale = session.get_one(Presale, found.presale_id)
    found.state, found.error = PledgeState.STUCK, error
    session.add(found)
    maker = session.get_one(Plant, presale.plant_id).manufacturer_id
    open_task(session, maker, PLEDGE_STUCK, found.id, SENTENCE, now=now, title=presale.title, error=error)


def try_again(session: Session, presale: Presale) -> None:
    """What is stuck is placed once more."""
    for row in presales.pledges(session, presale.id):
        if row.state == PledgeState.STUCK:
            row.state = PledgeState.PLEDGED
            session.add(row)
    session.flush()
