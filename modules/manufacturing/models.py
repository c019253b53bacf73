"""The module's tables. Instants are business time unless said otherwise; the plan counts minutes from its
origin.

A `JobOrder` is an operation's place in the plan, from the quote's hold until long after it is done. Every
change of a place carries the plan's version at which it happened, so that a process that knows the plan at
version V reads `changed > V` and is up to date.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from cosmo.columns import DecimalText, Json, UtcDateTime
from cosmo.ids import new_id


class Kind(StrEnum):
    """One job at a time; many in one firing; sizes add up."""

    MACHINE = "machine"
    BATCH = "batch"
    POOL = "pool"


class State(StrEnum):
    """Where a job order stands. Held and firm have a place ahead; released ones have none any more."""

    HELD = "held"
    FIRM = "firm"
    RUNNING = "running"
    DONE = "done"
    SCRAPPED = "scrapped"
    RELEASED = "released"


AHEAD = (State.HELD, State.FIRM)
"""Not started: what a plan may still move."""
STANDING = (State.HELD, State.FIRM, State.RUNNING, State.DONE)
"""What occupies its place."""


class WorkCentre(SQLModel, table=True):
    """A machine, a batch resource or a pool of one plant.

    `shifts`: weekly working time in plant-local time, `[weekday 0-6, "06:00", "22:00"]`; an end at or before
    the start is on the next day; no shifts at all means round the clock. `capacity` counts `unit`.
    `firings`: recipe -> `{"name": Names, "curve": [[minute, degrees C], ...], "fire_minutes": n}`, minutes
    after lighting. `done`: what a finished operation is called to the customer ("Formed").
    """

    __tablename__ = "manufacturing_work_centre"
    __table_args__ = (UniqueConstraint("plant_id", "code"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    code: str
    name: dict[str, str] = Field(sa_type=Json)
    done: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    kind: str = Kind.MACHINE
    area: str = ""
    """Work centres of one area share a line of the load strip ("kilns")."""
    capacity: int | None = None
    unit: str = "pcs"
    setup: str | None = None
    shifts: list[list[Any]] = Field(default_factory=list, sa_type=Json)
    cost_rate: Decimal = Field(default=Decimal(0), sa_type=DecimalText)
    """An hour, in the plant's currency."""
    firings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    hazards: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What goes wrong how often, for simulation: `breakdowns_a_week`, `repair_minutes`."""
    note: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """A tip that every operator here should see."""
    rank: int = 50


class SetupMatrix(SQLModel, table=True):
    """Minutes between consecutive families on the work centres that name it; what it does is `name`."""

    __tablename__ = "manufacturing_setup_matrix"

    plant_id: str = Field(foreign_key="cosmo_plant.id", primary_key=True)
    code: str = Field(primary_key=True)
    name: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    families: list[str] = Field(sa_type=Json)
    minutes: list[list[int]] = Field(sa_type=Json)


class Downtime(SQLModel, table=True):
    """A window without capacity: a breakdown or maintenance."""

    __tablename__ = "manufacturing_downtime"

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    resource: str
    start: datetime = Field(sa_type=UtcDateTime)
    end: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    planned: bool = False
    reported_by: str = ""
    reported_at: datetime = Field(sa_type=UtcDateTime)


class Plan(SQLModel, table=True):
    """One plant's plan. `version` grows with every change of a place and is what takers compare and set.

    `number`, `published_at`, `verified`, `objective` (weighted minutes late) tell of the last whole plan that
    was verified and published; `dispatch_objective` is what rules alone reached for it.
    """

    __tablename__ = "manufacturing_plan"

    plant_id: str = Field(foreign_key="cosmo_plant.id", primary_key=True)
    origin: datetime = Field(sa_type=UtcDateTime)
    version: int = 0
    calendar_version: int = 0
    """Grows when calendars, capacities or setups change: then a timetable is made anew."""
    number: int = 0
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    verified: bool = False
    objective: int = 0
    dispatch_objective: int | None = None
    solved_version: int = -1
    """Version that the last solver run looked at."""
    repair: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The last repair in figures, for the planner's banner."""


