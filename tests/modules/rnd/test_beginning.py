"""A family's first draft: whose the slug is, who takes it first, and what a small family is made of."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlmodel import Session, select

from cosmo.asking import Answerers
from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.orders import StandardProduct
from cosmo.parties import Plant
from cosmo.registry import Registry
from modules import manufacturing, rnd
from modules.manufacturing.models import WorkCentre
from modules.rnd import beginning, checking, drafts, releases
from modules.rnd.beginning import SlugTaken
from modules.rnd.family import FamilyError, content_of
from modules.rnd.models import Draft, DraftState, FamilyRow
from modules.rnd.ports import ModelledConfigurator
from tests.factories import MONDAY, NOW, at, make_plant
from tests.modules.rnd.lamp import lamp


def begun(session: Session, plant: Plant, slug: str = "lamp") -> Draft:
    files = lamp()
    files["family.yaml"] = files["family.yaml"].replace("slug: lamp", f"slug: {slug}")
    return beginning.begin(session, [plant], files, "For hotels", NOW, "anna")


def test_a_first_draft_has_no_base_and_nobody_else_sees_the_family(lu: Plant, database: Database) -> None:
    with database.write() as session:
        draft = begun(session, lu)
        assert (draft.base, draft.version, draft.note, draft.files) == ("", 1, "For hotels", lamp())
        assert [row.slug for row in releases.unreleased(session, [lu.id])] == ["lamp"]
        assert "lamp" not in [row.slug for row, _ in releases.families_of(session, [lu.id])]
        assert [card.slug for card in ModelledConfigurator().families(session, "lamp")] == []
        assert session.get(StandardProduct, "lamp") is None
        for ask in (releases.current, releases.current_id):
            with pytest.raises(NotFound):
                ask(session, "lamp")
    with database.write() as session:
        made = drafts.release(session, "lamp", 1, lu, NOW, "anna")
        assert (made.id, made.number) == ("lamp-1", 1)
        assert releases.unreleased(session, [lu.id]) == []
        assert session.get_one(StandardProduct, "lamp").plant_id == lu.id
        assert [card.slug for card in ModelledConfigurator().families(session, "lamp")] == ["lamp"]


def test_files_loaded_meanwhile_are_release_one_and_the_draft_is_behind(
    lu: Plant, database: Database
) -> None:
    with database.write() as session:
        begun(session, lu)
        made = releases.release(session, content_of(lamp(), "lamp"), lu, NOW.business, lamp())
        assert made.number == 1
        with pytest.raises(drafts.BaseMoved):
            drafts.release(session, "lamp", 1, lu, NOW, "anna")
        drafts.go_on_from(session, "lamp", 1, NOW, "anna")
        with pytest.raises(drafts.NothingChanged):
            drafts.release(session, "lamp", 2, lu, NOW, "anna")


def test_a_discarded_beginning_can_be_begun_anew_and_versions_go_on(lu: Plant, database: Database) -> None:
    with database.write() as session:
        first = begun(session, lu)
        with pytest.raises(SlugTaken) as twice:
            begun(session, lu)
        assert twice.value.own
        drafts.discard(session, "lamp", first.version, at(hours=1), "anna")
        with pytest.raises(NotFound, match="no release to start from"):
            drafts.start(session, "lamp", NOW, "", "ben")
        again = begun(session, lu)
        assert (again.version, again.state) == (3, DraftState.OPEN)
        assert again.id != first.id


def test_a_plant_takes_only_so_many_short_names_without_releasing_anything(
    lu: Plant, database: Database
) -> None:
    """Discarded ones count, since their text may be taken up again; they may also be begun anew."""
    with database.write() as session:
        for n in range(beginning.MOST_UNRELEASED):
            drafts.discard(session, f"lamp-{n}", begun(session, lu, f"lamp-{n}").version, NOW, "anna")
        with pytest.raises(Conflict, match="never released"):
            begun(session, lu)
        assert session.get(FamilyRow, "lamp") is None
        again = begun(session, lu, "lamp-0")
        drafts.release(session, "lamp-0", again.version, lu, NOW, "anna")
        assert begun(session, lu).family == "lamp", "the control: one of them is released"


def test_the_last_short_name_of_a_plant_is_taken_once(either_database: Database) -> None:
    """Bug: the families were counted without a lock, so two requests at once could both pass."""
    database, taken = either_database, []
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        known = session.exec(select(Plant).where(Plant.slug == "lu-ceramics")).one_or_none()
        lu = known or make_plant(session, slug="lu-ceramics")
        for n in range(beginning.MOST_UNRELEASED - 1):
            begun(session, lu, f"lamp-{n}")
    ready = threading.Barrier(6)

    def take(slug: str) -> None:
        ready.wait(timeout=30)
        with suppress(Conflict):
            taken.append(database.retry(lambda session: begun(session, lu, slug).family))

    threads = [threading.Thread(target=take, args=(f"last-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
    with database.read() as session:
        assert len(releases.unreleased(session, [lu.id])) == beginning.MOST_UNRELEASED


def test_a_slug_of_another_plant_is_taken_modelled_or_not(
    lu: Plant, rhein: Plant, database: Database
) -> None:
    with database.write() as session:
        session.add(StandardProduct(family="lamp", plant_id=rhein.id, name={"en": "It"}, spec={},
                                    list_price=1, currency="EUR"))  # fmt: skip
        session.flush()
        for slug in ("part", "lamp"):
            with pytest.raises(SlugTaken) as refused:
                begun(session, lu, slug)
            assert not refused.value.own, slug
        with pytest.raises(FamilyError, match="belongs to another plant"):
            releases.release(session, content_of(lamp(), "lamp"), lu, NOW.business)
        assert session.get_one(StandardProduct, "lamp").plant_id == rhein.id
        assert begun(session, lu, "lantern").family == "lantern", "the control"


@pytest.fixture
def on_postgres(lu: Plant, postgres: Database) -> Database:
    with postgres.write() as session:
        make_plant(session, slug="lu-ceramics")
    return postgres


@pytest.mark.parametrize("store", ["database", "on_postgres"])
def test_of_two_who_take_one_slug_at_once_one_has_it(
    store: str, lu: Plant, database: Database, request: pytest.FixtureRequest
) -> None:
    """Both write at the same time; neither breaks, and there is one draft."""
    db: Database = database if store == "database" else request.getfixturevalue(store)
    with db.read() as session:
        plant = session.exec(select(Plant).where(Plant.slug == "lu-ceramics")).one()
    together, told = threading.Barrier(2), []

    def take() -> None:
        together.wait()
        try:
            with db.write() as session:
                told.append(begun(session, plant).family)
        except SlugTaken as refused:
            told.append(str(refused.own))

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["True", "lamp"]
    with db.read() as session:
        assert len(session.exec(select(Draft).where(Draft.family == "lamp")).all()) == 1
        assert session.get_one(FamilyRow, "lamp").release_id == ""


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("slug: mug", "slug: cup"),
        ('slug:   "mug"  # ours', "slug:   cup  # ours"),
        ("slug: 'mug'", "slug: cup"),
        (
            "# mug, 马克杯\nname: {en: mug}\nslug: mug\r\nplant: mug",
            "# mug, 马克杯\nname: {en: mug}\nslug: cup\r\nplant: mug",
        ),
    ],
)
def test_only_the_slug_is_renamed(line: str, after: str) -> None:
    assert beginning.renamed(line, "cup") == after


@pytest.mark.parametrize(
    "slug", ["", "Cup", "9cup", "a" * 41, "cup!", "cup\n", "tasse-blau é", "-cup", "../cup"]
)
def test_what_cannot_be_a_short_name(slug: str) -> None:
    with pytest.raises(Invalid):
        beginning.checked_slug(slug)
    assert beginning.checked_slug("a" * 40) == "a" * 40, "the control"


def test_a_small_family_is_sound_in_itself(lu: Plant, database: Database) -> None:
    with database.read() as session:
        files = beginning.starter(session, lu, "lamp", "")
        found = checking.check(files, "lamp", "lu-ceramics")
        assert found.findings == ()
        assert found.engine is not None
        family = found.engine.product.family
        assert [len(x) for x in (family.options, family.rules, family.making.routing, family.price)] == [
            1
        ] * 4
        assert family.making.routing[0].resources == ("BENCH",), "nobody plans here"
        with pytest.raises(Invalid):
            beginning.starter(session, lu, "lamp", "ELSEWHERE")


def test_the_work_centres_are_asked_of_who_plans(
    lu: Plant, database: Database, modules: Callable[..., Registry]
) -> None:
    """The port `Stations` with somebody to answer it, and without."""
    modules(rnd.module, manufacturing.module)
    with database.write() as session:
        for code, kind, setup, rank in (("KILN", "batch", None, 1), ("ROLL", "machine", "roller", 2),
                                        ("PACK", "machine", None, 3)):  # fmt: skip
            session.add(
                WorkCentre(plant_id=lu.id, code=code, name={"en": code}, kind=kind, setup=setup, rank=rank)
            )
        session.flush()
        told = Answerers(frozenset({"manufacturing"})).stations.of(session, lu.id)
        assert [(one.code, one.plain) for one in told] == [("KILN", False), ("ROLL", False), ("PACK", True)]
        assert [one.code for one in beginning.stations(session, lu)] == ["PACK"]
        assert "resources: [PACK]" in beginning.starter(session, lu, "lamp", "")["making.yaml"]
        assert Answerers(frozenset()).stations.of(session, lu.id) == ()
        session.delete(session.exec(select(WorkCentre).where(WorkCentre.code == "PACK")).one())
        session.flush()
        assert [one.code for one in beginning.stations(session, lu)] == ["KILN", "ROLL"], (
            "there is nothing else"
        )
