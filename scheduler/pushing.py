"""Right-shift repair: everything keeps its order and begins later only where it has to.

Where one operation comes late on a busy resource, a plain repair sends it behind everything that is planned
there; pushing lets it go first and the others follow a little later, within the slack that they have.
(Abumaizar and Svestka, Rescheduling job shops under random disruptions, 1997, call it right-shift.)
"""

from __future__ import annotations

from dataclasses import replace

from scheduler.errors import Unsolvable
from scheduler.mending import Mending
from scheduler.model import Job, Operation


class Pushing(Mending):
    """A mending that keeps the order of the old plan instead of its places."""

    def keep(self) -> None:
        """Place all that has not started in the order of its old start, not before that start."""
        where = {op.id: (job, k) for job in self.source.jobs for k, op in enumerate(job.operations)}
        for place in sorted(self.old.values(), key=lambda a: (a.start, a.operation)):
            if place.operation not in self.timetable:
                self._push(*where[place.operation])

    def _push(self, job: Job, k: int) -> None:
        """Operation k, and those that a largest lag ties to it, as soon as they may; else left for later."""
        if k and job.operations[k - 1].id not in self.timetable:
            return
        ready, deadline = self.after(job, k)
        try:
            self.timetable.insert(self._tied(job, k), ready, deadline)
        except Unsolvable:
            return

    def _tied(self, job: Job, k: int) -> list[Operation]:
        found = [self._not_before_old(job.operations[k])]
        while job.operations[k].max_lag is not None and k + 1 < len(job.operations):
            k += 1
            if job.operations[k].id in self.timetable:
                break
            found.append(self._not_before_old(job.operations[k]))
        return found

    def _not_before_old(self, op: Operation) -> Operation:
        old = self.old.get(op.id)
        return op if old is None else replace(op, release=max(op.release, old.start))
