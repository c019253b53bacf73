"""What comes in and goes out over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

MOST_PIECES = 10_000_000
Count = Annotated[int, Field(ge=0, le=MOST_PIECES)]
Text = Annotated[str, Field(max_length=200)]


def _of_this_age(at: datetime) -> datetime:
    if not 2000 <= at.year <= 2200:
        raise ValueError("Name a day between the years 2000 and 2200.")
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_of_this_age)]
Ident = Annotated[str, Field(min_length=1, max_length=80)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScanIn(In):
    """One act on the floor. Name a `job` or a `firing`; `client_id` makes a repeated scan harmless.

    `event_time` is when it happened (business time), now if left out. For a firing, `scrap_by_job` counts
    what each job lost; `good` and `scrap` are for single jobs. `members` are the jobs that were seen in a
    firing when it was lit: by them it is found if it has been planned anew since.
    """

    client_id: Ident
    action: Literal["start", "finish", "scrap"]
    job: Ident | None = None
    firing: Ident | None = None
    members: list[Ident] = Field(default_factory=list, max_length=500)
    event_time: Instant | None = None
    good: Count | None = None
    scrap: Count | None = None
    scrap_reason: Text = ""
    scrap_by_job: dict[Ident, Count] = Field(default_factory=dict, max_length=500)

    @model_validator(mode="after")
    def _one_target(self) -> "ScanIn":
        if (self.job is None) == (self.firing is None):
            raise ValueError("Name either a job or a firing.")
        if self.action == "scrap" and (self.job is None or not self.scrap):
            raise ValueError("To count scrap, name a job and how many pieces.")
        return self

    @property
    def target(self) -> str:
        return self.job or self.firing or ""


class ScansIn(In):
    """`plant` says at which of one's plants all of it happened; a firing needs it where two have one of that
    name, a job never does."""

    plant: Ident | None = None
    scans: list[ScanIn] = Field(min_length=1, max_length=500)


class ScanError(BaseModel):
    type: str
    title: str
    detail: str


class ScanOut(BaseModel):
    """`firing`: the run's reference from now on. `replayed`: it had been sent before; this is its answer."""

    client_id: str
    ok: bool
    replayed: bool = False
    jobs: list[str] = []
    firing: str | None = None
    error: ScanError | None = None


class ScansOut(BaseModel):
    results: list[ScanOut]


class DisruptionIn(In):
    """A work centre stands still: from `start` (now) until `end`, or for `minutes`."""

    resource: Ident
    start: Instant | None = None
    end: Instant | None = None
    minutes: Annotated[int, Field(ge=1, le=60 * 24 * 60)] | None = None
    reason: Text = ""

    @model_validator(mode="after")
    def _one_end(self) -> "DisruptionIn":
        if (self.end is None) == (self.minutes is None):
            raise ValueError("Say either when it ends or how many minutes it lasts.")
        return self


class RepairOut(BaseModel):
    """What a rewritten plan changed. `at_risk` would have been late, had the work simply waited."""

    plan: int
    version: int
    published: bool
    moved: int
    orders: list[str] = []
    at_risk: int = 0
    kept: int = 0
    broken: list[str] = []
    objective: int = 0
    objective_before: int | None = None
    objective_by_rules: int | None = None
    seconds: float = 0.0


class DisruptionOut(BaseModel):
    id: str
    resource: str
    start: datetime
    end: datetime
    reason: str
    repair: RepairOut


class WorkCentreOut(BaseModel):
    code: str
    name: dict[str, str]
    kind: str
    capacity: int | None
    unit: str
    setup: str | None
    area: str
    shifts: list[list[Any]]
    hazards: dict[str, Any] = {}


class JobOut(BaseModel):
    """One operation's place. Times are business time."""

    id: str
    order_id: str
    order: str | None
    lot: int
    operation: str
    name: dict[str, str]
    resource: str
    state: str
    start: datetime
    end: datetime
    pieces: int
    size: int
    family: str | None
    firing: str | None = None
    position: int = 0
    actual_start: datetime | None = None
    actual_end: datetime | None = None
    good: int | None = None
    scrap: int = 0


class QueueJobOut(JobOut):
    """`startable`: nothing hinders its start but time; otherwise `why` says what does."""

    startable: bool
    why: str = ""


class QueueOut(BaseModel):
    work_center: WorkCentreOut
    now: datetime
    running: list[JobOut]
    next: list[QueueJobOut]


class ScheduleOut(BaseModel):
    """`plan` counts publications, `version` changes; `objective` is weighted minutes late when published."""

    plant: str
    plan: int = 0
    version: int = 0
    published_at: datetime | None = None
    verified: bool = False
    objective: int = 0
    operations: list[JobOut] = []


class LateOut(BaseModel):
    """An open order that the plan delivers after a promise. `days` counts from the one that `against` names:
    "moved", the day last told, or "first", where it never moved or the moved day is kept.
    """

    order_id: str
    order: str | None
    against: Literal["first", "moved"]
    first_promise: str
    promised: str
    planned: str
    days: int
    ready_at: datetime
    resource: str | None = None


class AnswerIn(In):
    """How to go on with missing pieces. `version` is that of the figures the customer has read."""

    answer: Literal["second_shade", "fewer", "remake"]
    version: Annotated[int, Field(ge=1, le=1000)] | None = None


class ShortfallOut(BaseModel):
    """A question about missing pieces in one shade lot. `state`: open, second_shade, fewer, remake, covered,
    cleared. About `pieces` come, for about `credit` less, where fewer are enough; the days are as the plan
    stood when it was asked. Without an answer `until` then (business time) everything is made again.
    """

    id: str
    order_id: str
    order: str | None
    state: str
    version: int
    owed: int
    missing: int
    pieces: int
    credit: str
    currency: str
    second_day: date
    remake_day: date
    promised_date: date | None
    asked_at: datetime
    until: datetime
    answered_at: datetime | None
    stage: str
