"""What would make a date earlier: one other choice, or a faster service, each with its new day and price."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from sqlmodel import Session

from cosmo.asking import Answerers
from cosmo.clock import Now
from cosmo.ports import Answer, Ask, DeliveryAnswer, DomainValue, Unbuildable
from cosmo.promise import Earlier, Offer, offer
from cosmo.spec import Names

TRIES = 24
"""Most configurations resolved in search of one that does without the hinge."""
Change = dict[str, str | int | float | bool]


def earlier(
    session: Session, answerers: Answerers, plant_id: str, base: Offer, now: Now, *, most: int = 4
) -> tuple[Earlier, ...]:
    """Single changes that give an earlier day than `base`, soonest first; at most `most` plans are tried."""
    found: list[Earlier] = []
    if base.delivery.faster is not None:
        found += _by_service(session, answerers, plant_id, base, base.delivery.faster, now)
    for change, name in _candidates(session, answerers, base, most):
        ask = replace(base.ask, selections={**base.ask.selections, **change})
        other = offer(session, answerers, plant_id, ask, now)
        if other.promise.delivery_date < base.promise.delivery_date:
            found.append(_told(base, other, change, name))
    return tuple(sorted(found, key=lambda e: (e.delivery_date, e.price_difference))[:3])


def _by_service(
    session: Session, answerers: Answerers, plant_id: str, base: Offer, faster: DeliveryAnswer, now: Now
) -> list[Earlier]:
    if faster.date >= base.promise.delivery_date:
        return []
    price = answerers.pricer.price(session, base.ask, plant_id, base.spec, faster, now)
    difference = price.amount - base.price.amount
    return [
        Earlier(
            delivery_date=faster.date,
            change={"service": faster.service},
            name=faster.name,
            price_difference=str(difference),
        )
    ]


def _told(base: Offer, other: Offer, change: Change, name: Names) -> Earlier:
    return Earlier(
        delivery_date=other.promise.delivery_date,
        change=dict(change),
        name=name,
        price_difference=str(other.price.amount - base.price.amount),
    )


def _candidates(session: Session, answerers: Answerers, base: Offer, most: int) -> list[tuple[Change, Names]]:
    """Single valid changes that do without the material the date hinges on; `most` at most."""
    hinge = base.promise.hinges_on
    if hinge.kind != "material" or base.ask.spec is not None:
        return []
    answer = answerers.configurator.answer(
        session, base.ask.family, base.ask.selections, base.ask.quantity, base.ask.locale
    )
    found: list[tuple[Change, Names]] = []
    for option, value in islice(_others(answer, base.ask.selections), TRIES):
        ask = replace(base.ask, selections={**base.ask.selections, option: value.value})
        if _avoids(session, answerers, ask, hinge.code):
            found.append(({option: value.value}, {"en": value.label, base.ask.locale: value.label}))
        if len(found) == most:
            break
    return found


def _others(answer: Answer, selections: Mapping[str, Any]) -> Iterator[tuple[str, DomainValue]]:
    """Every available value that is not chosen now."""
    for option, values in answer.domains.items():
        for value in values:
            if value.available and value.value != selections.get(option):
                yield option, value


def _avoids(session: Session, answerers: Answerers, ask: Ask, code: str) -> bool:
    try:
        spec = answerers.engineer.resolve(session, ask)
    except Unbuildable:
        return False
    return all(line.material != code for line in spec.bom)