class ProductionOrder(SQLModel, table=True):
    """One lot of an order: at most one load of the smallest batch resource on its route."""

    __tablename__ = "manufacturing_production_order"
    __table_args__ = (UniqueConstraint("order_id", "lot"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id")
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    lot: int
    start_pieces: int
    good_pieces: int | None = None
    """Counted after the last operation that is done."""
    scrapped: int = 0
    shade_lot: str = "A"
    state: str = State.FIRM


class JobOrder(SQLModel, table=True):
    """One operation of one lot with its place; `start`, `end`, `ready` are minutes after the origin."""

    __tablename__ = "manufacturing_job_order"
    __table_args__ = (
        Index("ix_manufacturing_job_order_changed", "plant_id", "changed"),
        Index("ix_manufacturing_job_order_state", "plant_id", "state", "start"),
        Index("ix_manufacturing_job_order_resource", "plant_id", "resource", "start"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id")
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    lot: int
    position: int
    code: str
    name: dict[str, str] = Field(sa_type=Json)
    modes: list[list[Any]] = Field(sa_type=Json)
    """[[work centre code, minutes], ...]"""
    family: str | None = None
    pieces: int
    size: int
    min_lag: int = 0
    max_lag: int | None = None
    ready: int = 0
    """Not before this minute, because of material or a wish."""
    last: bool = False
    """The last operation of its lot."""

    resource: str
    start: int
    end: int
    changed: int
    was_resource: str | None = None
    was_start: int | None = None
    """Where it was before the last repair moved it."""
    moved_in: int = 0
    """Number of the plan that moved it there."""

    state: str = State.FIRM
    hold_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Wall time."""
    guest: bool = False
    actual_start: datetime | None = Field(default=None, sa_type=UtcDateTime)
    actual_end: datetime | None = Field(default=None, sa_type=UtcDateTime)
    good: int | None = None
    scrap: int = 0
    scrap_reason: str = ""
    done_by: str = ""
    """Account that started and finished it."""
    issued: bool = False
    """Its material has been taken out of stock."""


class Scan(SQLModel, table=True):
    """One act on the floor, kept so that a repeated one is answered again and the last one can be undone."""

    __tablename__ = "manufacturing_scan"
    __table_args__ = (
        UniqueConstraint("plant_id", "client_id"),
        Index("ix_manufacturing_scan_resource", "plant_id", "resource", "number"),
    )

    number: int | None = Field(default=None, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id")
    client_id: str
    fingerprint: str
    resource: str = ""
    action: str
    target: str = ""
    """The job or firing it named."""
    account_id: str
    event_time: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    """Wall time."""
    jobs: list[str] = Field(default_factory=list, sa_type=Json)
    before: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """The jobs' own fields before the act."""
    result: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Asked(StrEnum):
    """How a question about a shortfall stands: open, answered in one of three ways, or settled without."""

    OPEN = "open"
    SECOND_SHADE = "second_shade"
    FEWER = "fewer"
    REMAKE = "remake"
    COVERED = "covered"
    """Later counts made up for it."""
    CLEARED = "cleared"
    """The order was cancelled."""


class Shortfall(SQLModel, table=True):
    """A question to a customer who wants one shade lot: pieces are missing, how do we go on?

    About `pieces` come if she takes fewer; the days are those told when asked. An order has at most one that
    is open.
    """

    __tablename__ = "manufacturing_shortfall"
    __table_args__ = (Index("ix_manufacturing_shortfall_open", "plant_id", "state", "until"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id")
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    state: str = Asked.OPEN
    version: int = 1
    """Grows when more is missing than was asked about."""
    owed: int
    missing: int
    pieces: int
    second_day: date
    remake_day: date
    asked_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    """Without an answer by then everything is made again."""
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: str = ""
    lot: int
    """Where the loss was counted: lot, operation, work centre, pieces and reason."""
    code: str
    resource: str
    scrap: int = 0
    reason: str = ""
