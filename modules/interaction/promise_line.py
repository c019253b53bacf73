"""From a promise's steps to the drawn promise line: parallel paths, the one that sets the date first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cosmo import formats
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.promise import Promise, Step
from cosmo.spec import Spec
from modules.interaction.words import short_tick, weekends


@dataclass(frozen=True, slots=True)
class Frame:
    """The time shown: from `start` to `end`, in the plant's zone."""

    start: datetime
    end: datetime
    timezone: str
    locale: str

    def at(self, instant: datetime) -> float:
        """An instant as a fraction of the line, 0 to 1."""
        span = (self.end - self.start).total_seconds()
        return min(1.0, max(0.0, (instant - self.start).total_seconds() / span)) if span > 0 else 1.0


def line(promise: Promise, spec: Spec, now: datetime, timezone: str, locale: str) -> dict[str, Any]:
    """Context of the macro `promise_line`."""
    end = max((s.end for s in promise.steps), default=promise.ready_at)
    frame = Frame(now, max(end, now + timedelta(hours=1)), timezone, locale)
    operations = _merged([s for s in promise.steps if s.kind == "operation"])
    join_code = _joined_at(promise, spec)
    before = [s for s in operations if s.code != join_code]
    if join_code is not None:
        cut = next(i for i, s in enumerate(operations) if s.code == join_code)
        before, after = operations[:cut], operations[cut:]
    else:
        after = []
    branches = [_work_branch(before, after, frame)]
    if join_code is not None:
        branches.insert(0, _material_branch(promise, frame))
    return {
        "title": _title(promise, locale),
        "branches": branches,
        "critical": 0,
        "join_at": frame.at(after[0].start) if after else frame.at(promise.ready_at),
        "trunk": [*(_node(s, frame) for s in after), _ships(promise, frame)],
        "ticks": _ticks(frame),
        "bands": weekends(frame.start, frame.end, timezone),
        "flag": formats.shortday(promise.delivery_date, locale),
    }


def _joined_at(promise: Promise, spec: Spec) -> str | None:
    """The operation a material sets the date of; None where no material does."""
    if promise.hinges_on.kind != "material":
        return None
    lines = [b for b in spec.bom if b.material == promise.hinges_on.code]
    first = spec.routing[0].code if spec.routing else None
    code = next((b.operation for b in lines if b.operation), first)
    known = {s.code for s in promise.steps if s.kind == "operation"}
    return code if code in known else None


def _merged(steps: Sequence[Step]) -> list[Step]:
    """One step per operation over all lots, in order of time."""
    by_code: dict[str, Step] = {}
    for step in steps:
        known = by_code.get(step.code)
        if known is not None:
            step = known.model_copy(
                update={"start": min(known.start, step.start), "end": max(known.end, step.end)}
            )
        by_code[step.code] = step
    return sorted(by_code.values(), key=lambda s: s.start)


def _work_branch(before: Sequence[Step], after: Sequence[Step], frame: Frame) -> dict[str, Any]:
    branch: dict[str, Any] = {"label": "", "nodes": [_node(step, frame) for step in before]}
    if before and after:
        waits = (after[0].start - before[-1].end) // timedelta(days=1)
        if waits >= 1:
            branch["wait"] = ngettext(frame.locale, "waits {n} day", "waits {n} days", waits)
    return branch


def _material_branch(promise: Promise, frame: Frame) -> dict[str, Any]:
    hinge = promise.hinges_on
    arrives = hinge.at or promise.ready_at
    days = max(1, round((arrives - frame.start) / timedelta(days=1)))
    note = ngettext(frame.locale, "{n} day, the longest path", "{n} days, the longest path", days)
    name = pick(hinge.name, frame.locale)
    return {"label": name, "note": note, "nodes": [{"at": frame.at(arrives), "label": ""}]}


def _node(step: Step, frame: Frame) -> dict[str, Any]:
    return {"at": frame.at(step.end), "label": pick(step.name, frame.locale)}


def _ships(promise: Promise, frame: Frame) -> dict[str, Any]:
    return {"at": min(0.97, frame.at(promise.ready_at) + 0.02), "label": gettext(frame.locale, N_("Ships"))}


def _ticks(frame: Frame) -> list[dict[str, Any]]:
    """Today and about four days after it, each at noon."""
    zone = ZoneInfo(frame.timezone)
    days = max(1, (frame.end - frame.start).days)
    step = max(1, round(days / 5))
    ticks: list[dict[str, Any]] = [{"at": 0.0, "label": gettext(frame.locale, N_("Today"))}]
    for n in range(step, days, step):
        day = (frame.start + timedelta(days=n)).astimezone(zone).date()
        at = frame.at(datetime(day.year, day.month, day.day, 12, tzinfo=zone))
        if 0.08 < at < 0.86:
            ticks.append({"at": at, "label": short_tick(day, frame.locale)})
    return ticks


def _title(promise: Promise, locale: str) -> str:
    day = formats.day(promise.delivery_date, locale)
    return gettext(locale, N_("The way from today to {day}."), day=day)
