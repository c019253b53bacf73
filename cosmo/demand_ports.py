"""What modules tell each other of demand that is no order yet: conflicts customers met, quotes still open."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from sqlmodel import Session

from cosmo.clock import Now


@dataclass(frozen=True, slots=True)
class ConflictSeen:
    """A rule (or the smallest set of rules, "R1, R7") that somebody's choices ran into on one of the plant's
    days; with `option`: that somebody got out of it by giving this option this value.

    Nobody is in it: no session, no account, no text and no file.
    """

    plant_id: str
    family: str
    rule: str
    day: date
    option: str = ""
    value: str = ""
    """`ANOTHER` for a number; empty: the option was left out."""


ANOTHER = "*"


class ConflictCount(Protocol):
    def count(self, session: Session, seen: Mapping[ConflictSeen, int]) -> None:
        """Add so many of each."""
        ...


class NobodyCounts:
    """The kernel's default: nobody keeps count."""

    def count(self, session: Session, seen: Mapping[ConflictSeen, int]) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Chance:
    """How many of such quotes became orders, 0 to 1; learnt from so many that are decided."""

    share: Decimal
    learnt_from: int


class Prospects(Protocol):
    def chances(self, session: Session, order_ids: Collection[str], now: Now) -> Mapping[str, Chance]:
        """Of these open quotes; what too little is known of is left out."""
        ...


class NobodyKnows:
    """The kernel's default: nothing is known."""

    def chances(self, session: Session, order_ids: Collection[str], now: Now) -> Mapping[str, Chance]:
        return {}
