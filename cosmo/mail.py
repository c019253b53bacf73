"""Mails to customers: queued in the transaction of what they tell of, composed when sent, sent by a job.

A mail is sent at least once: a process that dies between sending and noting it sends it again, with the same
Message-ID (and as the same file), so that mail programs show it once. The queue holds no names and no
addresses: they are looked up at sending, and erased with the customer. Most mails tell of an order; others of
what is none, an idea or a pledge: `write_to`.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from cosmo.clock import Now, read_now
from cosmo.columns import Json, UtcDateTime
from cosmo.db import Database
from cosmo.delivering import backoff
from cosmo.events import Event, payload_of
from cosmo.formats import day, money, number
from cosmo.i18n import N_, pick, say
from cosmo.ids import new_id
from cosmo.letters import compose
from cosmo.mailers import Mailer
from cosmo.orders import Order, OrderSpec
from cosmo.owing import quantity_of
from cosmo.parties import Account, Party, Plant
from cosmo.payloads import PromiseMoved
from cosmo.registry import Handler
from cosmo.settings import Settings
from cosmo.tasks import open_task

MOST_ATTEMPTS = 8
BATCH = 5
"""Mails a run: a batch whose every mail hangs ends before the job's lease does."""
QUEUED, SENT, UNADDRESSED, FAILED = "queued", "sent", "unaddressed", "failed"
MAIL_FAILED = "mail-failed"
FAILED_SENTENCE = N_("The mail about order {order} could not be sent: {error}")
FAILED_LETTER = N_("The letter with the link {link} could not be sent: {error}")
_log = logging.getLogger(__name__)


class Mail(SQLModel, table=True):
    """One mail: to an order's customer, or without an order to `party_id`, from `plant_id`, with a link to
    `path`. Wall times."""

    __tablename__ = "cosmo_mail"

    id: str = Field(default_factory=new_id, primary_key=True)
    order_id: str | None = Field(default=None, foreign_key="cosmo_order.id", index=True)
    party_id: str | None = Field(default=None, foreign_key="cosmo_party.id", index=True)
    plant_id: str | None = Field(default=None, foreign_key="cosmo_plant.id", index=True)
    path: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where the letter's link leads, below the site's address; empty: to the order."""
    template: str
    position: int | None = Field(default=None, foreign_key="cosmo_event.position")
    """The event it tells of."""
    locale: str
    words: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """More fields for the template, none of them personal (a code)."""
    state: str = Field(default=QUEUED, index=True)
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    error: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def queue(
    session: Session, order: Order, template: str, now: Now, *, position: int | None = None, **words: str
) -> Mail:
    """Have a mail sent to the order's customer once this transaction is committed."""
    mail = Mail(
        order_id=order.id,
        template=template,
        position=position,
        locale=order.locale,
        words=words,
        next_at=now.wall,
    )
    session.add(mail)
    session.flush()
    return mail


def write_to(
    session: Session,
    party_id: str,
    plant_id: str,
    template: str,
    path: str,
    locale: str,
    now: Now,
    **words: str,
) -> Mail:
    """Have a letter about something that is no order sent to a party once this transaction is committed."""
    mail = Mail(
        party_id=party_id,
        plant_id=plant_id,
        path=path,
        template=template,
        locale=locale,
        words=words,
        next_at=now.wall,
    )
    session.add(mail)
    session.flush()
    return mail


def _on(event: str, template: Callable[[Event], str]) -> Handler:
    tells_of_work = event in ("shipped", "delivered")

    def apply(session: Session, happened: Event, now: Now) -> None:
        if not (tells_of_work and happened.payload.get("skipped")):
            order = session.get_one(Order, happened.order_id)
            queue(session, order, template(happened), now, position=happened.position)

    return Handler(f"kernel.mail-{event}", event, apply)


def _direction(event: Event) -> str:
    payload = payload_of(event)
    return "earlier" if isinstance(payload, PromiseMoved) and payload.new < payload.old else "later"


HANDLERS: tuple[Handler, ...] = (
    _on("placed", lambda _: "confirmation"),
    _on("proof-asked", lambda _: "proof"),
    _on("shortfall-asked", lambda _: "shortfall"),
    _on("promise-moved", _direction),
    _on("order-changed", lambda _: "changed"),
    _on("shipped", lambda _: "shipped"),
    _on("delivered", lambda _: "delivered"),
)


