"""What tests share to save time holds nothing of the test before."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.settings import Settings
from tests.factories import MONDAY, make_plant
from tests.web_fixtures import Visitor, app_on


def test_apps_share_their_routes_and_nothing_that_they_know(
    settings: Settings, database: Database, sqlite_with_tables: Callable[[Path], str], tmp_path: Path
) -> None:
    other = Database(sqlite_with_tables(tmp_path / "other.db"))
    one, two = app_on(settings, database), app_on(settings, other)
    assert one.routes == two.routes
    for name in ("db", "hub", "sessions", "desk", "door", "limiter"):
        assert getattr(one.state.site, name) is not getattr(two.state.site, name), name
    for days, where in enumerate((database, other)):
        with where.write() as session:
            set_clock(session, speed=0, business=MONDAY + timedelta(days=days))
    said = [Visitor(app).get("/api/v1/clock").json()["business"][:10] for app in (one, two)]
    assert said == ["2026-06-08", "2026-06-09"]
    other.dispose()


def test_a_database_is_copied_without_what_another_test_wrote(
    database: Database, sqlite_with_tables: Callable[[Path], str], tmp_path: Path
) -> None:
    with database.write() as session:
        make_plant(session)
    other = Database(sqlite_with_tables(tmp_path / "other.db"))
    with other.read() as session:
        assert session.exec(select(Plant)).all() == []
    other.dispose()


@pytest.mark.parametrize("_time", [1, 2])
def test_so_it_is_on_postgres(postgres: Database, _time: int) -> None:
    with postgres.write() as session:
        assert session.exec(select(Plant)).all() == []
        make_plant(session)
