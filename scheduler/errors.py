"""What can go wrong, each naming the thing that is wrong."""

from __future__ import annotations


class SchedulerError(ValueError):
    """Anything this library refuses; its text is one sentence a person can act on."""


class ProblemError(SchedulerError):
    """The problem contradicts itself: `where` names the resource, job or operation."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class Unsolvable(ProblemError):
    """No plan exists, or none inside the calendars: `operation` has no place, for `reason`."""

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(f"operation {operation}", reason)
        self.operation = operation


class FormatError(SchedulerError):
    """A file that is not what it claims to be."""


class Conflict(SchedulerError):
    """A place in the timetable that is not free."""


class Rejected(SchedulerError):
    """A plan that the verifier refused; it is never handed out."""
