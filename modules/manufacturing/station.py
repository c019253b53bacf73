"""One work centre as its operator sees it: the job, what comes after, how far the kiln is, the last act."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from cosmo import formats
from cosmo.clock import Now
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.orders import Order, OrderSpec
from cosmo.parties import Plant
from modules.manufacturing import lists
from modules.manufacturing.blocks import firing_code, setup_minutes
from modules.manufacturing.lists import Firing, Row, Waiting
from modules.manufacturing.looks import Look, look_of, looks
from modules.manufacturing.making import rested_at
from modules.manufacturing.models import JobOrder, Kind, Scan, SetupMatrix, State, WorkCentre
from modules.manufacturing.outlook import enough
from modules.manufacturing.remembering import last_act
from modules.manufacturing.times import instant, minute_of, windows
from modules.manufacturing.view import weekday
from modules.manufacturing.work import Work, after, latest_start, work_of

WHY = {
    "stage": N_("The order is not planned yet"),
    "hold": N_("The order is on hold"),
    "before": N_("{operation} is not finished yet"),
    "material": N_("Material is missing"),
    "rest": N_("Rests until {time}"),
}
REASONS = {
    "broken": N_("Broken"),
    "crack": N_("Crack"),
    "pinhole": N_("Pinhole"),
    "glaze": N_("Glaze fault"),
    "warp": N_("Warped"),
    "stain": N_("Stain"),
    "size": N_("Wrong size"),
    "other": N_("Something else"),
}
"""Why pieces are scrap -> its word."""
SOON = timedelta(minutes=45)
MOST_ROWS = 6
"""What a tablet shows of the queue without scrolling."""


@dataclass(frozen=True, slots=True)
class Station:
    """Everything the operator's page is drawn from, read once."""

    session: Session
    plant: Plant
    centre: WorkCentre
    now: Now
    locale: str
    origin: datetime
    running: Sequence[Row]
    queue: Sequence[Waiting]
    drawings: dict[str, str]

    def say(self, msgid: str, **values: Any) -> str:
        return gettext(self.locale, msgid, **values)

    def clock(self, at: datetime) -> str:
        """The time; with its weekday when it is another day."""
        zone = self.plant.timezone
        if formats.day_of(at, zone) == formats.day_of(self.now.business, zone):
            return formats.clock(at, self.locale, zone)
        return formats.daytime(at, self.locale, zone, self.now.business)

    def brief(self, at: datetime) -> str:
        """As `clock`, with the weekday cut short."""
        zone = self.plant.timezone
        told = formats.clock(at, self.locale, zone)
        if formats.day_of(at, zone) == formats.day_of(self.now.business, zone):
            return told
        return f"{weekday(formats.day_of(at, zone), self.locale)} {told}"

    def number(self, value: int) -> str:
        return formats.number(value, self.locale)

    def look(self, order: Order) -> Look:
        return look_of(order, self.drawings)


def read_station(session: Session, plant: Plant, centre: WorkCentre, now: Now, locale: str) -> Station:
    """Reads what runs and what waits at one work centre."""
    running = lists.rows_of(session, plant.id, states=(State.RUNNING,), resource=centre.code)
    origin = lists.origin_of(session, plant.id)
    waiting = lists.queue_of(session, plant.id, centre.code, now, limit=60)
    queue = [replace(w, why=w.why or _resting(w, origin, now)) for w in waiting]
    return Station(session, plant, centre, now, locale, origin, running, queue, looks(session))


def _resting(waiting: Waiting, origin: datetime, now: Now) -> str:
    before = waiting.before
    if before is None or before.state != State.DONE or before.actual_end is None:
        return ""
    return "rest" if minute_of(origin, now.business) < rested_at(before, origin) else ""


def page(station: Station) -> dict[str, Any]:
    """Context of `parts/floor.html` without its actions, and `work`: what the buttons act on."""
    works = works_of(station)
    current = works[0] if works else None
    return {
        "work": current,
        "job": _job(station, current) if current else None,
        "empty": {"line": station.say(N_("Nothing is planned here.")), "action": None, "href": None},
        "queue": _queue(station, works[1:]),
        "racks": _racks(station, current),
        "last": _last(station),
    }


def works_of(station: Station) -> list[Work]:
    """What runs, then what comes next; the first that may start goes before those that may not."""
    running = [work_of([row]) for row in station.running]
    batch = station.centre.kind == Kind.BATCH
    if batch and station.running:
        running = [work_of(list(station.running))]
    waiting = _grouped(station) if batch else [work_of([(w.row, w.order)], w) for w in station.queue]
    ready = next((work for work in waiting if not work.why), None)
    if ready is not None and not running:
        waiting = [ready, *(work for work in waiting if work is not ready)]
    return [*running, *waiting]


