"""Operations attribute by attribute, for passes over all of them at once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import count, repeat

from scheduler.model import Amount, Job, Operation


@dataclass(slots=True)
class Columns:
    """Row k is operation k. `kinds`: the first row of the same modes, the same ones, and the same family."""

    operations: Sequence[Operation]
    ids: list[str]
    kinds: list[int]
    sizes: list[Amount]
    min_lags: list[int]
    max_lags: list[int | None]
    releases: list[int]
    pauses: list[bool]

    def unlike(self, facts: Container[str] = ()) -> Iterable[Operation]:
        """One operation of each sort: those of one sort differ in their ids only, and are all facts or all
        none."""
        fixed = map(facts.__contains__, self.ids) if facts else repeat(False)
        sorts = zip(
            self.kinds, self.sizes, self.min_lags, self.max_lags, self.releases, self.pauses, fixed,
            strict=False,
        )  # fmt: skip
        return dict(zip(sorts, self.operations, strict=True)).values()


def columns_of(ops: Sequence[Operation]) -> Columns:
    """The columns of these operations."""
    alike = zip(map(id, [op.modes for op in ops]), [op.family for op in ops], strict=True)
    first: dict[tuple[int, str | None], int] = {}
    return Columns(
        ops,
        [op.id for op in ops],
        list(map(first.setdefault, alike, count())),
        [op.size for op in ops],
        [op.min_lag for op in ops],
        [op.max_lag for op in ops],
        [op.release for op in ops],
        [op.may_pause for op in ops],
    )


def columns_of_jobs(jobs: Iterable[Job]) -> Columns:
    """The columns of all operations of these jobs, one job after the other."""
    return columns_of([op for job in jobs for op in job.operations])
