"""Families from files: releases never change, orders keep theirs, mistakes are told with their place."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from cosmo.db import Database
from cosmo.errors import NotFound
from cosmo.events import Event, events_after
from cosmo.orders import OrderSpec, StandardProduct
from cosmo.outbox import Delivery, DeliveryState
from cosmo.parties import Plant
from cosmo.placing import Customer, place
from cosmo.ports import Ask, ShipTo
from cosmo.quoting import Requester, quote
from cosmo.registry import Registry, registry
from cosmo.stages import Stage
from modules import marketing, procurement, rnd
from modules.marketing.lists import load_price_list
from modules.rnd import releases
from modules.rnd.engine import Engine
from modules.rnd.family import FamilyError, digest, family_of, read_folder
from modules.rnd.models import FamilyRow, Release
from modules.rnd.ports import ModelledConfigurator, ModelledFreezer, ModellingEngineer
from modules.rnd.product import Product
from tests.factories import NOW, at, make_plant
from tests.modules.rnd.families import FOLDER, SLUGS, product, text_of
from tests.modules.rnd.lamp import CHOSEN, COSTS, write_lamp

TO = ShipTo("Ada", "Ring 1", "Berlin", "10115", "DE")


def ask(family: str = "mug", quantity: int = 240, **changes: Any) -> Ask:
    return Ask(family, {**product(family).family.defaults, **changes}, quantity, TO)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the mug's folder that a test may change."""
    return copytree(FOLDER / "mug", tmp_path / "families" / "mug")


def with_heavier_mugs(files: Path) -> None:
    """More body in every mug, and no cases that say how much there has to be."""
    (files / "cases.yaml").unlink()
    change(files, "making.yaml", "wet_kg: 0.470", "wet_kg: 0.500")


def change(files: Path, name: str, before: str, after: str) -> None:
    path = files / name
    content = path.read_text()
    assert before in content
    path.write_text(content.replace(before, after, 1))


def test_loading_the_same_files_twice_changes_nothing(lu: Plant, database: Database) -> None:
    with database.write() as session:
        again = releases.load_families(session, FOLDER, lu, NOW.business)
        assert [release.id for release in again] == ["mug-1", "tile-1"]
        assert len(releases.releases_of(session, "mug")) == 1


def test_comments_and_layout_are_no_change(lu: Plant, files: Path, database: Database) -> None:
    path = files / "rules.yaml"
    path.write_text("# rewritten\n" + path.read_text().replace("\n- id", "\n\n- id"))
    with database.write() as session:
        (release,) = releases.load_families(session, files, lu, NOW.business)
        assert release.number == 1


def test_a_changed_file_makes_a_release_and_orders_keep_theirs(
    lu: Plant, files: Path, database: Database, deliver_all: Callable[[Session], int]
) -> None:
    with database.write() as session:
        order = quote(session, ask(), requester=Requester(session_id="s"), now=NOW)
        quoted = session.get_one(OrderSpec, order.id).spec
    with_heavier_mugs(files)
    with database.write() as session:
        (second,) = releases.load_families(session, files, lu, at(days=1).business)
        assert (second.id, second.number) == ("mug-2", 2)
        assert ModellingEngineer().resolve(session, ask()).release == "mug-2"
    with database.write() as session:
        placed = place(session, [order.id], Customer("Ada", "a@b.c"), requester=Requester(), now=NOW)
        assert isinstance(placed, list)
        deliver_all(session)
        row = session.get_one(OrderSpec, order.id)
        assert placed[0].release == "mug-1"
        assert row.spec == quoted
        assert row.frozen_at == NOW.business


def test_going_back_to_an_older_content_is_a_release_of_its_own(
    lu: Plant, files: Path, database: Database
) -> None:
    with_heavier_mugs(files)
    with database.write() as session:
        releases.load_families(session, files, lu, NOW.business)
        (third,) = releases.load_families(session, FOLDER / "mug", lu, NOW.business)
        first = session.get_one(Release, "mug-1")
        assert (third.number, third.digest) == (3, first.digest)


def test_a_release_cannot_be_changed_not_even_in_the_database(lu: Plant, database: Database) -> None:
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.execute(text("UPDATE rnd_release SET number = 7"))
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.execute(text("DELETE FROM rnd_release"))


def test_a_family_of_another_plant_is_refused(lu: Plant, files: Path, database: Database) -> None:
    change(files, "family.yaml", "plant: lu-ceramics", "plant: elsewhere")
    with pytest.raises(FamilyError, match="another plant"), database.write() as session:
        releases.load_families(session, files, make_plant(session, slug="elsewhere"), NOW.business)
    with pytest.raises(FamilyError, match="No family for the plant"), database.write() as session:
        releases.load_families(session, FOLDER, make_plant(session, slug="nowhere"), NOW.business)