def _grouped(station: Station) -> list[Work]:
    """Members of one firing are lit together; those that cannot be yet are named."""
    runs: dict[int, list[Waiting]] = {}
    for waiting in station.queue:
        runs.setdefault(waiting.row.start, []).append(waiting)
    return [
        work_of([(w.row, w.order) for w in group], next((w for w in group if not w.why), group[0]))
        for _, group in sorted(runs.items())
    ]


def _job(station: Station, work: Work) -> dict[str, Any]:
    state, word = _standing(station, work)
    look = station.look(work.order)
    title = _title(station, work)
    return {
        "eyebrow": station.say(N_("Running") if work.running else N_("Next job")),
        "number": _number(station, work),
        "state": state, "word": word, "title": title, "tint": look.tint,
        "product": look.draw("fl", title), "looks": _product(station, work),
        "facts": _facts(station, work), "note": _tip(station),
    }  # fmt: skip


def _number(station: Station, work: Work) -> str:
    if station.centre.kind == Kind.BATCH:
        return firing_code(_firing(station, work), station.plant.timezone)
    number = (work.order.number or "").rpartition("-")[2]
    return f"{number}-{work.row.lot}" if number else ""


def _firing(station: Station, work: Work) -> Firing:
    start, end = (instant(station.origin, m) for m in (work.row.start, work.row.end))
    return Firing(station.centre, start, end, tuple(work.rows))


def _title(station: Station, work: Work) -> str:
    if station.centre.kind == Kind.BATCH:
        return pick(_firing(station, work).name, station.locale)
    return pick(work.row.name, station.locale)


def _product(station: Station, work: Work) -> str:
    row = station.session.get(OrderSpec, work.order.id)
    title = pick(row.spec.get("title", {}), station.locale) if row is not None else ""
    if len(work.rows) > 1:
        more = ngettext(station.locale, "{n} more lot", "{n} more lots", len(work.rows) - 1)
        return f"{title}, {more}"
    return title


def _standing(station: Station, work: Work) -> tuple[str, str]:
    planned = instant(station.origin, work.row.start)
    if work.running:
        ends = station.clock(instant(station.origin, work.row.end))
        return "now", station.say(N_("Until {time}"), time=ends)
    if work.why:
        return "wait", station.say(WHY[work.why], **_about(station, work))
    limit = latest_start(station.session, work.row, station.origin)
    if limit is not None and limit - station.now.business < SOON:
        return "thin", station.say(N_("Start by {time} to keep the firing"), time=station.clock(limit))
    if planned < station.now.business - SOON:
        return "thin", station.say(N_("Planned for {time}"), time=station.clock(planned))
    return "wait", station.say(N_("Planned for {time}"), time=station.clock(planned))


def _about(station: Station, work: Work) -> dict[str, str]:
    """What the sentences of `WHY` name."""
    before = work.before
    if before is None or before.actual_end is None:
        return {"operation": pick(before.name, station.locale) if before else "", "time": ""}
    rested = instant(station.origin, rested_at(before, station.origin))
    return {"operation": pick(before.name, station.locale), "time": station.clock(rested)}


def _facts(station: Station, work: Work) -> list[dict[str, str]]:
    row, minutes = work.row, work.row.end - work.row.start
    pieces = station.number(work.pieces)
    facts = [
        {"label": station.say(N_("Pieces")), "value": pieces, "more": _of_order(station, work)},
        {"label": station.say(N_("Takes")), "value": _length(minutes), "more": ""},
    ]
    if station.centre.kind == Kind.BATCH:
        return [*facts, *_firing_facts(station, work)]
    following = after(station.session, row)
    if row.family:
        facts.append({"label": station.say(N_("Setup")), "value": _family(row.family), "more": ""})
    if following is not None:
        rest = station.say(N_("rest {time}"), time=_length(row.min_lag)) if row.min_lag else ""
        facts.append(
            {"label": station.say(N_("Then")), "value": pick(following.name, station.locale), "more": rest}
        )
    return facts


def _firing_facts(station: Station, work: Work) -> list[dict[str, str]]:
    firing = _firing(station, work)
    heats, cools = _length(firing.fire_minutes), station.say(N_("then cools"))
    return [
        {
            "label": station.say(N_("Full")),
            "value": formats.percent(firing.percent, station.locale),
            "more": "",
        },
        {"label": station.say(N_("Fires")), "value": heats, "more": cools},
    ]


def _of_order(station: Station, work: Work) -> str:
    if len(work.rows) > 1:
        return ngettext(station.locale, "{n} lot", "{n} lots", len(work.rows))
    wanted = station.number(enough(station.session, work.order.id))
    return station.say(N_("for {quantity}"), quantity=wanted)


