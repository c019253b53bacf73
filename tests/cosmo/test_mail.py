"""Mails: queued with what they tell of, composed in the customer's language, sent at least once."""

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import Session, select

from cosmo import lifecycle
from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.mail import FAILED, MAIL_FAILED, MOST_ATTEMPTS, QUEUED, SENT, UNADDRESSED, Mail, queue, send_queued
from cosmo.mailers import FileMailer, SmtpMailer, make_mailer
from cosmo.orders import Order
from cosmo.parties import Party, Plant
from cosmo.payloads import PromiseMoved, Shipped
from cosmo.relay import drain
from cosmo.settings import Settings, read_settings
from cosmo.stages import Stage
from cosmo.tasks import open_tasks
from tests.factories import NOW, PROMISED, make_customer, make_order, walk


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    env = {"COSMO_HOME": str(tmp_path / "home"), "COSMO_BASE_URL": "https://cosmo.example"}
    return read_settings(env)


@pytest.fixture
def order(database: Database, plant: Plant) -> Order:
    with database.write() as session:
        customer = make_customer(session, name="Ada Lovelace", email="ada@example.test")
        made = make_order(session, plant, customer=customer)
        made.number, made.price_amount = "LU-24001", made.price_amount + 95
        walk(session, made.id, Stage.PLACED)
        return made


def sent_files(settings: Settings) -> list[EmailMessage]:
    files = sorted(settings.mail.glob("*.eml"))
    return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def send_all(database: Database, settings: Settings) -> None:
    while send_queued(database, settings, make_mailer(settings)):
        pass


def test_placing_queues_a_confirmation_that_is_sent_as_a_file(
    database: Database, settings: Settings, order: Order
) -> None:
    drain(database)
    send_all(database, settings)
    (message,) = sent_files(settings)
    assert message["Subject"] == "Order LU-24001: we promise Friday 26 June"
    assert message["To"] == "Ada Lovelace <ada@example.test>"
    assert message["From"].endswith("<orders@cosmo.example>")
    text = text_of(message)
    assert "Thank you. You ordered 10 × Cup for €95.00." in text
    assert f"https://cosmo.example/track/{order.tracking_token}" in text
    assert f'href="https://cosmo.example/track/{order.tracking_token}"' in text_of(message, "html")
    with database.read() as session:
        assert session.exec(select(Mail.state)).all() == [SENT]


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("de", "Bestellung LU-24001: wir versprechen Freitag, 26. Juni"),
        ("zh", "订单 LU-24001：我们承诺6月26日星期五"),
    ],
)
def test_in_the_customers_language(
    database: Database, settings: Settings, order: Order, locale: str, subject: str
) -> None:
    with database.write() as session:
        queue(session, _with_locale(session, order, locale), "confirmation", NOW)
    send_all(database, settings)
    (message,) = sent_files(settings)
    assert message["Subject"] == subject
    assert f'lang="{locale}"' in text_of(message, "html")


def _with_locale(session: Session, order: Order, locale: str) -> Order:
    found = session.get_one(Order, order.id)
    found.locale = locale
    session.add(found)
    return found


@pytest.mark.parametrize(
    ("new", "subject", "words"),
    [
        (date(2026, 6, 27), "Order LU-24001: your date moved to Saturday 27 June", "We are sorry."),
        (date(2026, 6, 25), "Order LU-24001: earlier, on Thursday 25 June", "A machine broke down."),
    ],
)
def test_a_moved_promise_is_told(
    database: Database, settings: Settings, order: Order, new: date, subject: str, words: str
) -> None:
    drain(database)
    with database.write() as session:
        moved = PromiseMoved(old=PROMISED, new=new, reason="breakdown")
        lifecycle.emit(session, order.id, moved, now=NOW, actor="kernel")
    drain(database)
    send_all(database, settings)
    messages = {m["Subject"]: text_of(m) for m in sent_files(settings)}
    assert words in messages[subject]
    assert "Your date moved from Friday 26 June" in messages[subject]


