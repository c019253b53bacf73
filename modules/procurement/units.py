"""Units a bill of materials may use for a material that is bought in another one."""

from decimal import ROUND_CEILING, Decimal

from cosmo.errors import Invalid

_FACTORS: dict[str, tuple[str, Decimal]] = {
    "mg": ("mass", Decimal("0.000001")),
    "g": ("mass", Decimal("0.001")),
    "kg": ("mass", Decimal(1)),
    "t": ("mass", Decimal(1000)),
    "ml": ("volume", Decimal("0.001")),
    "l": ("volume", Decimal(1)),
    "mm": ("length", Decimal("0.001")),
    "cm": ("length", Decimal("0.01")),
    "m": ("length", Decimal(1)),
    "cm2": ("area", Decimal("0.0001")),
    "m2": ("area", Decimal(1)),
}
GRAIN = Decimal("0.000001")
"""The finest quantity kept."""


def convert(quantity: Decimal, unit: str, to: str) -> Decimal:
    """`quantity` of `unit` in `to`. Raises `Invalid` where the two do not measure the same thing."""
    if unit == to:
        return tidy(quantity)
    have, want = _FACTORS.get(unit), _FACTORS.get(to)
    if have is None or want is None or have[0] != want[0]:
        raise Invalid(f"A quantity in {unit!r} cannot be taken from a material kept in {to!r}.")
    return tidy(quantity * have[1] / want[1])


def whole(quantity: Decimal, unit: str) -> Decimal:
    """As it is told: a piece begun is a piece gone; what is weighed or measured stays as it is."""
    return quantity.to_integral_value(ROUND_CEILING) if unit == "pcs" else quantity


def tidy(quantity: Decimal) -> Decimal:
    """Rounded to the grain, without trailing zeros."""
    return quantity.quantize(GRAIN).normalize() + 0
