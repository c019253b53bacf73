"""What the floor tells of an order, as events."""

from collections.abc import Mapping
from datetime import date, datetime
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
    """Pieces were lost beyond the allowance; `again` are begun again, in lot `new_lot`.

    `spared`: operation -> pieces that do not come to it any more, so that their material is still there.
    """

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
    spared: Mapping[str, int] = {}


class ShortfallAsked(Payload):
    """Of the `owed` pieces `missing` will not come in the shade lot begun: what the customer may choose, and
    until when (business time). Days are as the plan stands; nothing is taken in it yet."""

    type: ClassVar[str] = "shortfall-asked"
    sentence: ClassVar[str] = (
        "{missing} of {owed} are missing in your shade lot. Choose until {until}: a second shade lot, with "
        "you by {second_day}; only what is good, about {pieces}, the date unchanged; or everything again in "
        "one shade lot, with you by {remake_day}. Without an answer we make everything again."
    )

    question: str
    version: int
    missing: int
    owed: int
    pieces: int
    """What comes, about, if the customer takes fewer."""
    second_day: date
    remake_day: date
    until: datetime


ANSWERS = {
    "second_shade": "A second shade lot is welcome.",
    "fewer": "Fewer pieces are enough.",
    "remake": "Everything is to be made again in one shade lot.",
    "silence": "No answer came, so we make everything again in one shade lot.",
}
"""What was answered -> its sentence (a msgid)."""


class ShortfallAnswered(Payload):
    """The customer has chosen, or the time for it is over ("silence")."""

    type: ClassVar[str] = "shortfall-answered"
    sentence: ClassVar[str] = "{told}"

    question: str
    answer: str

    def words(self) -> dict[str, Any]:
        return {"told": ANSWERS[self.answer]}


class ShortfallCovered(Payload):
    """Later counts make up for what was missing; the question is withdrawn."""

    type: ClassVar[str] = "shortfall-covered"
    sentence: ClassVar[str] = "Nothing is missing any more: more came out well than was planned."

    question: str


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


PAYLOADS = (
    JobStarted, JobFinished, LotScrapped, FiringLit, FiringOpened, ScanUndone, ShortfallAsked,
    ShortfallAnswered, ShortfallCovered,
)  # fmt: skip