def send_queued(database: Database, settings: Settings, mailer: Mailer) -> int:
    """The job `kernel.mail`: send a few mails that are due, each noted on its own; how many were tried."""
    with database.read() as session:
        due = (col(Mail.state) == QUEUED, col(Mail.next_at) <= read_now(session).wall)
        ids = session.exec(select(Mail.id).where(*due).order_by(col(Mail.id)).limit(BATCH)).all()
    for mail_id in ids:
        _send_one(database, settings, mailer, mail_id)
    return len(ids)


def _send_one(database: Database, settings: Settings, mailer: Mailer, mail_id: str) -> None:
    try:
        with database.read() as session:
            message = message_for(session, session.get_one(Mail, mail_id), settings)
        if message is not None:
            mailer.send(message, mail_id)
    except Exception as error:
        _log.warning("mail %s could not be sent", mail_id, exc_info=error)
        told = f"{type(error).__name__}: {error}"
        database.retry(lambda session: _note_failure(session, mail_id, told))
    else:
        state = UNADDRESSED if message is None else SENT
        database.retry(lambda session: _note(session, mail_id, state))


def _note(session: Session, mail_id: str, state: str) -> None:
    mail, now = session.get_one(Mail, mail_id), read_now(session)
    mail.state, mail.sent_at, mail.error, mail.words = state, now.wall, None, {}
    session.add(mail)


def _note_failure(session: Session, mail_id: str, error: str) -> None:
    mail, now = session.get_one(Mail, mail_id), read_now(session)
    mail.attempts, mail.error = mail.attempts + 1, error
    mail.next_at = now.wall + backoff(mail.attempts)
    if mail.attempts >= MOST_ATTEMPTS:
        mail.state = FAILED
        _ask_a_person(session, mail, error, now)
    session.add(mail)


def _ask_a_person(session: Session, mail: Mail, error: str, now: Now) -> None:
    if mail.order_id is None:
        maker = session.get_one(Plant, mail.plant_id).manufacturer_id
        open_task(session, maker, MAIL_FAILED, mail.id, FAILED_LETTER, now=now, link=mail.path, error=error)
        return
    order = session.get_one(Order, mail.order_id)
    told = {"order": order.number or order.id, "error": error}
    open_task(
        session,
        order.manufacturer_id,
        MAIL_FAILED,
        mail.id,
        FAILED_SENTENCE,
        now=now,
        order_id=order.id,
        **told,
    )


def message_for(session: Session, mail: Mail, settings: Settings) -> EmailMessage | None:
    """The composed mail; None if the customer has no address (any more)."""
    order = session.get_one(Order, mail.order_id) if mail.order_id else None
    plant = session.get_one(Plant, order.plant_id if order else mail.plant_id)
    person, address = _recipient(session, order.customer_id if order else mail.party_id)
    if address is None:
        return None
    told = _words(session, order, mail, plant) if order else {}
    path = mail.path or (f"/track/{order.tracking_token}" if order else "/")
    letter = compose(
        mail.template,
        mail.locale,
        f"{settings.base_url}{path}",
        plant.name,
        told | {"name": person} | mail.words,
    )
    message = EmailMessage()
    message["Subject"], message["To"] = letter.subject, formataddr((person, address))
    message["From"] = formataddr((plant.name, settings.mail_from))
    message["Message-ID"] = f"<{mail.id}@{settings.mail_from.rpartition('@')[2]}>"
    message["Date"] = format_datetime(read_now(session).wall)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _recipient(session: Session, party_id: str | None) -> tuple[str, str | None]:
    party = session.get(Party, party_id) if party_id else None
    if party is None or party.erased_at is not None:
        return "", None
    if party.email:
        return party.name, party.email
    accounts = select(Account.email).where(Account.party_id == party.id, col(Account.disabled_at).is_(None))
    return party.name, session.exec(accounts.order_by(col(Account.id))).first()


def _words(session: Session, order: Order, mail: Mail, plant: Plant) -> dict[str, str]:
    event = session.get(Event, mail.position) if mail.position else None
    spec = session.get(OrderSpec, order.id)
    return {
        "number": order.number or order.id,
        "date": day(order.promised_date, mail.locale) if order.promised_date else "",
        "quantity": number(quantity_of(session, order), mail.locale),
        "title": pick(spec.spec["title"], mail.locale) if spec else order.family,
        "price": money(order.price_amount, order.price_currency, mail.locale),
        "told": say(payload_of(event), mail.locale, plant.timezone) if event else "",
    }
