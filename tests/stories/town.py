"""The three demo plants on a Monday morning that stands still, served to browsers; one for each file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.relay import drain
from cosmo.settings import read_settings
from seeds.files import PLANTS
from seeds.plants import seed_plant
from tests.factories import MONDAY
from tests.stories.workshop import stop_clock
from tests.web.servers import serving
from web.app import create_app

Visit = Callable[..., Any]
SMALL, LARGE = 360, 1440
HOME = {"name": "Ada Lovelace", "email": "ada@example.test", "street": "Ring 1", "postal_code": "20357",
        "city": "Hamburg"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Town:
    address: str
    database: Database
    now: Now

    def carry_on(self) -> None:
        """What a worker would do by now."""
        drain(self.database)


def build(url: str) -> None:
    """The plants, in an empty database that has its tables."""
    database = Database(url)
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        for name in PLANTS:
            seed_plant(session, name, "a long secret", now)
    database.dispose()


@contextmanager
def open_town(home: Path) -> Iterator[Town]:
    """With what has been built at cosmo.db in the folder."""
    url = f"sqlite:///{home / 'cosmo.db'}"
    settings = read_settings({"COSMO_HOME": str(home), "COSMO_DATABASE_URL": url, "COSMO_DEMO": "1"})
    database = Database(url)
    database.files = settings.attachments
    with serving(create_app(settings, database)) as address:
        yield Town(address, database, stop_clock(database, MONDAY))
    database.dispose()


def choose(page: Any, option: str, value: str) -> None:
    """Choose a value in the configurator, or write it, and wait until the page has it."""
    field, label = f"[name={option}]:not([type=radio])", f"label:has([name={option}][value='{value}'])"
    form = page.locator("#configure")
    fold = form.locator("details:not([open])", has=page.locator(f"{field}, {label}"))
    if fold.count():
        fold.locator("summary").click()
    if form.locator(label).count():
        form.locator(label).click()
    else:
        form.locator(field).fill(value)
        form.locator(field).blur()
    page.wait_for_url(f"**{option}={value}*")


def priced(page: Any) -> str:
    """What the configurator says it costs, where it stands on this screen."""
    return str(page.locator("#sum .is b, #sum .brief b").locator("visible=true").first.inner_text())


def dated(page: Any) -> str:
    """The day the configurator promises."""
    return " ".join(page.inner_text("#stage .date").split())


def quoted(page: Any) -> str:
    """Press *order*; the id of the quote."""
    page.locator("#sum button[value=order]").locator("visible=true").first.click()
    page.wait_for_url("**/order/*")
    return str(page.url).rpartition("/")[2]


def place(page: Any) -> None:
    """Order what is quoted, with an address; the page is the order's then."""
    for name, value in HOME.items():
        page.fill(f"#checkout [name={name}]", value)
    page.locator("#checkout button.btn-go").click()
    page.wait_for_url("**/track/*")