def _length(minutes: int) -> str:
    """ "40 min", "3 h 30"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


def _family(code: str) -> str:
    return code.rpartition("-")[2] if code.count("-") == 1 else code


def _tip(station: Station) -> dict[str, str] | None:
    note = station.centre.note
    return {"text": pick(note, station.locale), "state": "thin"} if note else None


def _queue(station: Station, works: Sequence[Work]) -> dict[str, Any]:
    matrix = station.session.get(SetupMatrix, (station.plant.id, station.centre.setup or ""))
    rows: list[dict[str, Any]] = []
    before: str | None = None
    for work in works:
        if len(rows) >= MOST_ROWS:
            break
        minutes = setup_minutes(matrix, before, work.row.family) if before is not None else 0
        if minutes and matrix is not None:
            at = instant(station.origin, work.row.start - minutes)
            title = f"{pick(matrix.name, station.locale)}, {_length(minutes)}"
            rows.append({"kind": "setup", "title": title, "at": station.brief(at)})
        rows.append(_coming(station, work))
        before = work.row.family
    return {
        "heading": station.say(N_("After this")),
        "until": _until(station),
        "none": station.say(N_("Nothing more is planned here.")),
        "rows": rows,
    }


def _coming(station: Station, work: Work) -> dict[str, Any]:
    at = instant(station.origin, work.row.start)
    batch = station.centre.kind == Kind.BATCH
    lots = ngettext(station.locale, "{n} lot", "{n} lots", len(work.rows))
    sub = f"{station.number(work.pieces)}, {lots if batch else _brief_product(station, work)}"
    return {
        "kind": "job", "glaze": None if batch else station.look(work.order).glaze or None, "sub": sub,
        "title": _number(station, work), "at": station.brief(at),
    }  # fmt: skip


def _brief_product(station: Station, work: Work) -> str:
    """The first words of the product: what to take, not all it will be."""
    return _product(station, work).partition(",")[0]


def _until(station: Station) -> str:
    if not station.centre.shifts:
        return ""
    minute = minute_of(station.origin, station.now.business)
    span = (minute - 1440, minute + 2880)
    open_ = windows(station.centre.shifts, station.plant.timezone, station.origin, span)
    ends = [station.clock(instant(station.origin, b)) for _, b in open_ if b > minute]
    return station.say(N_("until {time}"), time=ends[0]) if ends else ""


def _racks(station: Station, work: Work | None) -> dict[str, Any] | None:
    """How much of the firing this station feeds next is ready for it."""
    if work is None or station.centre.kind == Kind.BATCH:
        return None
    firing = next_firing(station, work.row)
    if firing is None:
        return None
    before = {(row.order_id, row.lot): row.position for row, _ in firing.members}
    query = select(JobOrder).where(
        col(JobOrder.order_id).in_({key[0] for key in before}), JobOrder.state == State.DONE
    )
    done = {(row.order_id, row.lot, row.position) for row in station.session.exec(query)}
    ready = sum((order, lot, position - 1) in done for (order, lot), position in before.items())
    kiln = pick(firing.centre.name, station.locale)
    return {
        "label": station.say(N_("{kiln} loads at {time}"), kiln=kiln, time=station.clock(firing.start)),
        "count": station.say(N_("{ready} of {total} lots"), ready=ready, total=len(before)),
        "done": ready, "total": len(before),
    }  # fmt: skip


def next_firing(station: Station, row: JobOrder) -> Firing | None:
    """The first firing ahead of this lot."""
    centres = lists.centres_by_code(station.session, station.plant.id)
    query = select(JobOrder).where(
        JobOrder.order_id == row.order_id, JobOrder.lot == row.lot, JobOrder.state == State.FIRM,
        JobOrder.position > row.position,
    )  # fmt: skip
    ahead = sorted(station.session.exec(query), key=lambda r: r.position)
    fired = next((r for r in ahead if centres[r.resource].kind == Kind.BATCH), None)
    if fired is None:
        return None
    rows = lists.rows_of(
        station.session, station.plant.id, states=(State.FIRM,), resource=fired.resource,
        since=fired.start, until=fired.start + 1,
    )  # fmt: skip
    members = [pair for pair in rows if pair[0].start == fired.start]
    found = lists.firings_of(members, centres, station.origin)
    return found[0] if found else None  # it may have moved between the two readings


def _last(station: Station) -> dict[str, Any] | None:
    scan = last_act(station.session, station.plant.id, station.centre.code)
    if scan is None:
        return None
    return {"at": station.clock(scan.event_time), **_told(station, scan)}


def _told(station: Station, scan: Scan) -> dict[str, str]:
    query = select(JobOrder).where(col(JobOrder.id).in_(scan.jobs))
    jobs = list(station.session.exec(query))
    if scan.action == "finish":
        good, scrap = sum(j.good or 0 for j in jobs), sum(j.scrap for j in jobs)
        more = station.say(N_("{n} scrap"), n=station.number(scrap)) if scrap else ""
        return {"what": station.say(N_("{n} done"), n=station.number(good)), "more": more}
    pieces = station.number(sum(j.pieces for j in jobs))
    if scan.action == "start":
        return {"what": station.say(N_("{n} started"), n=pieces), "more": ""}
    return {"what": station.say(N_("scrap counted")), "more": ""}
