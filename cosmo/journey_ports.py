"""What is asked of whoever works for an order: what it was made of, and what its journey was and will be."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.spec import Names


@dataclass(frozen=True, slots=True)
class AsBuiltPart:
    """What an order was made of; section is material, operation, firing, person, proof, shipment.

    `shown` is `value` as readers of other languages see it; empty where it reads the same in all.
    """

    section: str
    what: Names
    value: str
    at: datetime | None = None
    shown: Names = field(default_factory=dict)


class AsBuilt(Protocol):
    def parts(self, session: Session, order_id: str) -> list[AsBuiltPart]: ...


@dataclass(frozen=True, slots=True)
class JourneyNode:
    """One node of a journey line. `state`: done, now or next; `kind`: operation, material, transit, gate.

    `at` is when it happened or is planned to be done; `until` for what goes on now.
    """

    code: str
    name: Names
    state: str
    kind: str = "operation"
    at: datetime | None = None
    until: datetime | None = None
    note: Names = field(default_factory=dict)


class Journey(Protocol):
    """Several modules may answer; the tracking page puts all nodes on one line in order of time."""

    def nodes(self, session: Session, order_id: str, now: Now) -> list[JourneyNode]: ...
