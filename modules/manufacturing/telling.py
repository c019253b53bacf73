"""What was made, where and when, told to others: nodes of the journey line, parts of the as-built page."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.i18n import LOCALES, N_, gettext, pick
from cosmo.journey_ports import AsBuiltPart, JourneyNode
from cosmo.parties import Account
from cosmo.spec import Names
from modules.manufacturing.lists import centres_by_code, origin_of
from modules.manufacturing.models import JobOrder, Kind, State, WorkCentre
from modules.manufacturing.outlook import GONE, enough, lots_there
from modules.manufacturing.times import instant

_COUNT: Names = {
    "en": "{good} made, so {quantity} perfect reach you",
    "de": "{good} gemacht, damit {quantity} einwandfreie ankommen",
    "zh": "制作 {good} 件，确保 {quantity} 件完好送达",
}


def _rows(session: Session, order_id: str) -> list[JobOrder]:
    """Of lots that are still made or were; of lost ones only where nothing came after them."""
    query = select(JobOrder).where(
        JobOrder.order_id == order_id,
        col(JobOrder.state).not_in((State.RELEASED, State.SCRAPPED)),
    )
    rows = list(session.exec(query.order_by(col(JobOrder.position), col(JobOrder.lot))))
    lost = {lot.lot for lot in lots_there(session, order_id) if lot.state in GONE}
    return [row for row in rows if row.lot not in lost] or rows


class OnTheFloor:
    """`cosmo.ports.Journey`: one node an operation, all lots together."""

    def nodes(self, session: Session, order_id: str, now: Now) -> list[JourneyNode]:
        rows = _rows(session, order_id)
        if not rows:
            return []
        plant_id = rows[0].plant_id
        origin, centres = origin_of(session, plant_id), centres_by_code(session, plant_id)
        quantity = enough(session, order_id)
        steps: dict[int, list[JobOrder]] = {}
        for row in rows:
            steps.setdefault(row.position, []).append(row)
        return [_node(step, centres, origin, quantity) for _, step in sorted(steps.items())]


def _node(
    rows: Sequence[JobOrder], centres: dict[str, WorkCentre], origin: datetime, quantity: int
) -> JourneyNode:
    first, end = rows[0], instant(origin, max(row.end for row in rows))
    centre = centres.get(first.resource)
    if all(row.state == State.DONE for row in rows):
        name = centre.done if centre is not None and centre.done else first.name
        at = max(row.actual_end for row in rows if row.actual_end is not None)
        return JourneyNode(first.code, name, "done", at=at, note=_note(rows, quantity))
    name = firing_or_operation(centre, first)
    if any(row.state in (State.RUNNING, State.DONE) for row in rows):
        running = [row for row in rows if row.state == State.RUNNING]
        until = instant(origin, max(row.end for row in running)) if running else end
        begun = min(row.actual_start for row in rows if row.actual_start is not None)
        return JourneyNode(first.code, name, "now", at=begun, until=until)
    return JourneyNode(first.code, name, "next", at=end)


def _note(rows: Sequence[JobOrder], quantity: int) -> Names:
    """Said once, at the first operation, where it is so: more are made than will arrive, and why."""
    good = sum(row.good or 0 for row in rows)
    if rows[0].position or good < quantity:
        return {}
    return {k: text.format(good=good, quantity=quantity) for k, text in _COUNT.items()}


def firing_or_operation(centre: WorkCentre | None, row: JobOrder) -> Names:
    """The firing's own name on a batch resource, else the operation's."""
    if centre is not None and centre.kind == Kind.BATCH:
        named: Names | None = centre.firings.get(row.family or "", {}).get("name")
        return named or row.name
    return row.name


class MadeOf:
    """`cosmo.ports.AsBuilt`: each operation with its machine, its time, its people, its firing."""

    def parts(self, session: Session, order_id: str) -> list[AsBuiltPart]:
        rows = [row for row in _rows(session, order_id) if row.state == State.DONE]
        if not rows:
            return []
        centres = centres_by_code(session, rows[0].plant_id)
        several = len({row.lot for row in rows}) > 1
        parts: list[AsBuiltPart] = []
        for row in rows:
            parts += _parts(row, centres.get(row.resource), several)
        return [*parts, *_people(session, rows)]


def _parts(row: JobOrder, centre: WorkCentre | None, several: bool) -> list[AsBuiltPart]:
    shown = {locale: _machine(row, centre, several, locale) for locale in LOCALES}
    if centre is not None and centre.kind == Kind.BATCH:
        name = firing_or_operation(centre, row)
        shown = {locale: f"{text}, {run_label(row, centre)}" for locale, text in shown.items()}
        return [AsBuiltPart("firing", name, shown["en"], row.actual_start, shown)]
    return [AsBuiltPart("operation", row.name, shown["en"], row.actual_end, shown)]


def _machine(row: JobOrder, centre: WorkCentre | None, several: bool, locale: str) -> str:
    """The machine by its name in the reader's language, and which lot where there are several."""
    machine = pick(centre.name, locale) if centre is not None else row.resource
    if not several:
        return machine
    return gettext(locale, N_("{machine}, lot {n}"), machine=machine, n=row.lot)


def run_label(row: JobOrder, centre: WorkCentre) -> str:
    """What is written on the firing's sheet: the kiln and the day and hour it was lit (UTC)."""
    lit = row.actual_start
    return f"{centre.code}-{lit:%m%d-%H}" if lit is not None else centre.code


def _people(session: Session, rows: Sequence[JobOrder]) -> list[AsBuiltPart]:
    by: dict[str, list[JobOrder]] = {}
    for row in rows:
        by.setdefault(row.done_by, []).append(row)
    accounts = session.exec(select(Account).where(col(Account.id).in_(by)))
    return [
        AsBuiltPart("person", _operations(by[account.id]), account.name, by[account.id][0].actual_end)
        for account in accounts
    ]


def _operations(rows: Sequence[JobOrder]) -> Names:
    """The operations one person did, in every language they are named in."""
    names = [row.name for k, row in enumerate(rows) if row.code not in {r.code for r in rows[:k]}]
    locales = set.intersection(*(set(name) for name in names))
    return {locale: ", ".join(name[locale] for name in names) for locale in sorted(locales | {"en"})}


