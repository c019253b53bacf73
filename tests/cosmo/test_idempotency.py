"""Idempotency keys: the same request has one effect and one answer, also when two arrive at once."""

import threading
import time
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from cosmo import idempotency
from cosmo.db import Database
from cosmo.errors import Invalid
from cosmo.idempotency import IdempotencyRow, Kept, KeyReused, claim, forget, keep, prune
from cosmo.parties import Party, PartyKind
from tests.factories import NOW, at, make_party

BODY = b'{"quote_id": "q"}'


def request(
    database: Database, key: str = "k", body: bytes = BODY, scope: str = "ada", slow: float = 0
) -> Kept | None:
    """What a route does; the effect is a party."""
    with database.write() as session:
        kept = claim(session, scope, key, body, NOW)
        if kept is None:
            time.sleep(slow)
            party = make_party(session, PartyKind.CUSTOMER)
            keep(session, scope, key, 201, {"id": party.id})
        return kept


def effects(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(Party)).all())


def test_the_second_time_gets_the_first_answer(either_database: Database) -> None:
    assert request(either_database) is None
    kept = request(either_database)
    assert kept is not None
    assert kept.status == 201
    assert kept.answer["id"]
    assert effects(either_database) == 1


def test_another_body_is_refused(either_database: Database) -> None:
    request(either_database)
    with pytest.raises(KeyReused) as refused:
        request(either_database, body=b"{}")
    assert refused.value.status == 422
    assert effects(either_database) == 1


def test_keys_belong_to_who_sent_them(either_database: Database) -> None:
    request(either_database)
    assert request(either_database, scope="bob") is None
    assert effects(either_database) == 2


def test_two_at_once_have_one_effect(either_database: Database) -> None:
    answers: list[Kept | None] = []
    work = [
        threading.Thread(target=lambda: answers.append(request(either_database, slow=0.2))) for _ in range(6)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert effects(either_database) == 1
    assert len([answer for answer in answers if answer is None]) == 1
    assert len({answer.answer["id"] for answer in answers if answer}) == 1


def test_without_the_key_there_would_be_several(
    either_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "_insert", lambda *_: True)
    monkeypatch.setattr(f"{__name__}.keep", lambda *_: None)
    request(either_database)
    request(either_database)
    assert effects(either_database) == 2


def fail(session: Session) -> None:
    assert claim(session, "ada", "k", BODY, NOW) is None
    make_party(session, PartyKind.CUSTOMER)
    raise RuntimeError("half way")


def test_a_request_that_fails_may_be_sent_again(either_database: Database) -> None:
    with pytest.raises(RuntimeError, match="half way"), either_database.write() as session:
        fail(session)
    assert request(either_database) is None
    assert effects(either_database) == 1


def test_a_key_is_kept_for_a_day(database: Database) -> None:
    request(database)
    with database.write() as session:
        prune(session, at(hours=23))
        assert claim(session, "ada", "k", BODY, at(hours=23)) is not None
    with database.write() as session:
        assert claim(session, "ada", "k", b"other", at(hours=25)) is None
        keep(session, "ada", "k", 201, {})
    with database.write() as session:
        prune(session, at(hours=25 + 25))
        assert session.exec(select(IdempotencyRow)).all() == []


def test_a_key_can_be_given_back(database: Database) -> None:
    with database.write() as session:
        claim(session, "ada", "k", BODY, NOW)
        forget(session, "ada", "k")
    assert request(database, body=b"another") is None


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_sensible_length(session: Session, key: str) -> None:
    with pytest.raises(Invalid, match="between 1 and 255"):
        claim(session, "ada", key, BODY, NOW)
    assert timedelta(hours=24) == idempotency.KEPT_FOR
