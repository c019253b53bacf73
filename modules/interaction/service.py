"""The verbs of interaction: talk, and change where it goes while that is still possible."""

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid
from cosmo.i18n import N_
from cosmo.lifecycle import emit, lock
from cosmo.orders import Address, Order
from cosmo.parties import Plant
from cosmo.reconsidering import call_again, reconsider
from cosmo.stages import Stage
from cosmo.taxes import tax_of, tax_on
from modules.interaction.models import Message
from modules.interaction.payloads import AddressChanged, MessageSent
from modules.interaction.schemas import AddressIn

OTHER_TAX = N_(
    "In that country another tax is due. Cancel this order and place it anew, or write to the plant."
)
ADDRESS_STAGES = frozenset(
    (
        Stage.QUOTED,
        Stage.PLACED,
        Stage.ENGINEERED,
        Stage.SOURCED,
        Stage.SCHEDULED,
        Stage.IN_PRODUCTION,
    )
)
"""Until everything is made, packed and labelled."""


def send_message(
    session: Session, order_id: str, text: str, *, from_plant: bool, account_id: str | None, now: Now
) -> Message:
    """Add a message to the order's thread."""
    lock(session, order_id)
    message = Message(
        order_id=order_id, from_plant=from_plant, account_id=account_id, text=text, sent_at=now.business
    )
    session.add(message)
    session.flush()
    payload = MessageSent(message=message.id, from_plant=from_plant)
    emit(session, order_id, payload, now=now, actor=account_id or "guest")
    return message


def thread(session: Session, order_id: str) -> list[Message]:
    """All messages of an order, oldest first."""
    query = select(Message).where(Message.order_id == order_id)
    return list(session.exec(query.order_by(col(Message.sent_at), col(Message.id))))


def can_change_address(order: Order) -> bool:
    return order.stage in ADDRESS_STAGES


def _keeps_its_tax(session: Session, order: Order, country: str) -> None:
    """Raises `Invalid` for a country in which another tax would be due than was agreed and paid."""
    net, made_in = order.price_amount, session.get_one(Plant, order.plant_id).country
    agreed, there = tax_of(session, order, net), tax_on(net, order.price_currency, made_in, country)
    if net and (agreed and agreed.percent) != (there and there.percent):
        raise Invalid(OTHER_TAX, field="country")


def change_address(session: Session, order_id: str, wish: AddressIn, *, actor: str, now: Now) -> Order:
    """Send it elsewhere; a longer way may move the promise, which the customer is told at once."""
    order = lock(session, order_id)
    if not can_change_address(order):
        raise Conflict("It is packed and labelled already; please write to the plant.")
    if order.placed_at is not None:
        _keeps_its_tax(session, order, wish.country)
    address = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    if address is None:
        address = Address()
    for name, value in wish.model_dump(include=set(AddressIn.model_fields)).items():
        setattr(address, name, value)
    session.add(address)
    session.flush()
    order.ship_to_id = address.id
    session.add(order)
    emit(session, order_id, AddressChanged(address=address.id), now=now, actor=actor)
    if order.ready_at is not None:
        reconsider(session, order_id, order.ready_at, "change", None, now)
        call_again(session, order, now)
    return order