def test_a_fourth_family_by_files_alone_is_configured_and_engineered(
    lu: Plant, tmp_path: Path, database: Database, modules: Callable[..., Registry]
) -> None:
    """Its price is that of its files to the cent, and rnd's own handler works it out; purchasing, which is
    next, has not come to it."""
    modules(rnd.module, marketing.module, procurement.module)
    write_lamp(tmp_path / "lamp")
    with database.write() as session:
        (made,) = releases.load_families(session, tmp_path / "lamp", lu, NOW.business)
        load_price_list(session, lu, "lamp", made.content["price"], NOW)
        answer = ModelledConfigurator().answer(session, "lamp", {"shade": "paper"}, 5, "de")
        (bulb,) = [v for v in answer.domains["bulb"] if v.value == "hot"]
        assert not bulb.available
        assert bulb.why == "Papier verträgt keine heiße Birne."
        assert bulb.frees == {"shade": "glass"}
        order = quote(session, Ask("lamp", CHOSEN, 5, TO), requester=Requester(), now=NOW)
        goods = {line["code"]: line["amount"] for line in order.price_lines}
        assert goods == COSTS
        assert sum(map(Decimal, goods.values())) == Decimal("81.50")
        place(session, [order.id], Customer("Ada", "a@b.c"), requester=Requester(), now=NOW)
        assert order.stage == Stage.PLACED, "the control: nothing has been worked out yet"
        assert handled(session, "rnd.engineer") == 1
        assert order.stage == Stage.ENGINEERED
        (event,) = [event for event in events_after(session, order.id) if event.type == "engineered"]
        assert event.payload == {"skipped": False, "release": "lamp-1", "start_quantity": 5}
        spec = session.get_one(OrderSpec, order.id).spec
        assert [(line["material"], line["quantity"]) for line in spec["bom"]] == [("LAMP-GLASS", "5")]
        assert [step["code"] for step in spec["routing"]] == ["build", "shield"]


def handled(session: Session, name: str) -> int:
    """Apply what waits for this one handler; how many there were."""
    query = select(Delivery, Event).where(Delivery.position == Event.position, Delivery.handler == name)
    waiting = [row for row in session.exec(query) if row[0].state == DeliveryState.PENDING]
    for delivery, event in waiting:
        handler = registry().handler(name)
        assert handler is not None
        handler.apply(session, event, NOW)
        delivery.state, delivery.done_at = DeliveryState.DONE, NOW.wall
        session.add(delivery)
    session.flush()
    return len(waiting)


def test_the_lamps_case_is_tried_before_its_release(lu: Plant, tmp_path: Path, database: Database) -> None:
    write_lamp(tmp_path / "lamp")
    change(tmp_path / "lamp", "price.yaml", "rate: 1.15", "rate: 1.16")
    with pytest.raises(FamilyError, match=r"shield: 5\.75 -> 5\.80"), database.write() as session:
        releases.load_families(session, tmp_path / "lamp", lu, NOW.business)


def _made(content: dict[str, Any]) -> Engine:
    engine = Engine(Product(family_of(content)))
    engine.check()
    return engine


def first(part: str, **changes: Any) -> Callable[[dict[str, Any]], None]:
    """An edit: change some entries of the first option, rule, driver."""

    def edit(content: dict[str, Any]) -> None:
        content[part][0].update(changes)

    return edit


def whole(**changes: Any) -> Callable[[dict[str, Any]], None]:
    """An edit: change some entries of the family itself."""

    def edit(content: dict[str, Any]) -> None:
        content.update(changes)

    return edit


def line(part: str, **changes: Any) -> Callable[[dict[str, Any]], None]:
    """An edit: change some entries of the first operation or material."""

    def edit(content: dict[str, Any]) -> None:
        content["making"][part][0].update(changes)

    return edit


MISTAKES = [
    (first("options", name=None), "options.0.name"),
    (first("options", name={"en": "A", "de": "A"}), "a text is needed in zh"),
    (first("options", colour="red"), "Extra inputs"),
    (first("options", id="body"), "same id"),
    (first("options", group="nowhere"), "group nowhere"),
    (first("options", default="9"), "cannot have the default 9"),
    (first("options", id="quantity"), "cannot be the name"),
    (first("rules", rule="body needs"), "Rule 10: “body needs”, at letter 1: say what “body” should be"),
    (first("rules", rule="body = clay needs finish = matt"), "Rule 10: “body = clay"),
    (first("rules", why=None), "no sentence"),
    (first("rules", rule="quantity > if(body = bone, 1, 2) needs finish = matt"), "Rule 10: if(…)"),
    (first("rules", rule="always body = bone and body = porcelain"), "contradict each other (rules 10)"),
    (first("rules", rule="always body = bone"), "defaults contradict each other (rules 10)"),
    (line("routing", minutes_per_piece="0.15 *"), "operation roller_form"),
    (line("routing", **{"yield": "0"}), "yield"),
    (line("bom", per_piece="wat"), "material LU-BODY"),
    (first("price", amount="start * nothing"), "price driver body"),
    (whole(one_shade="shade = one"), "mug, one_shade: “shade = one”"),
]


