"""What a book offers a new order, and what would make that earlier."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from scheduler.model import Assignment, Job
from scheduler.promising import Hinge


@dataclass(frozen=True, slots=True)
class Offer:
    """What a new order could have: its places and when it is done, and what it hinges on, biggest first.

    `displaced`: operations of others that would move, and where to. `opens`: firings that would be lit for
    it. `version`: of the book when it was asked.
    """

    jobs: tuple[Job, ...]
    assignments: tuple[Assignment, ...]
    completion: int
    hinges_on: tuple[Hinge, ...]
    opens: int
    version: int
    displaced: dict[str, Assignment] = field(default_factory=dict)
    counts_on: dict[str, Assignment] = field(default_factory=dict)
    """Where those operations must still stand."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What would make an offer earlier: `how` and of what, and when it would be done then.

    how: "displace" (others move within their promises), or "release" (material or order there at once; the
    id of the job or operation).
    """

    how: str
    id: str
    completion: int


def promised_in(job: Job, offer: Offer) -> Job:
    return replace(job, promised=offer.completion if job.promised is None else job.promised)


def released_at(job: Job, name: str, moment: int) -> Job:
    """The job as if what is named were there at that moment."""
    operations = tuple(
        replace(op, release=min(op.release, moment)) if op.id == name else op for op in job.operations
    )
    release = min(job.release, moment) if job.id == name else job.release
    return replace(job, release=release, operations=operations)
