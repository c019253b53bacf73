"""Pre-sales: opened, pledged, reached or lapsed; nobody pays more than was shown, nothing is made twice."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, col, select

from cosmo.asking import family_card
from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.errors import Conflict, Invalid
from cosmo.mail import Mail
from cosmo.orders import Order
from cosmo.parties import Party, PartyKind, Plant, Role
from cosmo.ports import ShipTo
from cosmo.stages import Stage
from cosmo.tasks import open_tasks
from modules.marketing import pledging, presales
from modules.marketing.pledging import Pledger
from modules.marketing.presale_jobs import look_after
from modules.marketing.presale_models import Pledge, PledgeState, Presale, PresaleState
from modules.marketing.presale_view import shown
from tests.factories import MONDAY, NOW, make_plant, make_standard_product
from tests.web_fixtures import Visitor

CLOSES = date(2026, 6, 30)
OPENING = {"family": "cup", "title": "The tall cup", "words": "Once only.", "threshold": "6",
           "closes_on": CLOSES.isoformat(), "percent": "10"}  # fmt: skip
FORM = {"quantity": "2", "name": "Ada", "email": "ada@example.test", "street": "Ring 1",
        "postal_code": "10115", "city": "Berlin", "country": "DE"}  # fmt: skip
Enter = Callable[..., Visitor]


@pytest.fixture
def presale(shop: Plant, people: Enter) -> str:
    """A pre-sale of cups, made from six on."""
    answer = people(Role.SELLER, shop).post("/plant/presales", data=OPENING)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def row(database: Database, presale_id: str) -> Presale:
    with database.read() as session:
        return session.get_one(Presale, presale_id)


def rows(database: Database, presale_id: str) -> list[Pledge]:
    with database.read() as session:
        return presales.pledges(session, presale_id)


def letters(database: Database) -> list[str]:
    with database.read() as session:
        query = select(Mail.template).where(col(Mail.party_id).is_not(None)).order_by(col(Mail.id))
        return list(session.exec(query))


def field(page: str, name: str) -> str:
    """What the page's form sends along as `name`."""
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def pledged(visitor: Visitor, presale_id: str, **changes: str) -> str:
    """First the price is shown, then it is taken; the address of the pledge."""
    form = {**FORM, **changes}
    there = f"/presale/{presale_id}/pledges"
    shown = visitor.post(there, data=form)
    assert shown.status_code == 200, shown.text
    sent, agreed = field(shown.text, "sent"), field(shown.text, "agreed")
    assert agreed
    answer = visitor.post(there, data={**form, "sent": sent, "agreed": agreed})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def go_to(database: Database, day: date) -> None:
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY + timedelta(days=(day - MONDAY.date()).days))


def test_a_seller_opens_it_at_the_price_of_the_run_less_the_discount(
    presale: str, client: Visitor, database: Database
) -> None:
    made = row(database, presale)
    assert made.each == (made.list_each * Decimal("0.9")).quantize(Decimal("0.01"))
    page = client.get(f"/presale/{presale}").text
    for words in ("The tall cup", "0 of 6 pieces", "22 days left", "instead of", "about"):
        assert words.lower() in page.lower(), words
    assert "The tall cup" in client.get("/presales").text
    told = client.get(f"/api/v1/presales/{presale}").json()
    assert (told["pieces"], told["threshold"], told["state"]) == (0, 6, "open")
    assert told["about_working_days"] >= 1


@pytest.mark.parametrize(
    ("field_name", "value", "said"),
    [
        ("threshold", "many", "from how many on"),
        ("closes_on", "2026-06-08", "after today"),
        ("closes_on", "soon", "Write the day"),
        ("percent", "95", "0 to 90"),
        ("title", " ", "Give it a name"),
        ("family", "jug", "Choose what it is"),
    ],
)
def test_what_cannot_be_opened_comes_back_as_typed(
    shop: Plant, people: Enter, field_name: str, value: str, said: str
) -> None:
    wrong = people(Role.SELLER, shop).post("/plant/presales", data={**OPENING, field_name: value})
    assert wrong.status_code == 422
    assert said in wrong.text
    assert "Once only." in wrong.text


def test_the_price_is_shown_before_it_is_taken_and_only_that_is_taken(
    presale: str, client: Visitor, database: Database
) -> None:
    shown = client.post(f"/presale/{presale}/pledges", data=FORM)
    assert "Take it for" in shown.text
    assert rows(database, presale) == [], "looking at a price takes nothing"
    for agreed in ("0.01", "NaN", "much"):
        other = client.post(f"/presale/{presale}/pledges", data={**FORM, "agreed": agreed})
        assert other.status_code == 409, agreed
        assert 'value="Ring 1"' in other.text
    assert rows(database, presale) == []
    there = pledged(client, presale)
    assert "2 pieces" in client.get(there).text
    assert letters(database) == ["presale-pledged"]
    assert "2 of 6 pieces" in client.get(f"/presale/{presale}").text


