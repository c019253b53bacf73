"""What stands beside the board on a page: the late jobs, each on its promise line."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.drawing.summary import Late, Summary
from scheduler.drawing.svg import glyph, line, num, rect, tag, text_of, words
from scheduler.drawing.view import View
from scheduler.saying import span

SIDE = 372
LINE = SIDE - 42.0
WORST = 12
"""So many late jobs are listed."""


def status_sign(name: str) -> str:
    """A glyph among words."""
    return tag("svg", glyph(name, 0, 0, 18, f"glyph glyph-{name}"), viewBox="0 0 18 18", class_="i")


def late_list(view: View, summary: Summary) -> Iterator[str]:
    """The late jobs that cost most, each with its flag and its end on one time axis."""
    if not summary.late:
        return
    worst = summary.late[:WORST]
    first, last = min(job.due for job in worst), max(job.end for job in worst)
    yield f"<aside><h2>Late <span>{len(summary.late):,} late, {summary.on_time:,} on time</span></h2><ul>"
    for job in worst:
        late = f'<span class="st">{status_sign("late")}{span(job.end - job.due)} late</span>'
        where = _promise_line(view, job, first, last)
        yield f"<li><p><b>{text_of(job.id)}</b>{late}</p>{where}</li>"
    yield "</ul>"
    if len(summary.late) > WORST:
        yield f'<p class="more">and {len(summary.late) - WORST:,} more that cost less</p>'
    yield "</aside>"


def _promise_line(view: View, job: Late, first: int, last: int) -> str:
    """A flag where it is due, a square where it ends, dots between."""
    unit = (LINE - 24) / max(last - first, 1)
    due, end = 8 + (job.due - first) * unit, 8 + (job.end - first) * unit
    label, anchor = f"due {view.calendar.moment(job.due)}", "start" if due < LINE / 2 else "end"
    content = (
        line(0, 14, LINE, 14, "rule-2")
        + line(due, 14, end, 14, "over")
        + rect(end - 5, 9, 10, 10, "endmark", 2)
        + line(due, 1, due, 27, "pole")
        + tag("path", d=f"M{num(due)} 1h8l-2.500 3 2.500 3h-8", class_="flag")
        + words(due, 38, label, "b small", anchor)
    )
    return tag("svg", content, viewBox=f"0 0 {num(LINE)} 42", aria_hidden="true")
