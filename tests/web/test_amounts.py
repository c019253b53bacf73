"""Amounts in the words of their unit: pieces, square metres, and the signs of a bill of materials."""

from decimal import Decimal

import pytest

from cosmo.i18n import gettext
from web.amounts import counted, each, sign

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("unit", "locale", "many", "price"),
    [
        ("pcs", "en", "240 pieces", "€3.40 each"),
        ("pcs", "de", "240 Stück", "3,40\xa0€ je Stück"),
        ("m2", "en", "240 m²", "€3.40 per m²"),
        ("m2", "de", "240 m²", "3,40\xa0€ je m²"),
        ("m2", "zh", "240 平方米", "每平方米 €3.40"),
    ],
)
def test_a_tile_costs_by_the_square_metre(unit: str, locale: str, many: str, price: str) -> None:
    assert counted(240, unit, locale) == many
    assert each(Decimal("3.4"), "EUR", unit, locale) == price


def test_units_are_words_in_every_language() -> None:
    assert sign("m2") == "m²"
    assert gettext("zh", sign("pcs")) == "件"
    assert sign("kg") == "kg"
