"""Under the day stands how sure it is, or that the plant cannot say yet."""

from datetime import UTC, date, datetime

import pytest

from cosmo.promise import HingeTold, LikelyTold, Promise
from modules.interaction.configure_view import odds
from tests.web_fixtures import Visitor

TOLD = Promise(
    delivery_date=date(2026, 6, 26), ready_at=datetime(2026, 6, 23, tzinfo=UTC),
    hinges_on=HingeTold(kind="work", name={"en": "Glazing"}),
)  # fmt: skip


def likely(half: int, most: int) -> Promise:
    days = LikelyTold(half=date(2026, 6, half), most=date(2026, 6, most), orders=80)
    return TOLD.model_copy(update={"likely": days})


@pytest.mark.usefixtures("priced")
def test_a_plant_that_has_learnt_nothing_says_so(client: Visitor) -> None:
    page = client.get("/configure/mug").text
    assert "The plant has finished too few orders to say how sure it is." in page


def test_half_and_nine_of_ten_have_their_days() -> None:
    assert odds(likely(22, 24), "en") == (
        "Half of such orders arrive by Mon 22 June, nine of ten by Wed 24 June."
    )
    assert odds(likely(22, 24), "de") == (
        "Die Hälfte solcher Bestellungen kommt bis Mo. 22. Juni an, neun von zehn bis Mi. 24. Juni."
    )
    assert "一半在6月22日周一" in odds(likely(22, 24), "zh")


def test_one_day_is_said_once() -> None:
    assert odds(likely(24, 24), "en") == "Nine of ten such orders arrive by Wed 24 June."
