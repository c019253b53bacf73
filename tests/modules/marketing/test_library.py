"""The library of designs: published by the seller, in three languages, in an order; a start for customers."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from cosmo.asking import answerers_at, family_card
from cosmo.clock import read_now, set_clock, wall_time
from cosmo.db import Database
from cosmo.design_ports import NoLibrary
from cosmo.parties import Plant, Role
from cosmo.registry import Registry, switch
from modules import interaction, marketing, rnd
from modules.marketing.library import Content, add
from modules.marketing.library_models import LibraryDesign
from modules.rnd.releases import load_families
from tests.factories import MONDAY, make_plant
from tests.web_fixtures import Visitor

MUGS = Path(__file__).parents[3] / "seeds" / "families" / "mug"
NAMES = {"title_en": "Night", "title_de": "Nacht", "title_zh": "夜"}


@pytest.fixture(autouse=True)
def three_modules(modules: Callable[..., Registry]) -> None:
    modules(interaction.module, rnd.module, marketing.module)


@pytest.fixture
def mugs(database: Database) -> Plant:
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        plant = make_plant(session, slug="lu-ceramics")
        load_families(session, MUGS, plant, wall_time())
        return plant


@pytest.fixture
def seller(mugs: Plant, people: Callable[..., Visitor]) -> Visitor:
    return people(Role.SELLER, mugs)


def post(seller: Visitor, **typed: str) -> Any:
    chosen = {name.replace("option_", "option-", 1): value for name, value in typed.items()}
    return seller.post("/plant/designs/new?of=mug", data=NAMES | chosen)


def rows(database: Database) -> list[LibraryDesign]:
    with database.read() as session:
        return sorted(session.exec(select(LibraryDesign)), key=lambda row: row.position)


def titles(visitor: Visitor, where: str = "/configure/mug") -> list[str]:
    return re.findall(r'height="90"><span>([^<]+)</span>', visitor.get(where).text)


def test_a_published_design_is_started_from(seller: Visitor, client: Visitor, database: Database) -> None:
    assert titles(client) == [], "none before"
    assert post(seller, option_outer_glaze="cobalt", option_gold_rim="yes").status_code == 303
    for where in ("/", "/configure/mug"):
        assert titles(client, where) == ["Night"]
    client.cookies.set("cosmo_lang", "de")
    (there,) = set(re.findall(r'href="(/configure/mug\?[^"]*start=[^"]+)"', client.get("/").text))
    page = client.get(there.replace("&amp;", "&")).text
    for name, value in (("outer_glaze", "cobalt"), ("gold_rim", "yes"), ("shape", "soft")):
        assert re.search(rf'name="{name}" value="{value}" checked', page), name
    assert 'id="origin"' in page
    (picture,) = set(re.findall(r'src="(/preview/mug\.svg\?[^"]+)"', page))
    assert client.get(picture.replace("&amp;", "&")).headers["Content-Type"].startswith("image/svg+xml")


def test_titles_are_in_the_readers_language(seller: Visitor, app: Any) -> None:
    post(seller)
    for lang, title in (("en", "Night"), ("de", "Nacht"), ("zh", "夜")):
        with Visitor(app, headers={"Accept-Language": lang}) as reader:
            assert titles(reader) == [title]


def test_their_order_is_the_sellers(seller: Visitor, client: Visitor, database: Database) -> None:
    for name in ("One", "Two", "Three"):
        post(seller, title_en=name)
    first, _, third = rows(database)
    assert titles(client) == ["One", "Two", "Three"]
    assert seller.post(f"/plant/designs/{third.id}/position", data={"move": "up"}).status_code == 303
    assert titles(client) == ["One", "Three", "Two"]
    refused = seller.post(f"/plant/designs/{first.id}/position", data={"move": "up"})
    assert refused.status_code == 409
    assert "It stands at the end of the list already." in refused.text
    assert seller.post(f"/plant/designs/{first.id}/position", data={"move": "sideways"}).status_code == 422


def test_a_hidden_one_is_not_shown_and_a_removed_one_is_gone(
    seller: Visitor, client: Visitor, database: Database
) -> None:
    post(seller)
    (row,) = rows(database)
    seller.post(f"/plant/designs/{row.id}/visibility", data={"shown": "no"})
    assert titles(client) == []
    assert "Not shown" in seller.get("/plant/designs").text
    seller.post(f"/plant/designs/{row.id}/visibility", data={"shown": "yes"})
    assert titles(client) == ["Night"]
    assert seller.post(f"/plant/designs/{row.id}/visibility", data={"shown": "perhaps"}).status_code == 422
    seller.post(f"/plant/designs/{row.id}/removal")
    assert rows(database) == []


def test_another_name_and_other_choices(seller: Visitor, client: Visitor, database: Database) -> None:
    post(seller, option_outer_glaze="cobalt")
    (row,) = rows(database)
    form = seller.get(f"/plant/designs/{row.id}").text
    assert 'value="Nacht"' in form
    assert '<option value="cobalt" selected>' in form
    changed = NAMES | {"title_en": "Morning", "option-outer_glaze": "oat"}
    assert seller.post(f"/plant/designs/{row.id}", data=changed).status_code == 303
    assert titles(client) == ["Morning"]
    assert rows(database)[0].selections["outer_glaze"] == "oat"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title_en": ""}, "Give it an English name"),
        ({"title_de": "x" * 61}, "This has 61 characters and 60 fit."),
        ({"option_finish": "reactive", "option_decoration": "decal"}, "reactive"),
    ],
)
def test_what_cannot_be_is_refused_with_everything_typed(
    seller: Visitor, database: Database, typed: dict[str, str], said: str
) -> None:
    answer = post(seller, **({"option_outer_glaze": "cobalt"} | typed))
    assert answer.status_code == 422
    assert said in answer.text
    assert '<option value="cobalt" selected>' in answer.text
    assert 'value="夜"' in answer.text
    assert rows(database) == []


def test_a_design_that_a_newer_release_forbids_is_named_to_the_seller(
    seller: Visitor, database: Database
) -> None:
    post(seller)
    with database.write() as session:
        (row,) = session.exec(select(LibraryDesign))
        row.selections = {**row.selections, "outer_glaze": "jade"}
        session.add(row)
    assert "Shown, and cannot be made so" in seller.get("/plant/designs").text


def test_another_manufacturers_designs_are_nobodys_business(
    seller: Visitor, database: Database, people: Callable[..., Visitor]
) -> None:
    post(seller)
    (row,) = rows(database)
    with database.write() as session:
        other = make_plant(session, slug="other")
    stranger = people(Role.SELLER, other)
    assert row.id not in stranger.get("/plant/designs").text
    assert stranger.get(f"/plant/designs/{row.id}").status_code == 404
    assert stranger.get("/plant/designs/new?of=mug").status_code == 404
    for path in ("", "/visibility", "/position", "/removal"):
        data = NAMES | {"shown": "no", "move": "up"}
        assert stranger.post(f"/plant/designs/{row.id}{path}", data=data).status_code == 404
    assert rows(database)[0].shown


def test_where_marketing_is_off_nobody_answers(mugs: Plant, database: Database, client: Visitor) -> None:
    """The port with its answerer, and without."""
    with database.write() as session:
        card = family_card(session, "mug")
        add(session, card, Content({"en": "Night"}, {}), "t", "en", read_now(session))
    assert titles(client) == ["Night"]
    with database.write() as session:
        switch(session, mugs.manufacturer_id, "marketing", False)
    with database.read() as session:
        designs = answerers_at(session, mugs.manufacturer_id).designs
        assert isinstance(designs, NoLibrary)
        assert designs.published(session, "mug") == []
    assert titles(client) == []
