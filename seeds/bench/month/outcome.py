"""What became of each customer under one policy."""

from dataclasses import dataclass, field

from scheduler.model import Assignment, Job
from seeds.bench.month.planning import Counts


@dataclass(slots=True)
class Outcome:
    """One customer: promised for the carrier's call at minute `promised`, planned for `planned` and `buffer`
    minutes; gone if not `taken`.

    `half`, `most`: by when half and nine of ten such orders were said to be done; None where that was not
    said. `moved`: how often a later date had to be told, first because of `why`. `ended`: when all was done.
    """

    id: str
    family: str
    at: int
    promised: int
    planned: int
    buffer: int = 0
    taken: bool = True
    half: int | None = None
    most: int | None = None
    moved: int = 0
    why: str = ""
    ended: int | None = None
    remade: int = 0
    limit: int = field(init=False)
    """The last date told."""

    def __post_init__(self) -> None:
        self.limit = self.promised

    @property
    def room(self) -> int:
        """Minutes after the planned end within which the promise is kept."""
        return self.promised - self.planned

    @property
    def safe(self) -> int:
        """Minutes from asking to the end that was reckoned with, before the carrier's call."""
        return self.planned + self.buffer - self.at

    @property
    def kept(self) -> bool:
        """Done by the first date it was promised for, which never moved."""
        return self.taken and not self.moved and self.ended is not None and self.ended <= self.promised

    @property
    def lead(self) -> int:
        """Minutes from asking to the promise."""
        return self.promised - self.at


@dataclass(slots=True)
class Run:
    """One policy's two months: what it told whom, and what was really done where and when.

    `jobs`: every lot with the minutes and sizes it really took, released when its order came in; `real`:
    where its operations were.
    """

    policy: str
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    real: dict[str, Assignment] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)


def order_of(job_id: str) -> str:
    """The order whose lot a job is."""
    return job_id.partition("/")[0]
