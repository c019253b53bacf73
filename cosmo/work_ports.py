"""Where a plant's work is done: asked by whoever writes a routing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session

from cosmo.spec import Names


@dataclass(frozen=True, slots=True)
class Station:
    """A work centre by the code that routings use. `plain`: it takes any work, without a recipe or a setup
    family that the operation has to name."""

    code: str
    name: Names
    plain: bool = True


class Stations(Protocol):
    def of(self, session: Session, plant_id: str) -> Sequence[Station]:
        """The plant's work centres in its own order; none where nobody plans."""
        ...


class NoStations:
    """Nobody plans, so a routing may name its work centres as it likes."""

    def of(self, session: Session, plant_id: str) -> Sequence[Station]:
        return ()
