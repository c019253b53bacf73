"""The simulated people on the real app: seeded, with yields, breakdowns, late suppliers and carriers."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from simpy import Environment
from sqlmodel import select

from cosmo.db import Database
from cosmo.settings import read_settings
from modules.manufacturing import plan as plans
from modules.manufacturing.models import Downtime, JobOrder
from modules.manufacturing.times import instant
from seeds import demo, files
from seeds.simulator import floor, partners, run
from seeds.simulator.floor import BAD_LOTS, lost
from seeds.simulator.world import World
from tests.seeds.playing import Play, Request

LU = "lu-ceramics"
ID = re.compile(r"\b[0-9a-z]{26}\b")
Start = Callable[..., Play]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small demo's database, to be copied."""
    path = tmp_path_factory.mktemp("small") / "cosmo.db"
    demo.prepare(f"sqlite:///{path}", small=True, report=lambda line: None)
    return path


@pytest.fixture
def play(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """`play(seed=1, a_day=0.0)`: simulated people at the first plant, in a house of their own."""
    opened: list[Database] = []

    def start(seed: int = 1, a_day: float = 0.0) -> Play:
        monkeypatch.setattr(run, "PLANTS", (LU,))
        monkeypatch.setattr(run, "A_DAY", {LU: a_day} if a_day else {})
        home = tmp_path / str(len(opened))
        home.mkdir()
        shutil.copy(seeded, home / "cosmo.db")
        settings = read_settings({"COSMO_HOME": str(home), "COSMO_DEMO": "1"})
        opened.append(Database(settings.database_url))
        opened[-1].files = settings.attachments
        return Play.open(opened[-1], settings, seed)

    yield start
    for database in opened:
        database.dispose()


def decisions(log: list[Request]) -> list[tuple[str, str, str]]:
    """What was sent, without ids that are new each time: (who, path, body)."""
    known: dict[str, str] = {}

    def plain(text: str) -> str:
        return ID.sub(lambda found: known.setdefault(found[0], f"#{len(known)}"), text)

    return [(one.who, plain(one.path), plain(repr(one.body))) for one in log if one.method == "POST"]


def test_the_same_seed_gives_the_same_decisions(play: Start) -> None:
    told = []
    for seed in (7, 7, 8):
        house = play(seed, a_day=15.0)
        house.live(timedelta(hours=16), step=timedelta(hours=4))
        told.append(decisions(house.wire.log))
    paths = {path for _, path, _ in told[0]}
    assert {"/api/v1/quotes", "/api/v1/orders"} <= paths
    assert told[0] == told[1]
    assert told[0] != told[2]


@pytest.mark.parametrize("plant", files.PLANTS)
def test_what_is_lost_is_near_what_the_routing_plans_for(plant: str) -> None:
    random, lots, pieces = Random(3), 2000, 400
    for code, planned in files.yields_of(plant).items():
        scrap = [lost(random, pieces, planned) for _ in range(lots)]
        allowed = pieces * (1 - planned)
        if planned < 1:
            assert 0.7 <= sum(scrap) / lots / allowed <= 1.1, code
        beyond = sum(one > allowed for one in scrap)
        assert 0 < beyond <= 3 * BAD_LOTS * lots, f"{code}: a bad lot is rare, but there are some"


def test_an_order_goes_through_the_hands_of_floor_and_carrier(
    play: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor, "BAD_LOTS", 0.0)
    house = play()
    order = house.order("tile", 600)
    house.live_until(order["id"], "finished", timedelta(days=5))
    with house.database.read() as session:
        rows = session.exec(select(JobOrder).where(JobOrder.order_id == order["id"])).all()
    planned = {code: 1 - share for code, share in files.yields_of(LU).items()}
    for row in rows:
        there = (row.good or 0) + row.scrap
        assert 0.5 * planned[row.code] * there <= row.scrap <= planned[row.code] * there, (
            row.code,
            row.scrap,
        )
    scans = house.sent("/api/v1/scans")
    assert {one.who for one in scans} == {"operator@lu.example"}
    house.live_until(order["id"], "delivered", timedelta(days=9), step=timedelta(hours=3))
    handed = [one for one in house.sent("/api/v1/shipments/") if one.status < 400]
    assert [one.path.rpartition("/")[2] for one in handed] == ["pickup", "delivery"]
    assert {one.who for one in handed} == {"carrier@elbfracht.example"}
    assert handed[1].body["received_by"] in partners.NAMES


def test_breakdowns_are_reported_as_disruptions(play: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    fragile = {"breakdowns_a_week": 40.0, "repair_minutes": 90}
    data = files.read_plant(LU)
    for centre in data["work_centres"]:
        centre["hazards"] = fragile if centre["code"] == "MF-ROLL1" else {}
    monkeypatch.setattr(run, "read_plant", lambda name: data)
    house = play()
    house.live(timedelta(days=1), step=timedelta(hours=6))
    reported = house.sent(f"/api/v1/plants/{LU}/disruptions")
    assert reported
    assert {(one.who, one.status) for one in reported} == {("planner@lu.example", 201)}
    with house.database.read() as session:
        stills = session.exec(select(Downtime).where(Downtime.resource == "MF-ROLL1")).all()
    assert len(stills) == len(reported)
    assert all(timedelta(minutes=45) <= still.end - still.start <= timedelta(minutes=135) for still in stills)


def test_a_supplier_who_slips_moves_the_date(play: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partners, "SLIPS", 1.0)
    house = play()
    order = house.order("mug", 48, decoration="decal", print_zone="front", personal_name="Ada")
    house.live(timedelta(days=2), step=timedelta(hours=4))
    assert [one.status for one in house.sent("/counter")] == [200]
    supplier = house.people["supplier", "Nordlicht Decals"]
    (bought,) = supplier.get("/api/v1/suppliers/me/orders", open="true")
    (line,) = bought["lines"]
    due, asked_for = date.fromisoformat(line["due"]), date.fromisoformat(line["asked_for"])
    assert timedelta(days=1) <= due - asked_for <= timedelta(days=4)
    with house.database.read() as session:
        query = select(JobOrder).where(JobOrder.order_id == order["id"], JobOrder.code == "decal_apply")
        row = session.exec(query).one()
        applied = instant(plans.head(session, row.plant_id).origin, row.start)
    assert applied.date() >= due


def test_a_supplier_looks_once_a_day_and_on_the_morning_something_is_due() -> None:
    noon = datetime(2026, 6, 8, 12, tzinfo=partners.ZONE)
    world = World(Environment(), Random(1), noon, {}, lambda: (noon, 0.0), lambda seconds: None)

    def due(days: int, state: str = "confirmed") -> dict[str, Any]:
        line = {"due": (noon + timedelta(days=days)).date().isoformat(), "state": state}
        return {"lines": [line, {"due": "2026-07-01", "state": "received"}]}

    tomorrow, later, earlier = (partners._opening(due(days)) for days in (1, 4, -3))
    assert tomorrow == noon + timedelta(hours=19), "at seven, of what is still outstanding"
    assert partners._until(world, [later, tomorrow]) == 19 * 60
    assert partners._until(world, [later, earlier]) == partners._until(world, []) == 24 * 60
