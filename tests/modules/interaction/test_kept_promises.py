"""By the day stands how often the plant has kept its first promise, and where that is explained."""

import pytest

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.score import LEAST
from cosmo.stages import Stage
from tests.factories import at, make_order, walk
from tests.web_fixtures import Visitor

WAY = 'class="score"><a href="/plants/lu-ceramics/promise-score">'


def test_a_plant_with_few_orders_says_so(client: Visitor, priced: Plant) -> None:
    page = client.get("/configure/mug").text
    assert WAY + "Too few orders have come due to say how often the first promised day is kept." in page


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        ("en", "Kept on the first promised day: 95% of 21 orders in twelve months."),
        ("de", "Am zuerst zugesagten Tag gekommen: 95\u00a0% von 21 Bestellungen in zwölf Monaten."),
        ("zh", "按最初承诺日送达：十二个月内 21 份订单的 95%。"),
    ],
)
def test_the_line_says_how_many_of_how_many(
    database: Database, client: Visitor, priced: Plant, locale: str, line: str
) -> None:
    with database.write() as session:
        for n in range(LEAST + 1):
            made = walk(session, make_order(session, priced, family="mug").id, Stage.PLACED, at())
            walk(session, made.id, Stage.DELIVERED, at(days=10 if n else 20))
        set_clock(session, speed=0, business=at(days=23).business)
    headers = {"Accept-Language": locale}
    assert WAY + line in client.get("/configure/mug", headers=headers).text
    fragment = client.post(
        "/configure/mug", data={"quantity": "12"}, headers=headers | {"HX-Request": "true"}
    )
    assert WAY + line in fragment.text


def test_without_a_day_there_is_no_line(client: Visitor, priced: Plant) -> None:
    assert 'class="score"' not in client.get("/configure/mug?quantity=lots").text
