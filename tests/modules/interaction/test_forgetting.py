"""A guest's designs follow whoever signs in, and are forgotten once nobody can open them any more."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from cosmo.clock import Now, wall_time
from cosmo.db import Database
from cosmo.formats import day_of, fullday
from cosmo.identity import GUEST_FOR, hash_password
from cosmo.jobs import module_jobs
from cosmo.orders import Address, Order
from cosmo.parties import LoginSession, PartyKind, Plant, Role
from cosmo.stages import Stage
from modules.interaction.forgetting import AT_ONCE, forget_designs
from modules.interaction.models import Design
from tests.factories import MONDAY, make_account, make_party
from tests.modules.interaction.test_designs import count, order_behind, press, saved
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("priced")
PASSWORD = "a long enough password"


def forget(database: Database, later: timedelta = timedelta()) -> int:
    with database.write() as session:
        return forget_designs(session, Now(MONDAY, wall_time() + later))


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


def test_what_a_guest_saved_is_theirs_after_sign_in_and_stays(
    client: Visitor, database: Database, password_hash: str
) -> None:
    design = saved(client)
    with database.write() as session:
        ada = make_account(
            session, make_party(session, PartyKind.CUSTOMER), Role.CUSTOMER, password_hash=password_hash
        )
        email = ada.email
    assert "Sign in, and they stay yours." in client.get("/designs").text
    signed_in = client.post("/sign-in", data={"email": email, "password": PASSWORD, "next": "/designs"})
    assert signed_in.headers["Location"] == "/designs"
    page = client.get("/designs").text
    assert f'id="{design}"' in page
    assert "This browser keeps them" not in page
    assert order_behind(database, design).customer_id == ada.party_id
    assert forget(database, GUEST_FOR * 10) == 0
    client.cookies.clear()
    assert design not in client.get("/designs").text, "the browser alone does not show them any more"


def test_a_guests_designs_last_as_long_as_the_page_says(client: Visitor, database: Database) -> None:
    design = saved(client)
    with database.read() as session:
        until = session.exec(select(LoginSession.expires_at)).one()
        at_the_plant = session.exec(select(Plant.timezone)).one()
    assert fullday(day_of(until, at_the_plant), "en") in client.get("/designs").text
    addresses = count(database, Address)
    assert forget(database, GUEST_FOR - timedelta(minutes=1)) == 0
    assert client.get(f"/designs?open={design}").status_code == 200
    assert forget(database, GUEST_FOR + timedelta(minutes=1)) == 1
    assert (count(database, Design), count(database, Order), count(database, Address)) == (
        0,
        0,
        addresses - 1,
    )


def test_a_quote_of_one_stays_and_so_does_an_order(client: Visitor, database: Database) -> None:
    quoted = saved(client)
    order = order_behind(database, quoted)
    press(client, "order", design=quoted)
    assert forget(database, GUEST_FOR * 2) == 0, "a place is held for it"
    with database.write() as session:
        row = session.get_one(Order, order.id)
        row.stage = Stage.LAPSED
        session.add(row)
    assert forget(database, GUEST_FOR * 2) == 1
    assert count(database, Design) == 0
    with database.read() as session:
        assert session.get(Order, order.id) is not None, "kept for what is learnt from it"


def test_very_many_are_forgotten_a_few_at_a_time(database: Database, mugs: Plant) -> None:
    of = {"manufacturer_id": mugs.manufacturer_id, "plant_id": mugs.id, "family": "mug", "quantity": 1}
    with database.write() as session:
        for number in range(AT_ONCE + 3):
            order = Order(**of, session_id="gone", created_at=MONDAY)
            session.add(order)
            session.flush()
            session.add(Design(order_id=order.id, title=f"{number}", saved_at=MONDAY))
    assert [forget(database) for _ in range(3)] == [AT_ONCE, 3, 0]
    with database.read() as session:
        assert not session.exec(select(Order).where(col(Order.session_id) == "gone")).all()


def test_the_house_does_it_by_itself(database: Database) -> None:
    (job,) = (owned.job for owned in module_jobs() if owned.module == "interaction")
    assert (job.name, job.every) == ("interaction.forget_designs", timedelta(minutes=10))
