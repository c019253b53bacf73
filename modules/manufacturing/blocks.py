"""The board's rows: jobs, changeovers, kiln loads, pools, standstills."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from cosmo import formats
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.orders import Order
from modules.manufacturing import lists
from modules.manufacturing.lists import Firing, Row
from modules.manufacturing.models import Downtime, JobOrder, Kind, SetupMatrix, State, WorkCentre
from modules.manufacturing.times import minute_of
from modules.manufacturing.view import View


def row_of(view: View, centre: WorkCentre) -> dict[str, Any]:
    """One work centre's row."""
    mine = [(row, order) for row, order in view.rows if row.resource == centre.code]
    kind, blocks = "line", []
    if centre.kind == Kind.BATCH:
        kind = "kiln" if len(centre.firings) > 1 else "batch"
        firings = lists.firings_of(mine, view.centres, view.plan.origin)
        blocks = [_kiln(view, firing) for firing in firings]
    elif centre.kind == Kind.POOL:
        kind, blocks = "batch", _pool(view, centre, [row for row, _ in mine])
    else:
        blocks = [_job(view, row, order) for row, order in mine] + _changes(view, centre, mine)
    lost = [_lost(view, centre, still) for still in view.standstills if still.resource == centre.code]
    return {
        "label": pick(centre.name, view.locale), "note": _note(view, centre), "kind": kind,
        "blocks": [*blocks, *lost],
    }  # fmt: skip


def _note(view: View, centre: WorkCentre) -> str:
    if centre.kind != Kind.MACHINE:
        return f"{formats.number(centre.capacity or 0, view.locale)} {gettext(view.locale, centre.unit)}"
    if not centre.shifts:
        return ""
    a_day = len({tuple(s[1:]) for s in centre.shifts})
    hours = sum(_hours(s) for s in centre.shifts) / max(1, len({s[0] for s in centre.shifts}))
    shifts = max(a_day, round(hours / 8))
    return ngettext(view.locale, "{n} shift", "{n} shifts", shifts)


def _hours(shift: Sequence[Any]) -> float:
    begins, ends = (int(t[:2]) + int(t[3:5]) / 60 for t in (str(shift[1]), str(shift[2])))
    return (ends - begins) % 24 or 24


def _job(view: View, row: JobOrder, order: Order) -> dict[str, Any]:
    number = (order.number or "").rpartition("-")[2] or gettext(view.locale, N_("held"))
    label = f"{number} · {formats.number(row.pieces, view.locale)}"
    state = view.state_of(order) if row.state != State.DONE else ""
    if row.moved_in == view.moved_in and not state:
        state = "new"
    return view.window.span(view.instant(row.start), view.instant(row.end)) | {
        "id": row.id, "label": label, "short": number, "state": state, "href": f"/plant/orders/{order.id}",
        "title": f"{order.number or ''} {pick(row.name, view.locale)}, {_times(view, row)}",
    }  # fmt: skip


def _times(view: View, row: JobOrder) -> str:
    zone, today = view.plant.timezone, view.now.business
    begins, ends = (
        formats.daytime(view.instant(m), view.locale, zone, today) for m in (row.start, row.end)
    )
    return gettext(view.locale, N_("{begins} to {ends}"), begins=begins, ends=ends)


