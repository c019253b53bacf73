"""The promise score for everybody: as JSON, as a page in three languages, with no module installed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.score import LEAST
from cosmo.stages import Stage
from tests.factories import at, make_order, walk
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("modules")


@pytest.fixture
def delivered(database: Database, plant: Plant) -> Callable[[int, int], None]:
    """`delivered(kept, late)`: so many orders of June 2026; it is 1 July."""

    def make(kept: int, late: int) -> None:
        with database.write() as session:
            set_clock(session, speed=0, business=at(days=23).business)
            for n in range(kept + late):
                order = walk(session, make_order(session, plant).id, Stage.PLACED, at())
                walk(session, order.id, Stage.DELIVERED, at(days=10 if n < kept else 20))

    return make


def told(client: Visitor, plant: Plant) -> Any:
    answer = client.get(f"/api/v1/plants/{plant.slug}/promise-score")
    assert answer.status_code == 200, answer.text
    return answer.json()


def page(client: Visitor, plant: Plant, locale: str = "en") -> str:
    answer = client.get(f"/plants/{plant.slug}/promise-score", headers={"Accept-Language": locale})
    assert answer.status_code == 200, answer.text
    return str(answer.text).partition("<main")[2]


def test_it_says_kept_counted_and_since_when(
    client: Visitor, plant: Plant, delivered: Callable[[int, int], None]
) -> None:
    delivered(LEAST, 1)
    answer = told(client, plant)
    assert answer["as_of"] == "2026-07-01"
    year = {"since": "2025-07-01", "kept": LEAST, "counted": LEAST + 1, "percent": 95}
    assert answer["twelve_months"] == year
    assert answer["thirty_days"] == year | {"since": date(2026, 6, 1).isoformat()}
    assert answer["months"][-1] == {"month": "2026-06", "kept": LEAST, "counted": LEAST + 1}
    assert len(answer["months"]) == 12
    assert client.get(answer["definition"]).status_code == 200


def test_too_few_orders_are_a_sentence_and_no_percentage(
    client: Visitor, plant: Plant, delivered: Callable[[int, int], None]
) -> None:
    delivered(LEAST - 1, 0)
    assert told(client, plant)["twelve_months"]["percent"] is None
    assert told(client, plant)["least"] == LEAST
    shown = page(client, plant)
    assert "Too few orders yet to say: 19 of at least 20." in shown
    assert "100%" not in shown


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("95%", "20 of 21 orders", "June 2026", "Not counted")),
        ("de", ("95\u00a0%", "20 von 21 Bestellungen", "Juni 2026", "Nicht gezählt")),
        ("zh", ("95%", "21 份订单中的 20 份", "2026年6月", "不计入")),
    ],
)
def test_the_page_has_the_figures_the_months_and_the_definition(
    client: Visitor, plant: Plant, delivered: Callable[[int, int], None], locale: str, words: tuple[str, ...]
) -> None:
    delivered(LEAST, 1)
    shown = page(client, plant, locale)
    assert [word for word in words if word not in shown] == []
    assert shown.count('scope="row"') == 1


def test_a_plant_without_orders_has_a_page_without_a_plot(client: Visitor, plant: Plant) -> None:
    shown = page(client, plant)
    assert "Too few orders yet to say: 0 of at least 20." in shown
    assert "Month by month" not in shown


def test_a_plant_that_is_not_there(client: Visitor) -> None:
    for path in ("/api/v1/plants/nowhere/promise-score", "/plants/nowhere/promise-score"):
        assert client.get(path).status_code == 404
