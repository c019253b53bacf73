"""A change of a placed order as it is shown beside what it changes, and the signature that vouches for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cosmo.affecting import Parts
from cosmo.comparing import Former, LineChange
from cosmo.orders import Order
from cosmo.signing import vouched

PURPOSE = b"cosmo change 1\n"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the order shall be: all its choices, and how many."""

    selections: Mapping[str, Any]
    quantity: int
    locale: str = ""
    """In which what cannot be made is told; empty: the order's."""


def wish_for(order: Order, selections: Mapping[str, Any], quantity: int | None, locale: str = "") -> Wish:
    """The order with these choices changed; None or an empty text leaves one out."""
    made = {**order.selections, **selections}
    kept = {name: order.selections[name] if _same(order.selections.get(name), v) else v
            for name, v in made.items() if v not in (None, "")}  # fmt: skip
    return Wish(kept, order.quantity if quantity is None else quantity, locale)


def _same(one: Any, other: Any) -> bool:
    """Forms send texts: "325" is 325."""
    return one is not None and str(one) == str(other)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change beside what it changes. Values only, so it outlives the savepoint it was made in."""

    order_id: str
    options: tuple[str, ...]
    """What differs, `quantity` too."""
    asked: tuple[Wish, Wish]
    """Before and after."""
    before: Former
    after: Former
    lines: tuple[LineChange, ...]
    operations: Parts
    materials: Parts
    suppliers: tuple[str, ...]
    """Parties whose demand is another."""
    proof: bool
    """It waits for a new proof."""
    spec: str
    """Fingerprint of what is made."""

    @property
    def difference(self) -> Decimal:
        return self.after.price.amount - self.before.price.amount

    @property
    def days(self) -> int:
        """How many days later it comes; negative where it comes sooner."""
        return (self.after.delivery_date - self.before.delivery_date).days

    def signature(self, secret: str) -> str:
        """Vouches for the change as shown: from what to what, the price and the day before and after."""
        asked = [{"selections": dict(wish.selections), "quantity": wish.quantity} for wish in self.asked]
        told = [[format(f.price.amount, "f"), f.price.currency, f.delivery_date.isoformat()]
                for f in (self.before, self.after)]  # fmt: skip
        lines = [line.model_dump(mode="json") for line in self.after.price.lines]
        terms = {"order": self.order_id, "asked": asked, "told": told, "lines": lines, "spec": self.spec}
        return vouched(secret, PURPOSE, terms)
