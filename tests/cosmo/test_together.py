"""Several people's quotes placed in one transaction: each as if alone; who is left out changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from cosmo import together
from cosmo.audit import Finding, audit
from cosmo.db import Database
from cosmo.events import Event, events_after
from cosmo.idempotency import IdempotencyRow, Key
from cosmo.orders import Order
from cosmo.parties import Party, PartyKind
from cosmo.placing import Customer
from cosmo.ports import Ask, PlaceOvertaken
from cosmo.quoting import Requester, quote
from cosmo.together import Wish, place_together
from tests.factories import NOW, make_plant, make_standard_product
from tests.statements import asked

MANY = 6


@pytest.fixture
def quotes(either_database: Database) -> list[str]:
    with either_database.write() as session:
        make_standard_product(session, make_plant(session))
        guests = [_guest(n) for n in range(MANY)]
        return [quote(session, Ask("cup", {}, 5), requester=who, now=NOW).id for who in guests]


def _guest(n: int) -> Requester:
    return Requester(session_id=f"s{n}")


def wish(quote_id: str, n: int = 0) -> Wish:
    name = f"Guest {n}"
    return Wish(
        quote_id,
        Customer(name, f"guest{n}@example.test"),
        _guest(n),
        may=lambda order: order.session_id == f"s{n}",
        tell=lambda order: {"id": order.id, "number": order.number},
        key=Key(f"guest {n}", "k", "hash"),
    )


def wishes(quotes: list[str]) -> list[Wish]:
    return [wish(quote_id, n) for n, quote_id in enumerate(quotes)]


def _stages(session: Session) -> dict[str, str]:
    return {order.id: order.stage for order in session.exec(select(Order))}


def test_each_is_placed_as_if_alone(either_database: Database, quotes: list[str]) -> None:
    with either_database.write() as session:
        answers = place_together(session, wishes(quotes), NOW)
    assert [answers[n]["id"] for n in range(MANY)] == quotes
    assert len({answer["number"] for answer in answers.values()}) == MANY
    with either_database.read() as session:
        for n, quote_id in enumerate(quotes):
            order = session.get_one(Order, quote_id)
            assert (order.stage, order.number) == ("placed", answers[n]["number"])
            assert [e.seq for e in events_after(session, quote_id)] == list(range(1, order.seq + 1))
            assert session.get_one(Party, order.customer_id).email == f"guest{n}@example.test"
            kept = session.get_one(IdempotencyRow, (f"guest {n}", "k"))
            assert (kept.status, kept.answer) == (201, answers[n])
    assert not [found for found in audit(either_database) if isinstance(found, Finding)]


def test_the_database_is_asked_as_often_for_many_as_for_few(
    either_database: Database, quotes: list[str]
) -> None:
    one, few, many = wishes(quotes)[:1], wishes(quotes)[1:3], wishes(quotes)[3:]
    with either_database.write() as session:
        place_together(session, one, NOW)
    with asked(either_database) as first, either_database.write() as session:
        place_together(session, few, NOW)
    with asked(either_database) as second, either_database.write() as session:
        place_together(session, many, NOW)
    assert {order_terms(either_database, wish.quote_id) for wish in few + many} == {"prepaid"}
    assert questions(second) == questions(first)


def questions(statements: list[str]) -> int:
    """Without the orders' own rows, which are written one by one, and their customers'."""
    own = ("UPDATE cosmo_order", "INSERT INTO cosmo_party")
    return len([statement for statement in statements if not statement.startswith(own)])


def order_terms(database: Database, order_id: str) -> str:
    with database.read() as session:
        return session.get_one(Order, order_id).terms


@pytest.fixture(params=["expired", "somebody else's", "unknown", "twice", "key used", "key twice"])
def spoiled(
    request: pytest.FixtureRequest, either_database: Database, quotes: list[str]
) -> tuple[list[Wish], int]:
    """All wishes with one that does not go through, and its index."""
    asked, last = wishes(quotes), MANY - 1
    if request.param == "expired":
        with either_database.write() as session:
            session.get_one(Order, quotes[last]).quote_expires_at = NOW.wall - timedelta(seconds=1)
    if request.param == "somebody else's":
        asked[last] = replace(asked[last], may=lambda _: False)
    if request.param == "unknown":
        asked[last] = replace(asked[last], quote_id="none")
    if request.param == "twice":
        asked[last] = replace(asked[last], quote_id=quotes[0])
    if request.param == "key used":
        with either_database.write() as session:
            values = {"scope": f"guest {last}", "key": "k", "body_hash": "h", "expires_at": NOW.wall}
            session.add(IdempotencyRow(**values))
    if request.param == "key twice":
        asked[last] = replace(asked[last], key=asked[0].key)
    return asked, last


def test_one_that_does_not_go_through_is_left_out_and_spoils_nothing(
    either_database: Database, quotes: list[str], spoiled: tuple[list[Wish], int]
) -> None:
    asked, left_out = spoiled
    with either_database.write() as session:
        answers = place_together(session, asked, NOW)
    assert set(answers) == set(range(MANY)) - {left_out}
    with either_database.read() as session:
        stages = _stages(session)
        assert [stages[quote_id] for quote_id in quotes] == ["placed"] * (MANY - 1) + ["quoted"]
        assert len(events_after(session, quotes[left_out])) == 1, "nothing happened to it"
        customers = select(func.count()).select_from(Party).where(col(Party.kind) == PartyKind.CUSTOMER)
        assert session.exec(customers).one() == MANY - 1


def test_where_time_has_overtaken_one_nothing_is_placed(
    either_database: Database, quotes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*_: object) -> None:
        raise PlaceOvertaken("gone", quotes[2])

    monkeypatch.setattr(together, "firm_all", overtaken)
    with pytest.raises(PlaceOvertaken), either_database.write() as session:
        place_together(session, wishes(quotes), NOW)
    with either_database.read() as session:
        assert set(_stages(session).values()) == {"quoted"}


@pytest.fixture
def taken_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process takes a key after we have looked."""
    monkeypatch.setattr(together.idempotency, "known", lambda *_: set())


@pytest.mark.usefixtures("taken_meanwhile")
def test_a_key_that_is_taken_at_the_same_moment_places_nothing(
    either_database: Database, quotes: list[str]
) -> None:
    with either_database.write() as session:
        row = IdempotencyRow(scope="guest 1", key="k", body_hash="other", expires_at=NOW.wall)
        session.add(row)
    with pytest.raises(IntegrityError), either_database.write() as session:
        place_together(session, wishes(quotes), NOW)
    with either_database.read() as session:
        assert set(_stages(session).values()) == {"quoted"}
        assert session.exec(select(func.count()).select_from(Event)).one() == MANY
