"""The board as a page of its own: zoom levels, names that stay in sight, late jobs beside it.

It loads nothing; without script it still shows the whole plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from scheduler.drawing import board
from scheduler.drawing.beside import SIDE, late_list, status_sign
from scheduler.drawing.legend import families, signs
from scheduler.drawing.levels import Level, levels
from scheduler.drawing.look import DEFS, DRAWING, TOKENS, static
from scheduler.drawing.picture import NAMES
from scheduler.drawing.summary import Summary, summary_of
from scheduler.drawing.svg import num, tag, text_of
from scheduler.drawing.view import View

MOST_TOLD = 150_000
"""With more runs than this nothing answers the pointer; the file would be too large."""


def page(view: View, width: float) -> str:
    """The whole page as HTML."""
    summary = summary_of(view)
    aside = "".join(late_list(view, summary))
    zooms = levels(view, width - 40 - NAMES - (SIDE if aside else 0))
    body = (
        f'<svg width="0" height="0" class="defs" aria-hidden="true">{DEFS}</svg>',
        _header(summary),
        f'<main class="{"two" if aside else "one"}"><section>',
        *_zoom_bar(view, zooms),
        *_boards(view, zooms, summary),
        _families(view),
        f'</section>{aside}</main><div id="tip" role="status" hidden></div>',
        f'<script type="application/json" id="runs">{_runs(view)}</script>',
        tag("script", static("page.js")),
    )
    return _document(summary.title, "".join(body))


def _document(title: str, body: str) -> str:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
        tag("title", text_of(title)),
        tag("style", TOKENS + DRAWING + static("page.css")),
    )
    return f'<!doctype html><html lang="en"><head>{"".join(head)}</head><body>{body}</body></html>\n'


def _header(summary: Summary) -> str:
    sign = status_sign("late" if summary.late or summary.wrong else "kept")
    wrong = f'<p class="wrong">{status_sign("late")}{text_of(summary.wrong)}</p>' if summary.wrong else ""
    return (
        f"<header><h1>{sign}{text_of(summary.title)}</h1><p>{text_of(summary.sentence)}</p>{wrong}</header>"
    )


# ---- the board ----


def _zoom_bar(view: View, zooms: list[Level]) -> Iterator[str]:
    """The levels to choose from, and the legend."""
    yield '<div class="tools">'
    if len(zooms) > 1:
        buttons = "".join(_button(k, level.name) for k, level in enumerate(zooms))
        yield f'<div class="zoom" role="radiogroup" aria-label="Zoom">{buttons}</div>'
    yield f'<div class="legend">{"".join(_entry(*entry) for entry in signs(view))}</div></div>'


def _button(k: int, name: str) -> str:
    box = tag("input", type="radio", name="zoom", value=k, checked=None if k else "checked")
    return f"<label>{box}<span>{name}</span></label>"


def _entry(sign: str, text: str) -> str:
    return f"<span>{tag('svg', sign, viewBox='0 0 20 14', width=20, height=14)}{text_of(text)}</span>"


def _boards(view: View, zooms: list[Level], summary: Summary) -> Iterator[str]:
    """A scrolling box: corner and names stay at the left, axis and loads at the top."""
    head = board.head_height(view)
    corner = "".join(board.head_names(view, NAMES))
    yield f'<div class="board" tabindex="0" aria-label="{text_of(summary.title)}">'
    yield _drawing("corner", NAMES, head, corner)
    for k, level in enumerate(zooms):
        yield _drawing(f"axis z{k}", level.scale.width, head, "".join(board.head(view, level.scale)), k)
    yield _drawing("names", NAMES, view.height + 1, "".join(board.names(view, NAMES)))
    for k, level in enumerate(zooms):
        content = "".join(board.rows(view, level.scale)) + '<g class="picks"></g>'
        yield _drawing(f"rows z{k}", level.scale.width, view.height + 1, content, k)
    yield "</div>"


def _drawing(class_: str, width: float, height: float, content: str, level: int = 0) -> str:
    view_box = f"0 0 {num(width)} {num(height)}"
    size = {"width": float(width), "height": float(height), "viewBox": view_box}
    return tag("svg", content, class_=class_, **size, hidden="hidden" if level else None) + "\n"


def _families(view: View) -> str:
    groups = [
        f"<div><dt>{text_of(name)}</dt><dd>{''.join(_entry(*entry) for entry in entries)}</dd></div>"
        for name, entries in families(view)
    ]
    return f'<dl class="families">{"".join(groups)}</dl>' if groups else ""


# ---- what the pointer asks for ----


def _runs(view: View) -> str:
    """Rows with their tops, and on each the runs as start, end, operation, job number."""
    told = sum(len(stays) for stays in view.plan.stays.values()) <= MOST_TOLD
    numbers = {job.id: n for n, job in enumerate(view.problem.jobs)}
    zero = int(view.calendar.zero.timestamp() // 60) + int(_offset(view))
    data = {
        "start": view.start,
        "end": view.end,
        "zero": zero if view.calendar.dated else None,
        "tops": [round(row.top, 1) for row in view.rows] + [round(view.height, 1)],
        "names": [row.resource.id for row in view.rows],
        "jobs": [[job.id, view.late.get(job.id, 0)] for job in view.problem.jobs] if told else [],
        "runs": [_told(view, row.resource.id, numbers) for row in view.rows] if told else [],
    }
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _offset(view: View) -> float:
    offset = view.calendar.zero.utcoffset()
    return offset.total_seconds() // 60 if offset else 0


def _told(view: View, resource: str, numbers: dict[str, int]) -> list[int | str]:
    flat: list[int | str] = []
    for stay in view.plan.stays[resource]:
        if stay.start < view.end and stay.end > view.start:
            flat += [stay.start, stay.end, stay.name, numbers[stay.job.id] if stay.job else -1]
    return flat
