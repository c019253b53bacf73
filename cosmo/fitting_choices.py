"""What could be chosen otherwise: other values, what can be left out, the delivery, fewer pieces."""

from collections.abc import Iterator, Mapping
from typing import Any

from cosmo.errors import CosmoError
from cosmo.ports import Answer, Ask
from cosmo.promise import Offer
from cosmo.repairing import QUANTITY, mended

SERVICE = "service"
COUNTS = 12
"""Most smaller quantities looked at."""
STEPS = (1, 2, 5)
"""Smaller quantities are whole multiples of such a number, or of ten, a hundred ... times as much."""
Choice = tuple[str, Any]
"""An option, `quantity` or `service`, and its other value; an empty text leaves it out."""


def other_choices(base: Offer, answer: Answer, service: str | None) -> list[Choice]:
    """Every single other choice but the quantity, those that are available now first. What is measured,
    written or uploaded stays as the customer gave it, or is left out where it can be."""
    locked = list(_values(base, answer, available=False))
    return [*_values(base, answer, available=True), *_left_out(base, answer), *_ways(base, service), *locked]


def _values(base: Offer, answer: Answer, *, available: bool) -> Iterator[Choice]:
    for option, values in answer.domains.items():
        chosen = base.ask.selections.get(option)
        for value in values:
            if value.available is available and value.value != chosen:
                yield option, value.value


def _left_out(base: Offer, answer: Answer) -> Iterator[Choice]:
    """Also what is needed now: it may not be together with another change."""
    for option in answer.inputs:
        if base.ask.selections.get(option) not in (None, ""):
            yield option, ""


def _ways(base: Offer, service: str | None) -> Iterator[Choice]:
    """The quicker delivery, and the standard one where another is chosen."""
    if base.delivery.faster is not None:
        yield SERVICE, base.delivery.faster.service
    if service:
        yield SERVICE, ""


def fewer(quantity: int) -> list[int]:
    """Smaller quantities, the greatest first: all of them below a dozen, else those a person would say."""
    step = next(size for size in _sizes() if (quantity - 1) // size <= COUNTS)
    return list(range((quantity - 1) // step * step, 0, -step))


def _sizes() -> Iterator[int]:
    size = 1
    while True:
        yield from (size * step for step in STEPS)
        size *= 10


def changed(ask: Ask, changes: Mapping[str, Any]) -> Ask:
    """The wish after `changes`; the delivery is asked for beside it."""
    return mended(ask, {name: value for name, value in changes.items() if name != SERVICE})


def freed_by(refusal: CosmoError) -> frozenset[str] | None:
    """The options of which one must change as well before what was refused is possible; None: any may, also
    where something is missing, since another choice may do without it."""
    conflicts = [frozenset(one["options"]) for one in refusal.extra.get("conflicts") or ()]
    fights = [options for options in conflicts if len(options) > 1]
    return frozenset.intersection(*fights) if fights else None


__all__ = ["QUANTITY", "SERVICE", "Choice", "changed", "fewer", "freed_by", "other_choices"]
