"""The standard product of a family: its default configuration, one piece of a usual lot, at list price."""

from collections.abc import Mapping
from decimal import Decimal

from cosmo.spec import Spec
from modules.rnd.product import Product
from modules.rnd.resolve import resolve
from modules.rnd.selections import read_state


def standard_product(product: Product) -> tuple[Spec, Decimal]:
    """A `Spec` for one piece (BOM and drivers averaged over a usual lot) and the list price of one."""
    usual = product.family.quantity.default
    state = read_state(product, standard_selections(product), usual, product.family.standard)
    spec = resolve(product, state)
    each = spec.quantity
    bom = tuple(line.model_copy(update={"quantity": _sixth(line.quantity / each)}) for line in spec.bom)
    one = spec.model_copy(
        update={
            "title": product.family.name,
            "quantity": 1,
            "start_quantity": 1,
            "bom": bom,
            "mass_kg": _sixth(spec.mass_kg / each),
            "drivers": {code: _sixth(amount / each) for code, amount in spec.drivers.items()},
        }
    )
    return one, list_price(product, spec) / each


def standard_selections(product: Product) -> dict[str, str]:
    """The defaults, and a stand-in for a required upload whose measures the family states."""
    uploads = {name.partition(".")[0]: "standard" for name in product.family.standard}
    return {**uploads, **product.family.defaults}


def list_price(product: Product, spec: Spec) -> Decimal:
    """The family's own rates applied to `spec`; what a price list made of them says, before offers and
    freight.
    """
    return sum(price_lines(product, spec).values(), Decimal(0))


def price_lines(product: Product, spec: Spec) -> dict[str, Decimal]:
    """What each price driver comes to at the family's own rates, in their order; nothing is left out."""
    return lines_of(product, spec.drivers)


def lines_of(product: Product, drivers: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The same of how much there is of each driver."""
    lines: dict[str, Decimal] = {}
    for driver in product.family.price:
        amount, so_far = drivers.get(driver.code, Decimal(0)), sum(lines.values(), Decimal(0))
        match driver.kind:
            case "percent":
                lines[driver.code] = so_far * amount * driver.rate / 100
            case "minimum":
                lines[driver.code] = max(so_far, amount * driver.rate) - so_far
            case "rush":  # nobody was promised a day here
                continue
            case "amount":
                lines[driver.code] = amount * driver.rate
    return {code: amount for code, amount in lines.items() if amount}


def _sixth(value: Decimal) -> Decimal:
    """Rounded to six decimals, and never to nothing."""
    return max(value.quantize(Decimal("0.000001")), Decimal("0.000001"))