def _changes(view: View, centre: WorkCentre, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The changeovers between consecutive families."""
    matrix = view.setups.get(centre.setup or "")
    found = []
    for (before, _), (after, _) in pairwise(rows):
        minutes = setup_minutes(matrix, before.family, after.family)
        if minutes:
            span = view.window.span(view.instant(after.start - minutes), view.instant(after.start))
            title = f"{pick(matrix.name, view.locale) if matrix else ''}, {minutes} min"
            found.append(span | {"kind": "setup", "title": title})
    return found


def setup_minutes(matrix: SetupMatrix | None, before: str | None, after: str | None) -> int:
    """Minutes between two families; the longest known where the matrix lists one of them not."""
    if matrix is None or before == after:
        return 0
    if before in matrix.families and after in matrix.families:
        return matrix.minutes[matrix.families.index(before)][matrix.families.index(after)]
    return max((m for row in matrix.minutes for m in row), default=0)


def _kiln(view: View, firing: Firing) -> dict[str, Any]:
    lit = firing.start + timedelta(minutes=firing.fire_minutes)
    added = sum(row.size for row, _ in firing.members if row.moved_in == view.moved_in)
    pieces = formats.number(sum(row.pieces for row, _ in firing.members), view.locale)
    name = firing_code(firing, view.plant.timezone)
    percent = firing.percent
    return view.window.span(firing.start, firing.end) | {
        "kind": "kiln", "id": firing.reference, "percent": percent, "label": name,
        "line": f"{name} · {pieces}",
        "added": round(100 * added / (firing.centre.capacity or 1)) if added else 0,
        "title": _kiln_title(view, firing, pieces), "href": f"/plant/firings?open={firing.reference}",
        "firing": (view.window.x(firing.start) + 0.002, view.window.x(lit)),
        "cooling": (view.window.x(lit) + 0.005, view.window.x(firing.end) - 0.006),
    }  # fmt: skip


def firing_code(firing: Firing, timezone: str) -> str:
    """What the run is called on the floor: "KG1-0618"; with the hour where a kiln fires twice a day."""
    lit = firing.start.astimezone(ZoneInfo(timezone))
    short = firing.end - firing.start < timedelta(hours=16)
    return f"{firing.centre.code}-{lit:%m%d}" + (f"-{lit:%H}" if short else "")


def _kiln_title(view: View, firing: Firing, pieces: str) -> str:
    return gettext(
        view.locale, N_("{kiln}, {firing}: {percent} % full, {pieces} pieces, {times}"),
        kiln=pick(firing.centre.name, view.locale), firing=pick(firing.name, view.locale),
        percent=firing.percent, pieces=pieces, times=_times(view, firing.members[0][0]),
    )  # fmt: skip


def _pool(view: View, centre: WorkCentre, rows: Sequence[JobOrder]) -> list[dict[str, Any]]:
    """A pool holds many at once: its fill, in half days."""
    step = timedelta(hours=12 if view.window.days > 1 else 3)
    found, at = [], view.window.start
    while at < view.window.end:
        percent = _fill(view, centre, rows, at, at + step)
        if percent:
            title = f"{pick(centre.name, view.locale)}: {formats.percent(percent, view.locale)}"
            gap = timedelta(minutes=20)
            found.append(
                view.window.span(at, at + step - gap) | {"kind": "kiln", "percent": percent, "title": title}
            )
        at += step
    return found


def _fill(view: View, centre: WorkCentre, rows: Sequence[JobOrder], start: datetime, end: datetime) -> int:
    bounds = (minute_of(view.plan.origin, start), minute_of(view.plan.origin, end))
    inside = sum(
        row.size * max(0, min(row.end, bounds[1]) - max(row.start, bounds[0])) for row in rows
    )
    return round(100 * inside / ((centre.capacity or 1) * (bounds[1] - bounds[0])))


def _lost(view: View, centre: WorkCentre, still: Downtime) -> dict[str, Any]:
    until = formats.daytime(still.end, view.locale, view.plant.timezone, view.now.business)
    since = formats.clock(still.start, view.locale, view.plant.timezone)
    label = gettext(view.locale, N_("Lost until {when}"), when=until)
    line = gettext(view.locale, N_("{reason}, since {time}"), reason=still.reason or "?", time=since)
    return view.window.span(still.start, still.end) | {
        "kind": "lost", "id": f"lost-{still.id}", "label": label, "line": line,
        "title": f"{pick(centre.name, view.locale)}: {label}",
    }  # fmt: skip


def moves_of(view: View) -> list[dict[str, Any]]:
    """Arrows from the batch resource that was lost to the runs that took its load."""
    codes = list(view.centres)
    lost = {still.resource for still in view.standstills}
    pieces: dict[tuple[str, str, int], int] = {}
    for row, _ in view.rows:
        here = view.centres[row.resource]
        moved = row.moved_in == view.moved_in and row.was_resource in lost and row.was_resource in codes
        if moved and row.resource != row.was_resource and here.kind == Kind.BATCH:
            key = (row.was_resource or "", row.resource, row.start)
            pieces[key] = pieces.get(key, 0) + row.pieces
    return [
        {
            "x": view.window.x(view.instant(start)) + 0.03,
            "from_row": codes.index(was), "to_row": codes.index(here),
            "label": ngettext(view.locale, "{n} piece", "{n} pieces", count),
        }
        for (was, here, start), count in sorted(pieces.items())[:3]
        if view.window.x(view.instant(start)) < 0.97
    ]  # fmt: skip
