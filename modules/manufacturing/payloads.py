"""What the floor tells of an order, as events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from cosmo.events import Payload
from cosmo.spec import Names


class JobStarted(Payload):
    """An operation of a lot has begun on a machine or in a pool."""

    type: ClassVar[str] = "job-started"
    sentence: ClassVar[str] = "{operation} has begun."

    lot: int
    code: str
    operation: Names
    resource: str
    pieces: int


class JobFinished(Payload):
    """An operation of a lot is done. `done` is what the finished operation is called ("Formed")."""

    type: ClassVar[str] = "job-finished"
    sentence: ClassVar[str] = "{done}. {good} made, so that {quantity} perfect ones reach you."

    lot: int
    code: str
    operation: Names
    done: Names
    resource: str
    good: int
    scrap: int
    quantity: int


class LotScrapped(Payload):
    """Pieces were lost beyond the allowance; `again` of them are begun again, in lot `new_lot`."""

    type: ClassVar[str] = "lot-scrapped"
    sentence: ClassVar[str] = (
        "Some pieces were not good enough. We begin {again} again, in shade lot {shade_lot}."
    )

    lot: int
    code: str
    scrap: int
    reason: str
    again: int
    new_lot: int
    shade_lot: str


class FiringLit(Payload):
    """A batch resource was closed and lit with this lot in it; `opens_at` is planned."""

    type: ClassVar[str] = "firing-lit"
    sentence: ClassVar[str] = "In the {firing}. {kiln} opens {opens_at}."

    lot: int
    code: str
    firing: Names
    kiln: Names
    resource: str
    run: str
    pieces: int
    opens_at: datetime


class FiringOpened(Payload):
    """It was opened; what came out of it of this lot."""

    type: ClassVar[str] = "firing-opened"
    sentence: ClassVar[str] = (
        "{kiln} is open. {good} came out of the {firing}, so that {quantity} perfect ones reach you."
    )

    lot: int
    code: str
    firing: Names
    kiln: Names
    resource: str
    run: str
    good: int
    scrap: int
    quantity: int


class ScanUndone(Payload):
    """An act on the floor was taken back."""

    type: ClassVar[str] = "scan-undone"
    audiences: ClassVar[frozenset[str]] = frozenset({"plant"})
    hidden: ClassVar[Mapping[str, frozenset[str]]] = {}

    lot: int
    code: str
    action: str
    resource: str

    def words(self) -> dict[str, Any]:
        return {}


PAYLOADS = (JobStarted, JobFinished, LotScrapped, FiringLit, FiringOpened, ScanUndone)