def test_wrong_fields_stand_beside_what_was_typed(presale: str, client: Visitor) -> None:
    form = {**FORM, "quantity": "lots", "email": "nobody", "city": ""}
    wrong = client.post(f"/presale/{presale}/pledges", data=form)
    assert wrong.status_code == 422
    for words in ('value="lots"', 'value="nobody"', "Write how many", "Write an e-mail", "Write the city."):
        assert words in wrong.text


def test_the_same_form_twice_is_one_pledge(presale: str, client: Visitor, database: Database) -> None:
    shown = client.post(f"/presale/{presale}/pledges", data=FORM).text
    form = {**FORM, "sent": field(shown, "sent"), "agreed": field(shown, "agreed")}
    first, second = (client.post(f"/presale/{presale}/pledges", data=form) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(rows(database, presale)) == 1


def test_a_pledge_is_withdrawn_by_its_link_until_it_is_enough(
    presale: str, client: Visitor, database: Database
) -> None:
    there = pledged(client, presale)
    for _ in range(2):
        assert client.post(f"{there}/withdrawal").status_code == 303
    assert "0 of 6 pieces" in client.get(f"/presale/{presale}").text
    again, last = pledged(client, presale), pledged(client, presale, quantity="4")
    assert row(database, presale).state == PresaleState.REACHED
    for link in (again, last):
        refused = client.post(f"{link}/withdrawal")
        assert refused.status_code == 409
        assert "cannot be withdrawn any more" in refused.text


def test_the_threshold_makes_every_pledge_an_order_at_its_price(
    presale: str, client: Visitor, people: Enter, database: Database
) -> None:
    gone, one = pledged(client, presale), pledged(client, presale, quantity="3")
    client.post(f"{gone}/withdrawal")
    look_after(database)
    with database.read() as session:
        assert session.exec(select(Order)).all() == [], "below the threshold nothing is ordered"
    customer = people(Role.CUSTOMER)
    two = pledged(customer, presale, quantity="3")
    look_after(database)
    look_after(database)
    first, second, third = rows(database, presale)
    assert (first.state, first.order_id) == (PledgeState.WITHDRAWN, None)
    with database.read() as session:
        orders = [session.get_one(Order, one.order_id) for one in (second, third)]
        assert len(session.exec(select(Order)).all()) == 2
        for pledge, order in zip((second, third), orders, strict=True):
            costs = pledging.price_of(session.get_one(Presale, presale), pledge)
            assert (order.price_amount, order.quantity) == (costs.amount, pledge.quantity)
            assert order.stage == Stage.PLACED
            assert order.promised_date is not None
            assert order.customer_id == pledge.party_id
            assert order.price_lines[0]["code"] == "presale"
        assert orders[0].placed_at <= orders[1].placed_at  # type: ignore[operator]
        assert orders[0].number is not None
        assert orders[0].number < (orders[1].number or "")
        assert orders[1].customer_id == customer.account.party_id  # type: ignore[union-attr]
    for link, order in zip((one, two), orders, strict=True):
        assert f"/track/{order.tracking_token}" in client.get(link).text
    assert letters(database).count("presale-reached") == 2
    late = client.post(f"/presale/{presale}/pledges", data={**FORM, "agreed": "1", "sent": "x"})
    assert late.status_code == 409


def test_below_the_threshold_it_lapses_after_its_last_day_and_tells_everybody(
    presale: str, client: Visitor, database: Database
) -> None:
    there, gone = pledged(client, presale), pledged(client, presale)
    client.post(f"{gone}/withdrawal")
    go_to(database, CLOSES)
    look_after(database)
    assert row(database, presale).state == PresaleState.OPEN, "its last day is still a day"
    go_to(database, CLOSES + timedelta(days=1))
    refused = client.post(f"/presale/{presale}/pledges", data={**FORM, "agreed": "1"})
    assert refused.status_code == 409, "also before the job has come by"
    assert "takes no more pledges" in refused.text
    look_after(database)
    assert row(database, presale).state == PresaleState.LAPSED
    assert [one.state for one in rows(database, presale)] == [PledgeState.LAPSED, PledgeState.WITHDRAWN]
    assert letters(database).count("presale-lapsed") == 1, "who withdrew hears no more"
    assert "Not enough people took it" in client.get(there).text
    with database.read() as session:
        assert session.exec(select(Order)).all() == []


def test_a_seller_closes_it_early_and_sees_who_pledged(
    presale: str, client: Visitor, shop: Plant, people: Enter, database: Database
) -> None:
    pledged(client, presale)
    seller = people(Role.SELLER, shop)
    page = seller.get(f"/plant/presales/{presale}").text
    assert "Ada" in page
    assert "2 of 6 pieces" in page
    assert seller.post(f"/plant/presales/{presale}/closing").status_code == 303
    assert seller.post(f"/plant/presales/{presale}/closing").status_code == 409
    assert row(database, presale).state == PresaleState.LAPSED
    assert "Ada" not in client.get(f"/presale/{presale}").text


def test_it_is_another_sellers_business(presale: str, shop: Plant, people: Enter, database: Database) -> None:
    with database.write() as session:
        elsewhere = make_plant(session, slug="elsewhere")
    stranger = people(Role.SELLER, elsewhere)
    assert stranger.get(f"/plant/presales/{presale}").status_code == 404
    assert stranger.post(f"/plant/presales/{presale}/closing").status_code == 404
    assert row(database, presale).state == PresaleState.OPEN
    assert people(Role.SELLER, shop).get(f"/plant/presales/{presale}").status_code == 200, "the control"


def test_one_that_cannot_be_placed_keeps_no_other_and_is_tried_again(
    presale: str,
    client: Visitor,
    shop: Plant,
    people: Enter,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pledged(client, presale, quantity="3", city="Nowhere")
    pledged(client, presale, quantity="3")
    real = pledging.place_directly

    def placing(session, ask, *rest, **more):  # type: ignore[no-untyped-def]
        if ask.ship_to.city == "Nowhere":
            raise Conflict("No carrier goes there.")
        return real(session, ask, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(pledging, "place_directly", placing)
        look_after(database)
    assert [one.state for one in rows(database, presale)] == [PledgeState.STUCK, PledgeState.ORDERED]
    with database.read() as session:
        assert [task.kind for task in open_tasks(session, shop.manufacturer_id)] == ["pledge-stuck"]
    seller = people(Role.SELLER, shop)
    assert "No carrier goes there." in seller.get(f"/plant/presales/{presale}").text
    assert seller.post(f"/plant/presales/{presale}/orders").status_code == 303
    look_after(database)
    assert [one.state for one in rows(database, presale)] == [PledgeState.ORDERED] * 2
    with database.read() as session:
        assert open_tasks(session, shop.manufacturer_id) == []


def test_pledges_at_once_reach_it_once_and_nobody_comes_after(either_database: Database) -> None:
    database, taken = either_database, []
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        plant = make_plant(session)
        make_standard_product(session, plant, "cup")
        wish = presales.Wish("Once", "", {}, 6, CLOSES)
        made = presales.open_presale(session, family_card(session, "cup"), wish, "seller", "en", NOW).id

    def take(name: str) -> None:
        def work(session: Session) -> str:
            to = ShipTo(name, "Ring 1", "Berlin", "10115", "DE")
            who = Pledger(name, f"{name}@example.test", to, "en")
            return pledging.pledge(session, made, who, 1, NOW).id

        try:
            taken.append(database.retry(work))
        except Conflict:
            return

    threads = [threading.Thread(target=take, args=(f"p{n}",)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 6, "six are enough, the seventh comes too late"
    assert letters(database).count("presale-reached") == 6


def test_the_api_mirrors_it(presale: str, client: Visitor, shop: Plant, people: Enter) -> None:
    there = {name: FORM[name] for name in ("name", "street", "city", "postal_code", "country")}
    body = {"quantity": 2, "ship_to": there}
    path = f"/api/v1/presales/{presale}/pledges"
    assert client.post(path, json=body).status_code == 422, "whom do we write to?"
    assert client.post(path, json={**body, "email": "a@example.test", "agreed": "1"}).status_code == 409
    made = client.post(path, json={**body, "email": "a@example.test"})
    assert made.status_code == 201, made.text
    key = made.json()["pledge_url"].rpartition("/")[2]
    assert client.get(f"/api/v1/pledges/{key}").json()["state"] == "pledged"
    assert client.get("/api/v1/presales").json()[0]["pieces"] == 2
    assert client.delete(f"/api/v1/pledges/{key}").json()["state"] == "withdrawn"
    seller = people(Role.SELLER, shop, bearer=True)
    other = seller.post("/api/v1/presales", json={"family": "cup", "title": "Another", "threshold": 3,
                                                  "closes_on": CLOSES.isoformat()})  # fmt: skip
    assert other.status_code == 201, other.text
    closed = seller.post(f"/api/v1/presales/{other.json()['id']}/closing")
    assert closed.json()["state"] == "lapsed"


def test_the_same_request_again_is_answered_the_same_and_pledges_once(
    presale: str, client: Visitor, database: Database
) -> None:
    there = {name: FORM[name] for name in ("name", "street", "city", "postal_code", "country")}
    body = {"quantity": 2, "ship_to": there, "email": "a@example.test"}
    path, key = f"/api/v1/presales/{presale}/pledges", {"Idempotency-Key": "once"}
    first, again = (client.post(path, json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(rows(database, presale)) == 1
    assert letters(database).count("presale-pledged") == 1
    other = client.post(path, json={**body, "quantity": 3}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "idempotency-key-reused")
    assert client.post(path, json=body).status_code == 201
    assert len(rows(database, presale)) == 2, "the control: without a key each is one of its own"


def test_a_refused_pledge_leaves_its_key_free(presale: str, client: Visitor, database: Database) -> None:
    there = {name: FORM[name] for name in ("name", "street", "city", "postal_code", "country")}
    body = {"quantity": 2, "ship_to": there, "email": "a@example.test"}
    path, key = f"/api/v1/presales/{presale}/pledges", {"Idempotency-Key": "once"}
    assert client.post(path, json={**body, "agreed": "1"}, headers=key).status_code == 409
    assert client.post(path, json=body, headers=key).status_code == 201
    assert len(rows(database, presale)) == 1


@pytest.mark.parametrize(
    ("lang", "reached", "lapsed"),
    [
        ("en", "The pre-sale price was {each}", "It was offered at {each}"),
        ("de", "Der Vorverkaufspreis war {each}", "Es wurde zu {each} angeboten"),
        ("zh", "预售成交价：{each}", "预售报价：{each}"),
    ],
)
def test_a_price_is_told_as_it_is_true(
    presale: str, client: Visitor, database: Database, lang: str, reached: str, lapsed: str
) -> None:
    """Bug: what was reached still showed its price as if it could be had."""

    def told() -> str:
        page = client.get(f"/presale/{presale}", params={"lang": lang}).text
        return page.partition('id="take"')[2].partition("</section>")[0]

    with database.read() as session:
        each = shown(session, session.get_one(Presale, presale), lang, NOW)["each"]
    assert reached.format(each=each) not in told()
    pledged(client, presale, quantity="6")
    assert row(database, presale).state == PresaleState.REACHED
    assert reached.format(each=each) in told()
    assert "/configure/cup" in told()
    with database.write() as session:
        session.get_one(Presale, presale).state = PresaleState.LAPSED
    assert lapsed.format(each=each) in told()


def test_a_seller_sees_no_day_to_come_of_what_has_ended(
    presale: str, shop: Plant, people: Enter, client: Visitor
) -> None:
    seller, there = people(Role.SELLER, shop), f"/plant/presales/{presale}"
    assert "until Tue 30 June" in seller.get(there).text
    pledged(client, presale, quantity="6")
    assert "until Tue 30 June" not in seller.get(there).text


def test_one_that_lapses_by_time_ended_on_its_last_day(
    presale: str, shop: Plant, people: Enter, database: Database
) -> None:
    """Bug: the job's day was told, so that "until 30 June" became "ended 1 July"."""
    seller = people(Role.SELLER, shop)
    go_to(database, CLOSES + timedelta(days=1))
    look_after(database)
    for page in (seller.get("/plant/presales").text, seller.get(f"/plant/presales/{presale}").text):
        assert "ended Tue 30 June" in page
    assert "<th>Ends</th>" in seller.get("/plant/presales").text


def test_one_closed_early_ended_on_its_plants_day(
    presale: str, shop: Plant, people: Enter, database: Database
) -> None:
    """Bug: it was the day of the manufacturer's first plant. 20:00 UTC is the next day in Shanghai."""
    with database.write() as session:
        maker = session.get_one(Party, shop.manufacturer_id)
        session.get_one(Presale, presale).plant_id = make_plant(session, maker, timezone="Asia/Shanghai").id
        set_clock(session, speed=0, business=MONDAY.replace(hour=20))
    seller = people(Role.SELLER, shop)
    seller.post(f"/plant/presales/{presale}/closing")
    assert "ended Tue 9 June" in seller.get(f"/plant/presales/{presale}").text


def test_an_idea_of_nobody_opens_no_presale(shop: Plant, people: Enter) -> None:
    """No module keeps ideas here: the kernel's default knows none."""
    wrong = people(Role.SELLER, shop).post("/plant/presales", data={**OPENING, "idea": "made-up"})
    assert wrong.status_code == 422
    assert "no proposal of it is chosen" in wrong.text


def test_how_many_has_its_limits(presale: str, database: Database) -> None:
    with database.write() as session, pytest.raises(Invalid):
        pledging.price(session, session.get_one(Presale, presale), 0, ShipTo(), NOW)
    with database.read() as session:
        kinds = session.exec(select(Party.kind).where(Party.kind == PartyKind.CUSTOMER)).all()
        assert kinds == [], "nobody is written down for a price"
