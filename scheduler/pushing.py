"""Right-shift repair: everything keeps its order and begins later only where it has to.

Where one operation comes late on a busy resource, a plain repair sends it behind everything that is planned
there; pushing lets it go first and the others follow a little later, within the slack that they have.
(Abumaizar and Svestka, Rescheduling job shops under random disruptions, 1997, call it right-shift.)
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from scheduler.mending import Mending
from scheduler.model import Job


class Pushing(Mending):
    """A mending that keeps the order of the old plan instead of its places."""

    def stand(self, bound: Sequence[Job]) -> None:
        """What facts bind first; then all others have their turns."""
        for job in bound:
            self.place_bound(job)
        self.keep()

    def keep(self, besides: Container[str] = ()) -> None:
        """Place all that has not started in the order of its old start, not before that start."""
        of = {op.id: (job, op) for job in self.source.jobs for op in job.operations}
        turns = []
        for place in sorted(self.old.values(), key=lambda a: (a.start, a.operation)):
            if place.operation not in self.timetable and place.operation not in besides:
                job, op = of[place.operation]
                turns.append((op, job.release, max(op.release, place.start)))
        longest = max((len(job.operations) for job in self.source.jobs), default=0)
        self.timetable.push(turns, longest, self.wider)
