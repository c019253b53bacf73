"""The catalogue: what the shop lists, in the seller's order and words, and every change taken back."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from sqlmodel import select

from cosmo.asking import all_families, shop_listings
from cosmo.clock import set_clock, wall_time
from cosmo.db import Database
from cosmo.defaults import WholeCatalogue
from cosmo.formats import money
from cosmo.parties import Plant, Role
from cosmo.ports import FamilyCard
from cosmo.registry import Registry, switch
from cosmo.settings import Settings
from modules import interaction, marketing, rnd
from modules.marketing import catalogue
from modules.marketing.lists import load_price_list
from modules.marketing.models import CatalogueChange, CatalogueEntry
from modules.rnd.releases import load_families
from tests.factories import MONDAY, NOW, at, make_plant, make_standard_product
from tests.web_fixtures import Visitor, app_on

FAMILIES = Path(__file__).parents[3] / "seeds" / "families"


@pytest.fixture
def lu(modules: Callable[..., Registry], database: Database) -> Plant:
    """A plant of standard mugs and tiles, with a shop and marketing."""
    modules(interaction.module, marketing.module)
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        plant = make_plant(session, slug="lu-ceramics")
        make_standard_product(session, plant, "mug", name={"en": "Mug", "de": "Becher", "zh": "马克杯"})
        make_standard_product(session, plant, "tile", name={"en": "Tile"})
        return plant


@pytest.fixture
def client_of(settings: Settings, database: Database) -> Callable[[], Visitor]:
    """A browser on an app that is made when it is asked for, with the modules installed then."""
    return lambda: Visitor(app_on(settings, database))


@pytest.fixture
def seller(lu: Plant, people: Callable[..., Visitor]) -> Visitor:
    visitor = people(Role.SELLER, lu)
    visitor.headers["Accept"] = "text/html"
    return visitor


def listed(database: Database) -> list[str]:
    with database.read() as session:
        return [listing.card.slug for listing in shop_listings(session, NOW)]


def told(visitor: Visitor) -> list[str]:
    return [family["slug"] for family in visitor.get("/api/v1/families").json()]


def done(answer: object) -> str:
    """Where the change leads, and its id."""
    assert answer.status_code == 303, answer.status_code  # type: ignore[attr-defined]
    return str(answer.headers["Location"])  # type: ignore[attr-defined]


def test_without_entries_all_are_listed_by_name(database: Database, lu: Plant) -> None:
    assert listed(database) == ["mug", "tile"]


def test_the_shop_and_the_api_have_the_sellers_order(
    database: Database, seller: Visitor, client: Visitor
) -> None:
    done(seller.post("/plant/catalogue/tile/position", data={"move": "up"}))
    assert told(client) == ["tile", "mug"]
    page = client.get("/").text
    assert page.index("/configure/tile") < page.index("/configure/mug")


def test_what_is_left_out_is_not_listed_and_its_address_works(
    database: Database, seller: Visitor, client: Visitor
) -> None:
    done(seller.post("/plant/catalogue/mug/visibility", data={"shown": "no"}))
    assert told(client) == ["tile"]
    assert "/configure/mug" not in client.get("/").text
    assert client.get("/configure/mug").status_code == 200
    assert client.get("/api/v1/families/mug").status_code == 200
    assert "Not listed" in seller.get("/plant/catalogue").text


def test_its_own_words_stand_in_the_shop_in_the_languages_they_were_written_in(
    database: Database, seller: Visitor, client: Visitor
) -> None:
    words = {"headline_en": "Mugs for the crew", "headline_de": "Becher für alle", "blurb_en": "Ten shapes."}
    done(seller.post("/plant/catalogue/mug/words", data=words))
    assert "Mugs for the crew" in client.get("/").text
    assert "Becher für alle" in client.get("/?lang=de").text
    assert "马克杯" in client.get("/?lang=zh").text
    with database.read() as session:
        german = [
            replace(card, blurb={"en": "A mug.", "de": "Ein Becher."}) for card in all_families(session)
        ]
        mug = catalogue.lines(session, german)[0]
    assert mug.blurb == {"en": "Ten shapes.", "de": "Ein Becher."}, "the family says it in German itself"


def test_words_that_are_too_long_come_back(database: Database, seller: Visitor) -> None:
    words = {"headline_en": "x" * 61, "blurb_zh": "杯子"}
    again = seller.post("/plant/catalogue/mug/words", data=words)
    assert again.status_code == 422
    for text in ("x" * 61, "杯子", "61 characters and 60 fit"):
        assert text in again.text
    with database.read() as session:
        assert session.exec(select(CatalogueEntry)).first() is None


def test_every_change_can_be_taken_back_once(database: Database, seller: Visitor) -> None:
    there = done(seller.post("/plant/catalogue/mug/visibility", data={"shown": "no"}))
    change = there.partition("done=")[2].partition("#")[0]
    page = seller.get(there).text
    assert f"/plant/catalogue/changes/{change}/reversal" in page
    assert "not listed any more" in page
    assert listed(database) == ["tile"]
    assert seller.post(f"/plant/catalogue/changes/{change}/reversal").status_code == 303
    assert listed(database) == ["mug", "tile"]
    again = seller.post(f"/plant/catalogue/changes/{change}/reversal")
    assert again.status_code == 409
    assert "has been changed since" in again.text


def test_an_older_change_is_not_taken_back_over_a_newer_one(database: Database, seller: Visitor) -> None:
    first = done(seller.post("/plant/catalogue/mug/visibility", data={"shown": "no"}))
    done(seller.post("/plant/catalogue/tile/position", data={"move": "up"}))
    change = first.partition("done=")[2].partition("#")[0]
    assert seller.post(f"/plant/catalogue/changes/{change}/reversal").status_code == 409
    assert listed(database) == ["tile"]


def test_moving_back_restores_words_places_and_days(database: Database, lu: Plant) -> None:
    with database.write() as session:
        cards = all_families(session)
        catalogue.word(session, cards, "mug", {"en": "Ours"}, {}, "seller", NOW)
        before = [row.model_dump() for row in session.exec(select(CatalogueEntry).order_by("family"))]
        change = catalogue.show(session, cards, "mug", False, "seller", NOW)
        catalogue.take_back(session, lu.manufacturer_id, change.id, NOW)
        session.expire_all()
        assert [row.model_dump() for row in session.exec(select(CatalogueEntry).order_by("family"))] == before


@pytest.mark.parametrize(
    ("address", "fields", "status"),
    [
        ("mug/position", {"move": "up"}, 409),
        ("tile/position", {"move": "down"}, 409),
        ("mug/position", {"move": "sideways"}, 422),
        ("mug/position", {}, 422),
        ("mug/visibility", {"shown": "maybe"}, 422),
        ("mug/visibility", {}, 422),
        ("teapot/visibility", {"shown": "no"}, 404),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    database: Database, seller: Visitor, address: str, fields: dict[str, str], status: int
) -> None:
    answer = seller.post(f"/plant/catalogue/{address}", data=fields)
    assert answer.status_code == status
    assert "problem" in answer.text or 'role="alert"' in answer.text
    with database.read() as session:
        assert session.exec(select(CatalogueChange)).first() is None, "nothing was changed"


def test_anothers_families_and_changes_are_not_there(
    database: Database, seller: Visitor, people: Callable[..., Visitor]
) -> None:
    with database.write() as session:
        other = make_plant(session)
        make_standard_product(session, other, "bowl")
    there = done(seller.post("/plant/catalogue/mug/visibility", data={"shown": "no"}))
    change = there.partition("done=")[2].partition("#")[0]
    stranger = people(Role.SELLER, other)
    assert stranger.post("/plant/catalogue/mug/visibility", data={"shown": "yes"}).status_code == 404
    assert stranger.post(f"/plant/catalogue/changes/{change}/reversal").status_code == 404
    assert "/configure/mug" not in stranger.get("/plant/catalogue").text
    assert listed(database) == ["tile", "bowl"], "and the mug is still left out"


def test_what_it_costs_as_shown_is_what_the_configurator_says(
    database: Database, modules: Callable[..., Registry], client_of: Callable[[], Visitor]
) -> None:
    modules(interaction.module, marketing.module, rnd.module)
    prices = yaml.safe_load((FAMILIES / "mug" / "price.yaml").read_text("utf-8"))
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        lu = make_plant(session, slug="lu-ceramics")
        load_families(session, FAMILIES / "mug", lu, wall_time())
        load_price_list(session, lu, "mug", prices, NOW)
        mug = next(card for card in all_families(session) if card.slug == "mug")
    visitor = client_of()
    chosen = {"selections": dict(mug.defaults)}
    told = visitor.post("/api/v1/families/mug/configure", json=chosen).json()
    each = Decimal(told["price"]["amount"]) / told["quantity"]
    assert f"As shown, {told['quantity']} pieces: {money(each, 'EUR', 'en')} each" in visitor.get("/").text
    with database.write() as session:
        load_price_list(session, lu, "mug", prices[:1], at(hours=1))
        assert catalogue.as_shown(session, mug, NOW) == (each, "EUR", told["quantity"])
        newer = catalogue.as_shown(session, mug, at(hours=2))
        assert newer is not None
        assert newer[0] < each, "the newest list counts once it is valid"
        assert catalogue.as_shown(session, replace(mug, defaults={}), NOW) is None, "nothing is shown of it"


def test_marketing_off_lists_all_by_name(
    database: Database, lu: Plant, seller: Visitor, client: Visitor
) -> None:
    done(seller.post("/plant/catalogue/tile/position", data={"move": "up"}))
    done(seller.post("/plant/catalogue/mug/visibility", data={"shown": "no"}))
    with database.write() as session:
        switch(session, lu.manufacturer_id, "marketing", False)
    assert told(client) == ["mug", "tile"]
    assert seller.get("/plant/catalogue").status_code == 404
    with database.write() as session:
        switch(session, lu.manufacturer_id, "marketing", True)
    assert told(client) == ["tile"], "its entries are still there"


def test_the_kernels_default_sorts_by_name() -> None:
    def card(slug: str, name: str) -> FamilyCard:
        return FamilyCard(slug, {"en": name}, {"en": ""}, "p", "p", "m", "plain")

    cards = [card("b", "Vase"), card("a", "Bowl"), card("c", "Bowl")]
    shown = WholeCatalogue().listed(None, cards, NOW)  # type: ignore[arg-type]
    assert [listing.card.slug for listing in shown] == ["a", "c", "b"]
    assert {listing.each for listing in shown} == {None}