def test_what_was_skipped_is_not_mailed(database: Database, settings: Settings, order: Order) -> None:
    with database.write() as session:
        walk(session, order.id, Stage.PRODUCED)
        lifecycle.fire(session, order.id, "ship", Shipped(skipped=True), now=NOW, actor="test")
    drain(database)
    with database.read() as session:
        assert "shipped" not in session.exec(select(Mail.template)).all()


def test_who_has_no_address_or_is_erased_gets_none(
    database: Database, settings: Settings, order: Order
) -> None:
    drain(database)
    with database.write() as session:
        party = session.get_one(Party, order.customer_id)
        party.erased_at = wall_time()
        session.add(party)
    send_all(database, settings)
    assert sent_files(settings) == []
    with database.read() as session:
        assert session.exec(select(Mail.state)).all() == [UNADDRESSED]


def test_a_code_is_forgotten_once_sent(database: Database, settings: Settings, order: Order) -> None:
    with database.write() as session:
        queue(session, order, "code", NOW, code="381 924")
    send_all(database, settings)
    assert "Enter 381 924 to confirm." in text_of(sent_files(settings)[0])
    with database.read() as session:
        assert session.exec(select(Mail.words)).all() == [{}]


class Broken:
    """A mailer whose server is away."""

    def send(self, message: EmailMessage, mail_id: str) -> None:
        raise ConnectionError("no server here")


def test_a_server_that_stays_away_becomes_a_task(
    database: Database, settings: Settings, order: Order, plant: Plant
) -> None:
    drain(database)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        send_queued(database, settings, Broken())
        with database.write() as session:
            mail = session.exec(select(Mail)).one()
            assert mail.attempts == attempt
            mail.next_at = NOW.wall
            session.add(mail)
    assert mail.state == FAILED
    with database.read() as session:
        (task,) = open_tasks(session, plant.manufacturer_id)
        assert (task.kind, task.words["order"]) == (MAIL_FAILED, "LU-24001")


def test_sending_twice_is_the_same_message(database: Database, settings: Settings, order: Order) -> None:
    """As after a process that died between sending and noting it."""
    drain(database)
    send_all(database, settings)
    first = sent_files(settings)
    with database.write() as session:
        mail = session.exec(select(Mail)).one()
        mail.state = QUEUED
        session.add(mail)
    send_all(database, settings)
    second = sent_files(settings)
    assert len(second) == 1
    assert first[0]["Message-ID"] == second[0]["Message-ID"]


class SmallSmtp(threading.Thread):
    """An SMTP server for one conversation; `received` is the message."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.received = ""

    def run(self) -> None:
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rw", newline="\r\n") as lines:
            self._say(lines, "220 small")
            for line in lines:
                verb = line[:4].upper().strip()
                if verb == "DATA":
                    self._say(lines, "354 go on")
                    self.received = "".join(iter(lambda: next(lines), ".\r\n"))
                self._say(lines, "221 bye" if verb == "QUIT" else "250 fine")
                if verb == "QUIT":
                    return

    def _say(self, lines: object, text: str) -> None:
        lines.write(text + "\n")  # type: ignore[attr-defined]
        lines.flush()  # type: ignore[attr-defined]


@pytest.fixture
def smtp() -> Iterator[SmallSmtp]:
    server = SmallSmtp()
    server.start()
    yield server
    server.listener.close()


def test_by_smtp_when_a_server_is_set(
    database: Database, settings: Settings, order: Order, smtp: SmallSmtp
) -> None:
    drain(database)
    send_queued(database, settings, SmtpMailer(smtp.url))
    smtp.join(5)
    assert "Subject: Order LU-24001: we promise Friday 26 June" in smtp.received
    with database.read() as session:
        assert session.exec(select(Mail.state)).all() == [SENT]


def test_the_setting_chooses_the_mailer(tmp_path: Path) -> None:
    home = {"COSMO_HOME": str(tmp_path)}
    assert isinstance(make_mailer(read_settings(home)), FileMailer)
    assert isinstance(make_mailer(read_settings(home | {"COSMO_SMTP_URL": "smtp://x"})), SmtpMailer)
