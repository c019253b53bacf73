"""The as-built record: what every module that owned the order can say of it."""

from sqlmodel import Session

from cosmo.journey_ports import AsBuilt, AsBuiltPart
from cosmo.orders import Order
from cosmo.registry import on_for, registry

SECTIONS = ("material", "operation", "firing", "person", "proof", "shipment")


def parts_of(session: Session, order: Order) -> list[AsBuiltPart]:
    """All parts, by section and time."""
    found = [
        part
        for contributor in registry().contributors(AsBuilt, on_for(session, order))  # type: ignore[type-abstract]
        for part in contributor.parts(session, order.id)
    ]
    return sorted(found, key=_rank)


def _rank(part: AsBuiltPart) -> tuple[int, str]:
    """What has the same time stays as its module told it."""
    section = SECTIONS.index(part.section) if part.section in SECTIONS else len(SECTIONS)
    return section, part.at.isoformat() if part.at else ""


def public(parts: list[AsBuiltPart]) -> list[AsBuiltPart]:
    """Without people: whoever holds the product may scan its code, and nobody's name is theirs to read."""
    return [part for part in parts if part.section != "person"]


def by_section(parts: list[AsBuiltPart]) -> dict[str, list[AsBuiltPart]]:
    """Section -> its parts, in the order a reader wants them."""
    return {s: own for s in SECTIONS if (own := [p for p in parts if p.section == s])}
