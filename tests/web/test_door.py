"""At the door all keys that come at the same time are looked up at once, each with its own answer."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.identity import new_api_key
from cosmo.parties import Account, ApiKey, PartyKind, Role
from tests import loops
from tests.factories import make_account, make_party
from tests.statements import asked
from web.door import Door

MANY = 12


@pytest.fixture
def keys(either_database: Database) -> dict[str, str]:
    """Key -> account."""
    with either_database.write() as session:
        party = make_party(session, PartyKind.CUSTOMER)
        found = [make_account(session, party, Role.CUSTOMER) for _ in range(MANY)]
        return {new_api_key(session, a.id, "t", wall=wall_time()): a.id for a in found}


def _ask(database: Database, keys: list[str]) -> list[str | None]:
    door = Door(database)

    async def all_at_once() -> list[str | None]:
        seen = await asyncio.gather(*[door.ask(key) for key in keys])
        assert all(abs(now.wall - wall_time()) < timedelta(minutes=1) for now, _ in seen)
        return [principal and principal.account_id for _, principal in seen]

    return loops.run(all_at_once())


def test_each_is_told_who_they_are(either_database: Database, keys: dict[str, str]) -> None:
    first, *rest = keys
    assert _ask(either_database, [first, "cosmo_nobodys", *rest, first]) == [
        keys[first],
        None,
        *[keys[key] for key in rest],
        keys[first],
    ]


def _revoke(session: Session, account_id: str) -> None:
    session.exec(select(ApiKey).where(col(ApiKey.account_id) == account_id)).one().revoked_at = wall_time()


def _disable(session: Session, account_id: str) -> None:
    session.get_one(Account, account_id).disabled_at = wall_time()


@pytest.mark.parametrize("end", [_revoke, _disable])
def test_a_key_is_worth_nothing_from_the_moment_it_is_ended(
    either_database: Database, keys: dict[str, str], end: Callable[[Session, str], None]
) -> None:
    first, second, *_ = keys
    with either_database.write() as session:
        end(session, keys[first])
    assert _ask(either_database, [first, second]) == [None, keys[second]]


def test_many_are_one_question(either_database: Database, keys: dict[str, str]) -> None:
    with asked(either_database) as one:
        _ask(either_database, list(keys)[:1])
    with asked(either_database) as many:
        _ask(either_database, list(keys))
    assert len(many) == len(one)
