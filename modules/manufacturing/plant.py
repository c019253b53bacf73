"""Setting up a plant: its work centres, their setups, their shifts; for seeds and administration."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Invalid, NotFound
from cosmo.i18n import N_, Sentence
from cosmo.spec import Names
from modules.manufacturing import plan as plans
from modules.manufacturing.models import Kind, SetupMatrix, WorkCentre


def add_work_centre(
    session: Session, plant_id: str, code: str, name: Names, now: Now, *, kind: str = Kind.MACHINE,
    capacity: int | None = None, unit: str = "pcs", setup: str | None = None,
    shifts: Sequence[Sequence[Any]] = (), area: str = "", done: Names | None = None,
    cost_rate: Decimal = Decimal(0), firings: Mapping[str, Any] | None = None,
    hazards: Mapping[str, Any] | None = None, note: Names | None = None, rank: int = 50,
) -> WorkCentre:
    """A new work centre (see `models.WorkCentre`); the plant gets its plan with the first one."""
    if kind != Kind.MACHINE and not capacity:
        raise Invalid(f"Work centre {code} is a {kind}; say how much it holds.")
    plans.open_plan(session, plant_id, now)
    row = WorkCentre(
        plant_id=plant_id, code=code, name=dict(name), kind=kind, capacity=capacity, unit=unit, setup=setup,
        shifts=[list(s) for s in shifts], area=area or code, done=dict(done or {}), cost_rate=cost_rate,
        firings=dict(firings or {}), hazards=dict(hazards or {}), note=dict(note or {}), rank=rank,
    )
    session.add(row)
    session.flush()
    plans.recalendar(session, plant_id)
    return row


def set_setups(
    session: Session, plant_id: str, code: str, families: Sequence[str], minutes: Sequence[Sequence[int]],
    *, name: Names | None = None,
) -> SetupMatrix:
    """Make or replace a setup matrix: `minutes[i][j]` between an operation of families[i] and one of [j]."""
    if len(set(families)) != len(families) or any(len(row) != len(families) for row in minutes):
        raise Invalid(f"Setup matrix {code} needs {len(families)} different families and as many columns.")
    if len(minutes) != len(families) or any(m < 0 for row in minutes for m in row):
        raise Invalid(f"Setup matrix {code} needs {len(families)} rows of minutes, none below zero.")
    row = SetupMatrix(
        plant_id=plant_id, code=code, name=dict(name or {}), families=list(families),
        minutes=[list(line) for line in minutes],
    )
    return session.merge(row)


def work_centres(session: Session, plant_id: str) -> list[WorkCentre]:
    """In the order in which the plant shows them."""
    query = select(WorkCentre).where(WorkCentre.plant_id == plant_id)
    return list(session.exec(query.order_by(col(WorkCentre.rank), col(WorkCentre.code))))


def work_centre(session: Session, plant_id: str, code: str) -> WorkCentre:
    """Raises `NotFound`."""
    query = select(WorkCentre).where(WorkCentre.plant_id == plant_id, WorkCentre.code == code)
    found = session.exec(query).one_or_none()
    if found is None:
        unknown = N_("This plant has no work centre {code}. Choose one of the list.")
        raise NotFound(Sentence(unknown, code=code))
    return found
