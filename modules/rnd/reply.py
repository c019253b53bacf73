"""What the engine answers to one click, in no language yet."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from modules.rnd.selections import Change
from modules.rnd.solver import Blame


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one option. `blames` say why it is not available, `frees` what single change would free
    it.
    """

    value: str
    available: bool
    blames: tuple[Blame, ...] = ()
    frees: Change | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """The stretch of numbers that is possible now; `blames` where rules make it narrower than the scale."""

    low: Decimal
    high: Decimal
    blames: tuple[Blame, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's answer, language-neutral. `missing` are options without which it is not complete."""

    domains: dict[str, tuple[Reading, ...]]
    rooms: dict[str, Room]
    required: dict[str, bool]
    clashes: tuple[Blame, ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.clashes and not self.missing


@lru_cache(maxsize=4_096)
def available(value: str) -> Reading:
    """A value that nothing speaks against; made once."""
    return Reading(value, True)
