"""One plant's work centres as the scheduler knows them: calendars without downtime, setups, capacities."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from cosmo.parties import Plant
from cosmo.spec import Names
from modules.manufacturing.models import Downtime, Kind, SetupMatrix, WorkCentre
from modules.manufacturing.times import Window, instant, minute_after, minute_of, windows, without
from scheduler import model


@dataclass(frozen=True, slots=True)
class Centre:
    """A work centre's facts, free of any session."""

    code: str
    name: Names
    done: Names
    kind: str
    area: str
    capacity: int | None
    unit: str
    setup: str | None
    firings: Mapping[str, Any]
    calendar: tuple[Window, ...]
    round_the_clock: bool

    @property
    def longest_window(self) -> int:
        return max((b - a for a, b in self.calendar), default=0)

    def recipe_name(self, family: str | None) -> Names | None:
        """What a firing of this recipe is called, if the plant has named it."""
        known = self.firings.get(family or "")
        name: Names | None = known.get("name") if known else None
        return name


@dataclass(frozen=True, slots=True)
class Floor:
    """All work centres of a plant over a span of minutes, and the setup matrices they name."""

    centres: Mapping[str, Centre]
    setups: Mapping[str, model.SetupMatrix]

    def resources(self) -> tuple[model.Resource, ...]:
        return tuple(
            model.Resource(c.code, _kind(c.kind), c.calendar, c.capacity, c.setup)
            for c in self.centres.values()
        )

    def knows(self, family: str | None, resources: Iterable[str]) -> bool:
        """Whether every setup matrix on these work centres has the family."""
        named = {self.centres[r].setup for r in resources if r in self.centres}
        return all(family in self.setups[s].families for s in named if s is not None)


def floor_of(
    session: Session, plant_id: str, origin: datetime, span: Window, families: Mapping[str, set[str]]
) -> Floor:
    """The plant's floor. `families`: those in use by work centre code; a matrix that lacks one gets it."""
    plant = session.get_one(Plant, plant_id)
    query = select(WorkCentre).where(WorkCentre.plant_id == plant_id)
    rows = list(session.exec(query.order_by(col(WorkCentre.rank), col(WorkCentre.code))))
    holes = _holes(session, plant_id, origin, span)
    centres = {row.code: _centre(row, plant, origin, span, holes.get(row.code, [])) for row in rows}
    matrices = session.exec(select(SetupMatrix).where(SetupMatrix.plant_id == plant_id))
    setups = {m.code: _matrix(m, _strange(m, rows, families), _batch(m, rows)) for m in matrices}
    missing = [c.code for c in centres.values() if c.setup is not None and c.setup not in setups]
    if missing:
        raise ValueError(f"work centres {missing} name a setup matrix that is not there")
    return Floor(centres, setups)


def _kind(kind: str) -> model.Kind:
    match kind:
        case Kind.BATCH:
            return "batch"
        case Kind.POOL:
            return "pool"
    return "machine"


def _holes(session: Session, plant_id: str, origin: datetime, span: Window) -> dict[str, list[Window]]:
    query = select(Downtime).where(
        Downtime.plant_id == plant_id, col(Downtime.end) > instant(origin, span[0])
    )
    found: dict[str, list[Window]] = {}
    for row in session.exec(query):
        hole = (minute_of(origin, row.start), minute_after(origin, row.end))
        found.setdefault(row.resource, []).append(hole)
    return found


def _centre(row: WorkCentre, plant: Plant, origin: datetime, span: Window, holes: list[Window]) -> Centre:
    calendar = without(windows(row.shifts, plant.timezone, origin, span), holes)
    return Centre(
        row.code, row.name, row.done, row.kind, row.area, row.capacity, row.unit, row.setup, row.firings,
        calendar, not row.shifts,
    )  # fmt: skip


def _batch(matrix: SetupMatrix, rows: list[WorkCentre]) -> bool:
    return any(row.setup == matrix.code and row.kind == Kind.BATCH for row in rows)


def _strange(matrix: SetupMatrix, rows: list[WorkCentre], families: Mapping[str, set[str]]) -> list[str]:
    """Families in use on this matrix's work centres that it does not list."""
    used = set[str]().union(*(families.get(row.code, set()) for row in rows if row.setup == matrix.code))
    return sorted(used - set(matrix.families))


def _matrix(row: SetupMatrix, strange: list[str], batch: bool) -> model.SetupMatrix:
    """The matrix with unlisted families added: the longest changeover known, as nothing better is."""
    worst = max((m for line in row.minutes for m in line), default=0)
    count = len(row.families)
    lines = [(*line, *[worst] * len(strange)) for line in row.minutes]
    for k in range(len(strange)):
        line = [worst] * (count + len(strange))
        line[count + k] = worst if batch else 0
        lines.append(tuple(line))
    return model.SetupMatrix((*row.families, *strange), tuple(lines))
