"""The lifecycle as data: stages, verbs, who owns each verb."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    DRAFT = "draft"
    QUOTED = "quoted"
    PLACED = "placed"
    ENGINEERED = "engineered"
    SOURCED = "sourced"
    SCHEDULED = "scheduled"
    IN_PRODUCTION = "in_production"
    PRODUCED = "produced"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CLOSED = "closed"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


KERNEL = "kernel"


@dataclass(frozen=True, slots=True)
class Verb:
    """One way an order moves: from any of `sources` to `target`, done by module `owner`."""

    name: str
    sources: frozenset[Stage]
    target: Stage
    owner: str
    event: str


def _verb(name: str, sources: str, target: Stage, owner: str, event: str) -> Verb:
    return Verb(name, frozenset(Stage(s) for s in sources.split()), target, owner, event)


VERBS: dict[str, Verb] = {
    v.name: v
    for v in (
        _verb("quote", "draft quoted lapsed", Stage.QUOTED, "marketing", "quoted"),
        _verb("lapse", "quoted", Stage.LAPSED, KERNEL, "lapsed"),
        _verb("place", "quoted", Stage.PLACED, "interaction", "placed"),
        _verb("engineer", "placed", Stage.ENGINEERED, "rnd", "engineered"),
        _verb("source", "engineered", Stage.SOURCED, "procurement", "sourced"),
        _verb("schedule", "sourced", Stage.SCHEDULED, "manufacturing", "scheduled"),
        _verb("start", "scheduled", Stage.IN_PRODUCTION, "manufacturing", "started"),
        _verb("finish", "in_production", Stage.PRODUCED, "manufacturing", "finished"),
        _verb("ship", "produced", Stage.SHIPPED, "logistics", "shipped"),
        _verb("deliver", "shipped", Stage.DELIVERED, "logistics", "delivered"),
        _verb("close", "delivered", Stage.CLOSED, "service", "closed"),
        _verb("cancel", "draft quoted placed engineered sourced scheduled in_production",
              Stage.CANCELLED, KERNEL, "cancelled"),
    )
}

NEXT: dict[Stage, Verb] = {
    Stage.PLACED: VERBS["engineer"],
    Stage.ENGINEERED: VERBS["source"],
    Stage.SOURCED: VERBS["schedule"],
    Stage.SCHEDULED: VERBS["start"],
    Stage.IN_PRODUCTION: VERBS["finish"],
    Stage.PRODUCED: VERBS["ship"],
    Stage.SHIPPED: VERBS["deliver"],
    Stage.DELIVERED: VERBS["close"],
}
"""The verb that carries a placed order on from each stage."""

OPEN_STAGES = frozenset(NEXT) - {Stage.DELIVERED}
"""Placed and not yet delivered."""
ENDED = frozenset({Stage.CLOSED, Stage.CANCELLED, Stage.LAPSED})
