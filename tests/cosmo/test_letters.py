"""Letters about what is no order: to a party, from a plant, with a link of their own."""

from pathlib import Path

import pytest
from sqlmodel import Session, select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.idea_ports import NobodysIdeas
from cosmo.letters import TEMPLATES, compose
from cosmo.mail import MAIL_FAILED, MOST_ATTEMPTS, SENT, UNADDRESSED, Mail, write_to
from cosmo.parties import Party, Plant
from cosmo.settings import Settings, read_settings
from cosmo.tasks import open_tasks
from tests.cosmo.test_mail import Broken, send_all, send_queued, sent_files, text_of
from tests.factories import NOW, make_customer

WORDS = {
    "title": "A jug",
    "count": "2 pieces",
    "price": "€9",
    "date": "Friday",
    "who": "Aylin",
    "reason": "No",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"COSMO_HOME": str(tmp_path / "home"), "COSMO_BASE_URL": "https://cosmo.example"})


def written(session: Session, plant: Plant) -> str:
    """A letter to somebody new; the party."""
    party = make_customer(session, name="Ada Lovelace", email="ada@example.test").id
    write_to(session, party, plant.id, "idea-posted", "/ideas/follow/x", "de", NOW, title="A jug")
    return party


def test_it_reaches_the_party_in_their_language(database: Database, settings: Settings, plant: Plant) -> None:
    with database.write() as session:
        written(session, plant)
    send_all(database, settings)
    (message,) = sent_files(settings)
    assert message["To"] == "Ada Lovelace <ada@example.test>"
    assert message["Subject"] == "Ihre Idee „A jug“ ist veröffentlicht"
    assert "https://cosmo.example/ideas/follow/x" in text_of(message)
    with database.read() as session:
        mail = session.exec(select(Mail)).one()
        assert (mail.state, mail.words) == (SENT, {})


def test_who_is_erased_gets_none(database: Database, settings: Settings, plant: Plant) -> None:
    with database.write() as session:
        session.get_one(Party, written(session, plant)).erased_at = wall_time()
    send_all(database, settings)
    assert sent_files(settings) == []
    with database.read() as session:
        assert session.exec(select(Mail.state)).one() == UNADDRESSED


def test_one_that_cannot_be_sent_becomes_the_plants_task(
    database: Database, settings: Settings, plant: Plant
) -> None:
    with database.write() as session:
        written(session, plant)
    for _ in range(MOST_ATTEMPTS):
        send_queued(database, settings, Broken())
        with database.write() as session:
            session.exec(select(Mail)).one().next_at = NOW.wall
    with database.read() as session:
        (task,) = open_tasks(session, plant.manufacturer_id)
        assert (task.kind, task.words["link"]) == (MAIL_FAILED, "/ideas/follow/x")


@pytest.mark.parametrize("locale", ["en", "de", "zh"])
@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith(("idea-", "presale-"))])
def test_each_can_be_filled(name: str, locale: str) -> None:
    letter = compose(name, locale, "https://cosmo.example/x", "Lu", {"name": "Ada", **WORDS})
    assert "{" not in letter.subject + letter.text


def test_without_anybody_who_keeps_ideas_there_are_none(database: Database) -> None:
    """The kernel's default."""
    with database.read() as session:
        nobody = NobodysIdeas()
        assert nobody.chosen(session, "x") is None
        nobody.presale_opened(session, "x", "/presale/x", NOW)
        nobody.presale_ended(session, "x", "/presale/x", True, NOW)
