"""What kiln load is, measured on the plan as it stands."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.parties import Plant
from modules.manufacturing import plan as plans
from modules.manufacturing.floor import Centre
from modules.manufacturing.models import Kind
from modules.manufacturing.plant import work_centres
from modules.manufacturing.standing import Place, Snapshot

AHEAD = timedelta(weeks=3)
AREA = "kilns"


@dataclass(frozen=True, slots=True)
class Load:
    """How full a kiln is in a span of time: in use is what it holds times how long it fires, open is all it
    could hold times how long it could fire (its calendar without standstills). Both count in the kiln's own
    unit times minutes; `lit` counts all it could hold while it fires, whatever is in it.

    `share`, in use of open, is the kiln load: a kiln that always fires, half empty, is half loaded. A roller
    kiln holds as much as its rate while it runs; its changeovers count as open time not used.
    """

    open: int = 0
    lit: int = 0
    used: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(self.open + other.open, self.lit + other.lit, self.used + other.used)

    @property
    def share(self) -> float:
        return self.used / self.open

    @property
    def time_lit(self) -> float:
        return self.lit / self.open

    @property
    def fill(self) -> float:
        """How full it is while it fires."""
        return self.used / self.lit if self.lit else 0.0


def kiln_loads(session: Session, plant: Plant, now: Now) -> dict[str, Load]:
    """Every kiln of the plant by code, from `now` for three weeks."""
    snap = plans.snapshot(session, plant.id, now)
    span = (snap.minute_after(now.business), snap.minute_after(now.business + AHEAD))
    codes = [centre.code for centre in work_centres(session, plant.id) if centre.area == AREA]
    return {code: load_of(snap, snap.floor.centres[code], span) for code in codes}


def load_of(snap: Snapshot, centre: Centre, span: tuple[int, int]) -> Load:
    """One kiln's load between two minutes of the plan."""
    here = [place for place in snap.places.values() if place.assignment.resource == centre.code]
    calendar = next(r.calendar for r in snap.floor.resources() if r.id == centre.code)
    room = centre.capacity or 1
    firings = {(place.assignment.start, place.assignment.end) for place in here}
    return Load(
        room * sum(_inside(window, span) for window in calendar),
        room * sum(_inside(firing, span) for firing in firings),
        sum(_used(place, centre, span) for place in here),
    )


def _used(place: Place, centre: Centre, span: tuple[int, int]) -> int:
    size = place.operation.size if centre.kind == Kind.BATCH else 1
    return size * _inside((place.assignment.start, place.assignment.end), span)


def _inside(window: tuple[int, int], span: tuple[int, int]) -> int:
    return max(0, min(window[1], span[1]) - max(window[0], span[0]))
