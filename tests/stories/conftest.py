"""Houses and pages, as the stories in a browser use them; and a demo with a short past, to look at."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from cosmo.db import Database
from seeds import demo, history
from tests.browser.conftest import make_house, visit
from tests.factories import MONDAY
from tests.stories.town import Town, build, open_town

__all__ = ["make_house", "visit"]
A_DAY = {"lu-ceramics": 1.0, "hansa-cabinets": 0.8, "rhein-additive": 1.0}
AHEAD = {"lu-ceramics": 2, "hansa-cabinets": 2, "rhein-additive": 2}
"""The demo's own days, with fewer orders and looked after twice a day."""


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """For tests that change nothing of what others look for; whatever the hour, its present is a Monday's."""
    home = tmp_path_factory.mktemp("first-look")
    database = Database(f"sqlite:///{home / 'cosmo.db'}")
    database.files = home / "attachments"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "A_DAY", A_DAY)
        patch.setattr(demo, "LATELY", A_DAY)
        patch.setattr(demo, "AHEAD", AHEAD)
        patch.setattr(history, "STEP", timedelta(hours=12))
        demo.seed(database, small=False, report=lambda line: None, end=MONDAY)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def built(
    sqlite_with_tables: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a town nobody has been to, made once."""
    home = tmp_path_factory.mktemp("built")
    build(sqlite_with_tables(home / "cosmo.db"))
    return home


@pytest.fixture(scope="module")
def town(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A house for all the stories of a file; each orders something of its own."""
    home = tmp_path_factory.mktemp("town")
    copytree(built, home, dirs_exist_ok=True)
    with open_town(home) as opened:
        yield opened