@pytest.mark.parametrize(("edit", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_in_a_file_is_told_with_its_place(edit: Callable[[Any], None], said: str) -> None:
    content = text_of("mug")
    edit(content)
    with pytest.raises(FamilyError) as caught:
        Engine(Product(family_of(content))).check()
    assert said in caught.value.detail


def test_a_mistake_leaves_nothing_written(lu: Plant, files: Path, database: Database) -> None:
    change(files, "rules.yaml", "rule: body = bone", "rule: body = stone")
    with pytest.raises(FamilyError, match="Rule 26"), database.write() as session:
        releases.load_families(session, files, lu, NOW.business)
    with database.read() as session:
        assert session.get_one(FamilyRow, "mug").release_id == "mug-1"


def test_the_order_of_keys_is_no_change() -> None:
    content = read_folder(FOLDER / "mug")
    assert digest(content) == digest(dict(reversed(content.items())))


def test_loading_offers_a_standard_product_for_when_the_module_is_off(lu: Plant, database: Database) -> None:
    with database.read() as session:
        standard = session.exec(select(StandardProduct).where(StandardProduct.plant_id == lu.id)).all()
        assert {row.family for row in standard} == {"mug", "tile"}
        assert all(row.list_price > 0 for row in standard)


def test_an_unknown_family_is_not_found(lu: Plant, database: Database) -> None:
    with pytest.raises(NotFound), database.read() as session:
        ModelledConfigurator().describe(session, "vase", "en")


def test_when_one_shade_is_wanted_is_part_of_the_release(
    lu: Plant, tmp_path: Path, database: Database
) -> None:
    folder = copytree(FOLDER / "tile", tmp_path / "tile")
    with database.write() as session:
        made = releases.current(session, "tile")
        family = family_of(made.content)
        assert family.one_shade == "shade = one"
        assert family_of(family.model_dump(mode="json", by_alias=True)) == family, "written and read again"
        change(folder, "family.yaml", "one_shade: shade = one", "one_shade: shade = mixed")
        releases.load_families(session, folder, lu, NOW.business)
        assert releases.current(session, "tile").id != made.id
        assert family_of(releases.current(session, "tile").content).one_shade == "shade = mixed"


# Freeze points, and what cancelling costs


def test_what_is_spent_names_an_operation_of_some_route_and_is_the_releases_own(
    lu: Plant, database: Database
) -> None:
    content = text_of("mug")
    stated = {code: Decimal(percent) for code, percent in content["cancelling"].items()}
    content["cancelling"] = {"materials": "20", "carve": "30"}
    with pytest.raises(FamilyError, match="cancelling names carve, which is no operation"):
        Product(family_of(content))
    content["cancelling"] = {"materials": "20", "roller_form": "30"}
    freezer = ModelledFreezer()
    with database.write() as session:
        after = releases.release(session, content, lu, NOW.business)
        assert freezer.spent(session, "mug", "mug-1") == stated
        assert freezer.spent(session, "mug", None) == {}
        named = freezer.spent(session, "mug", after.id)
        silent = releases.release(session, {**content, "cancelling": {}}, lu, NOW.business)
        assert freezer.spent(session, "mug", silent.id) == {}
    assert named == {"materials": Decimal(20), "roller_form": Decimal(30)}


@pytest.mark.parametrize("family", ["tile", "mug", "cabinet", "part"])
def test_the_demos_families_say_what_is_spent_never_more_than_the_price(family: str) -> None:
    product = Product(family_of(text_of(family)))
    shares = product.family.cancelling
    assert shares["materials"] > 0
    forming = [shares.get(code, Decimal(0)) for code in ("roller_form", "slip_cast")]
    assert 50 < sum(shares.values()) - min(forming) <= 100, "a mug is formed in one way or in the other"


def test_a_freeze_point_names_an_operation_of_some_route() -> None:
    content = text_of("mug")
    content["options"][0]["freeze"] = ["roller_form", "carve"]
    with pytest.raises(FamilyError, match="option capacity freezes at carve, which is no operation"):
        Product(family_of(content))
    content["options"][0]["freeze"] = "roller_form"
    content["quantity"]["freeze"] = ["carve"]
    with pytest.raises(FamilyError, match="the quantity freezes at carve"):
        Product(family_of(content))
    content["quantity"]["freeze"] = ["roller_form"]
    assert Product(family_of(content)).options["capacity"].freeze == ("roller_form",), "the control"


def test_freeze_points_come_back_as_the_files_say(lu: Plant, database: Database) -> None:
    """What is kept of a release is what was read, and the port tells it; a family without one names none."""
    written = text_of("mug")
    with database.read() as session:
        kept = session.get_one(Release, "mug-1").content
        told = ModelledFreezer().named(session, "mug", "mug-1")
        assert ModelledFreezer().named(session, "mug", None) == {}
        assert ModelledFreezer().named(session, "mug", "gone-1") == {}
    assert kept == written
    assert told["quantity"] == ("roller_form", "slip_cast") == tuple(written["quantity"]["freeze"])
    assert {o["id"]: tuple(o.get("freeze", ())) for o in written["options"]} == {
        name: codes for name, codes in told.items() if name != "quantity"
    }
    assert all(told.values()), "every option of the mug names its freeze point"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_quantity_of_every_family_freezes_by_its_files(slug: str) -> None:
    assert product(slug).family.quantity.freeze
