"""Clocks and taxes of countries: one where there is one, and none made up where there is not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cosmo.taxes import tax_on
from cosmo.zones import instant, same_clock, zone_of

SUMMER = datetime(2026, 6, 12, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "zone"),
    [("DE", "Europe/Berlin"), ("CN", "Asia/Shanghai"), ("IN", "Asia/Kolkata"), ("US", None), ("XX", None)],
)
def test_a_country_has_a_zone_where_all_its_clocks_go_alike(country: str, zone: str | None) -> None:
    assert zone_of(country, SUMMER) == zone


@pytest.mark.parametrize(
    ("zone", "locale", "told"),
    [
        ("Europe/Berlin", "en", "Friday 12 June 2026 15:30 (Berlin, UTC+2)"),
        ("Europe/Berlin", "de", "Freitag, 12. Juni 2026 15:30 (Berlin, UTC+2)"),
        ("Asia/Shanghai", "zh", "2026年6月12日星期五 21:30（上海, UTC+8）"),
        ("America/St_Johns", "en", "Friday 12 June 2026 11:00 (St John’s, UTC−2:30)"),
    ],
)
def test_an_instant_names_its_day_its_place_and_its_distance(zone: str, locale: str, told: str) -> None:
    assert instant(SUMMER, zone, locale) == told


def test_two_zones_may_have_one_clock() -> None:
    assert same_clock("Europe/Berlin", "Europe/Vienna", SUMMER)
    assert not same_clock("Europe/Berlin", "Europe/London", SUMMER)


def test_tax_is_known_within_a_country_and_nowhere_else() -> None:
    tax = tax_on(Decimal("120.59"), "EUR", "DE", "DE")
    assert tax is not None
    assert (tax.percent, tax.amount, tax.total) == (Decimal(19), Decimal("22.91"), Decimal("143.50"))
    assert tax_on(Decimal(100), "EUR", "DE", "AT") is None
    assert tax_on(Decimal(100), "EUR", "XX", "XX") is None
