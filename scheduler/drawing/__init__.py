"""A plan as a picture: rows of resources under real dates, in one file that needs nothing else."""

from __future__ import annotations

from scheduler.drawing.page import page
from scheduler.drawing.picture import picture
from scheduler.drawing.view import view_of
from scheduler.errors import SchedulerError
from scheduler.model import Problem, Schedule

WIDTH = 1440


def render(
    problem: Problem,
    schedule: Schedule,
    *,
    fmt: str = "html",
    start: int | None = None,
    end: int | None = None,
    width: int = WIDTH,
) -> str:
    """The plan between minutes `start` and `end` (default: all of it) as "html" or "svg".

    The page has several zoom levels and answers the pointer; the SVG is one picture of this width. What is
    less than a pixel is drawn together. Raises SchedulerError for an empty stretch of time.
    """
    view = view_of(problem, schedule, start, end)
    if start is not None and end is not None and start >= end:
        raise SchedulerError(f"nothing lies between minutes {start} and {end}")
    if fmt == "svg":
        return picture(view, width)
    if fmt == "html":
        return page(view, width)
    raise SchedulerError(f"there is no drawing as {fmt!r}; choose html or svg")
