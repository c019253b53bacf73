"""The planner's board: days, loads and rows for `parts/plan.html`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cosmo import formats
from cosmo.i18n import N_, gettext
from modules.manufacturing.blocks import moves_of, row_of
from modules.manufacturing.models import JobOrder, Kind, WorkCentre
from modules.manufacturing.times import minute_of, open_minutes
from modules.manufacturing.view import View, tick


def board(view: View) -> dict[str, Any]:
    """The `board` of the composition."""
    title = gettext(
        view.locale, N_("Plan by resource, {start} to {end}"),
        start=formats.day(view.window.start.date(), view.locale),
        end=formats.day((view.window.end - timedelta(hours=1)).date(), view.locale),
    )  # fmt: skip
    return {
        "title": title,
        "days": _days(view),
        "loads": _loads(view),
        "rows": [row_of(view, centre) for centre in view.centres.values()],
        "moves": moves_of(view),
        "now": {
            "x": view.window.x(view.now.business),
            "label": formats.clock(view.now.business, view.locale, view.plant.timezone),
        },
        "wide": view.window.days > 7,
    }


def _days(view: View) -> list[dict[str, Any]]:
    zone = view.window.start.tzinfo
    if view.window.days == 1:
        marks = [view.window.start + timedelta(hours=3 * k) for k in range(8)]
        return [
            view.window.span(at, at + timedelta(hours=3)) | {"label": f"{at.astimezone(zone):%H:%M}"}
            for at in marks
        ]
    marks = [view.window.start + timedelta(days=k) for k in range(view.window.days)]
    return [
        view.window.span(at, at + timedelta(days=1))
        | {"label": tick(at.date(), view.locale), "closed": _closed(view, at)}
        for at in marks
    ]


def _closed(view: View, at: datetime) -> bool:
    """A day on which no work centre with shifts works."""
    bounds = (minute_of(view.plan.origin, at), minute_of(view.plan.origin, at + timedelta(days=1)))
    shifted = [c for c in view.floor.centres.values() if not c.round_the_clock]
    return bool(shifted) and not any(open_minutes(c.calendar, bounds) for c in shifted)


def _loads(view: View) -> list[dict[str, Any]]:
    """How busy each area is, in half days (or eighths of one day)."""
    areas: dict[str, list[WorkCentre]] = {}
    for centre in view.centres.values():
        if centre.kind != Kind.POOL:
            areas.setdefault(centre.area, []).append(centre)
    busy = sorted(areas, key=lambda a: -sum(_minutes(view, row) for row, _ in view.rows
                                            if view.centres[row.resource].area == a))[:4]  # fmt: skip
    return [
        {
            "label": gettext(view.locale, N_("{area} load"), area=gettext(view.locale, area).capitalize()),
            "cells": _cells(view, areas[area]),
        }
        for area in areas
        if area in busy
    ]


def _minutes(view: View, row: JobOrder) -> float:
    centre = view.centres[row.resource]
    share = row.size / (centre.capacity or 1) if centre.kind == Kind.BATCH else 1.0
    return share * (row.end - row.start)


def _cells(view: View, centres: Sequence[WorkCentre]) -> list[dict[str, Any]]:
    step = timedelta(hours=3) if view.window.days == 1 else timedelta(hours=12)
    if view.window.days > 7:
        step = timedelta(days=1)
    codes = {c.code for c in centres}
    rows = [row for row, _ in view.rows if row.resource in codes]
    found, at = [], view.window.start
    while at < view.window.end:
        percent = _percent(view, codes, rows, at, at + step)
        found.append(view.window.span(at, at + step) | {"percent": percent})
        at += step
    return found


def _percent(view: View, codes: set[str], rows: Sequence[JobOrder], start: datetime, end: datetime) -> int:
    bounds = (minute_of(view.plan.origin, start), minute_of(view.plan.origin, end))
    known = view.floor.centres
    room = sum(open_minutes(known[code].calendar, bounds) for code in codes if code in known)
    taken = 0.0
    for row in rows:
        inside = min(row.end, bounds[1]) - max(row.start, bounds[0])
        if inside > 0:
            taken += _minutes(view, row) * inside / (row.end - row.start)
    return round(100 * taken / room) if room else 0
