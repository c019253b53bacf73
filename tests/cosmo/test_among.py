"""A question about many names: the same text for one and for many, and the answer that `in_` gives."""

from collections.abc import Collection

import pytest
from sqlalchemy import update
from sqlalchemy.exc import StatementError
from sqlmodel import Session, col, select

from cosmo.among import among
from cosmo.db import Database
from cosmo.parties import Party, PartyKind
from tests.statements import asked

NAMES = ["Ada", "it's", '"quoted"', "釉 [1, 2]", "a\\b", ""]
_FOUND = select(Party.name).where(among(Party.name, "names")).order_by(col(Party.name))


@pytest.fixture
def named(either_database: Database) -> Database:
    with either_database.write() as session:
        session.add_all(Party(kind=PartyKind.CUSTOMER, name=name) for name in NAMES)
    return either_database


def _ask(session: Session, names: Collection[str]) -> list[str]:
    return list(session.exec(_FOUND, params={"names": names}))


@pytest.mark.parametrize("names", [NAMES, NAMES[1:2], ["nobody", *NAMES[3:]], ["nobody"], []])
def test_what_is_found_is_what_is_in_the_list(named: Database, names: list[str]) -> None:
    with named.read() as session:
        usual = select(Party.name).where(col(Party.name).in_(names)).order_by(col(Party.name))
        assert _ask(session, names) == list(session.exec(usual)) == sorted(set(names) & set(NAMES))
        assert _ask(session, set(names)) == _ask(session, names)


def test_the_text_does_not_grow_with_the_list(named: Database) -> None:
    with asked(named) as statements, named.read() as session:
        _ask(session, NAMES[:1])
        _ask(session, NAMES)
    one, many = (text for text in statements if text.startswith("SELECT"))
    assert one == many


@pytest.mark.parametrize("names", [None, "Ada"])
def test_one_name_is_no_list_of_its_letters(named: Database, names: str | None) -> None:
    with named.read() as session, pytest.raises(StatementError, match="a list of names is needed"):
        session.exec(_FOUND, params={"names": names}).all()


def test_rows_are_changed_by_it_and_the_session_knows(named: Database) -> None:
    changed = update(Party).where(among(Party.name, "names")).values(name="changed")
    with named.write() as session:
        ada = session.exec(select(Party).where(Party.name == "Ada")).one()
        options = {"synchronize_session": "fetch"}
        session.execute(changed, {"names": ["Ada", "it's"]}, execution_options=options)
        assert ada.name == "changed"
        assert _ask(session, ["changed"]) == ["changed", "changed"]
