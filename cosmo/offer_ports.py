"""What is asked of offers: why a code takes nothing off a price, and which campaign a shop shows."""

from collections.abc import Sequence
from typing import Protocol

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.i18n import N_, Sentence
from cosmo.ports import Ask, Running

LONGEST_CODE = 20
UNKNOWN = N_("There is no code “{code}” here. The price is without it.")


class Offers(Protocol):
    def why_not(self, session: Session, ask: Ask, plant_id: str, now: Now) -> Sentence | None:
        """Why the ask's code takes nothing off; None where it does, or where there is no code."""
        ...

    def running(self, session: Session, families: Sequence[str], now: Now) -> dict[str, Running]:
        """The best campaign that needs no code, by family."""
        ...


class NoOffers:
    """The kernel's default: nothing is offered."""

    def why_not(self, session: Session, ask: Ask, plant_id: str, now: Now) -> Sentence | None:
        return Sentence(UNKNOWN, code=ask.code) if ask.code else None

    def running(self, session: Session, families: Sequence[str], now: Now) -> dict[str, Running]:
        return {}
