"""What the supplier's pages show, ready for the templates; nobody's identity is in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_skeleton
from markupsafe import Markup
from sqlmodel import Session

from cosmo.clock import Now
from cosmo.formats import clock, day_of, number, shortday
from cosmo.i18n import N_, ngettext, pick, translator
from modules.procurement.briefs import briefs
from modules.procurement.dates import SATURDAY
from modules.procurement.demand import WEEKS, Demand, by_day, by_week, today_of
from modules.procurement.mine import materials_of, purchases_of
from modules.procurement.models import LineState, Material, PurchaseLine, Supplier
from modules.procurement.schemas import BriefOut
from modules.procurement.shapes import state_of
from modules.procurement.slack import days_to_spare
from modules.procurement.stocklist import PurchaseRow, purchase_rows
from web.amounts import sign
from web.drawing.demand import round_ticks

PIECES = N_("pcs")
"""The one unit that is a word."""
HELD_LIKELY = N_(
    "Of {held} {unit} about {likely} are likely to be ordered, as earlier quotes like these were."
)
LATELY = 20
CHOICE = 45
"""Working days offered as another date."""
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One purchase order on the supplier's page. `kind`: answer, announce, deliver or ''."""

    id: str
    number: str
    what: str
    detail: str
    quantity: str
    unit: str
    due: str
    until: str
    state: str
    word: str
    kind: str
    line_id: str
    confirmable: bool
    brief: str = ""
    """What to make of it, while it is open."""
    files: tuple[tuple[str, str], ...] = ()
    """Words and address of each file that belongs to it."""


def demand_page(
    session: Session, mine: list[Supplier], now: Now, locale: str, only: str | None = None, opened: str = ""
) -> dict[str, Any]:
    """Chart, headline and the rows that wait for the supplier, the `opened` one too. `only`: one material's
    code."""
    materials = _shown(materials_of(session, mine), only)
    unit = _unit(mine, materials)
    charted = [m for m in materials if m.unit == unit]
    today = today_of(session, materials, now)
    days = by_day(session, charted, now)
    weeks = by_week(days, today)
    rows = [row for row in _rows(session, mine, now, locale) if row.kind]
    waiting = [
        row for row in rows if row.kind == "answer" or row.state in ("thin", "late") or row.id == opened
    ]
    capacity = sum(s.capacity_per_week or 0 for s in mine if s.capacity_unit == unit) if not only else 0
    return {
        "eyebrow": _eyebrow(charted, unit, locale),
        "headline": _headline([row for row in waiting if row.kind == "answer"], locale),
        "lead": _lead(weeks[0], capacity, locale),
        "demand": _chart(weeks, capacity, unit, locale),
        "held": _held(days, unit, locale),
        "rows": waiting,
        "confirmable": [row for row in waiting if row.confirmable],
        "materials": _choices(materials_of(session, mine), locale),
    }


def order_rows(session: Session, mine: list[Supplier], now: Now, locale: str) -> list[Row]:
    """All purchase orders of the supplier, open ones first."""
    return sorted(_rows(session, mine, now, locale, open_only=False), key=lambda row: not row.kind)


def delivery_rows(
    session: Session, mine: list[Supplier], now: Now, locale: str
) -> tuple[list[Row], list[Row]]:
    """What is to be handed over, and what lately was, the newest first."""
    rows = _rows(session, mine, now, locale, open_only=False)
    done = [row for row in reversed(rows) if row.state == "kept" and not row.kind]
    return [row for row in rows if row.kind in ("announce", "deliver")], done[:LATELY]


def day_choices(today: date, locale: str) -> list[tuple[str, str]]:
    """Working days from today on, as value and words."""
    days = (today + timedelta(days=i) for i in range(CHOICE * 7 // 5))
    return [(day.isoformat(), shortday(day, locale)) for day in days if day.weekday() < SATURDAY]


def slack_note(session: Session, row: Row, locale: str) -> str:
    """What a later day on this order would do, in words."""
    spare = days_to_spare(session, row.id)
    _ = translator(locale)
    if spare is None:
        return _("Nobody waits for {number} yet.", number=row.number)
    if spare < 1:
        return _("Any day later on {number} reaches a promise.", number=row.number)
    return ngettext(
        locale,
        "{n} day later on {number} still keeps every promise.",
        "{n} days later on {number} still keep every promise.",
        spare,
        number=row.number,
    )


def _shown(materials: list[Material], only: str | None) -> list[Material]:
    return [m for m in materials if m.code == only] if only else materials


def _unit(mine: list[Supplier], materials: list[Material]) -> str:
    """One chart has one unit: the capacity's if something is measured in it, else the first material's."""
    units = [m.unit for m in materials]
    preferred = next((s.capacity_unit for s in mine if s.capacity_unit in units), None)
    return preferred or (units[0] if units else "pcs")


def _choices(materials: list[Material], locale: str) -> list[tuple[str, str]]:
    return list({m.code: pick(m.name, locale) for m in materials}.items())


def _eyebrow(materials: list[Material], unit: str, locale: str) -> str:
    _ = translator(locale)
    names = {pick(m.name, locale) for m in materials}
    if len(names) == 1:
        return _("{name}, next {weeks} weeks", name=names.pop(), weeks=WEEKS)
    return _("All you supply in {unit}, next {weeks} weeks", unit=_(sign(unit)), weeks=WEEKS)


def _headline(to_answer: list[Row], locale: str) -> str:
    n = len(to_answer)
    return ngettext(locale, "{n} to answer", "{n} to answer", n) if n else translator(locale)("All answered")


def _lead(week: tuple[date, Decimal, Decimal, Decimal], capacity: int, locale: str) -> Markup:
    _ = translator(locale)
    firm = number(round(week[1]), locale)
    begin = _("{quantity} are firm this week.", quantity=firm) if week[1] else _("Nothing is firm this week.")
    rest = round(capacity - week[1] - week[2])
    end = ""
    if capacity and rest >= 0:
        end = _("You have room for {quantity} more before your line is full.", quantity=number(rest, locale))
    elif capacity:
        end = _(
            "With what is held that is {quantity} more than your line makes.", quantity=number(-rest, locale)
        )
    return Markup("<b>{}</b> {}").format(begin, end)


def _held(days: Iterable[Demand], unit: str, locale: str) -> str:
    """What is held, and how sure it is, in words."""
    _, found = translator(locale), list(days)
    known, likely, unknown = (
        sum((value for value in values), Decimal(0))
        for values in (
            [d.held - d.held_unknown for d in found],
            [d.held_likely for d in found],
            [d.held_unknown for d in found],
        )
    )
    said, what = [_("quoted, firm or gone within a day")], _(sign(unit))
    if known:
        told = {"held": number(round(known), locale), "likely": number(round(likely), locale), "unit": what}
        said.append(_(HELD_LIKELY, **told))
    if unknown:
        text = N_("Of {held} {unit} too little is known to say how much will be ordered.")
        said.append(_(text, held=number(round(unknown), locale), unit=what))
    return _(N_("{first}. {rest}"), first=said[0], rest=" ".join(said[1:])) if said[1:] else said[0]


def _chart(
    weeks: list[tuple[date, Decimal, Decimal, Decimal]], capacity: int, unit: str, locale: str
) -> dict[str, Any]:
    _ = translator(locale)
    cap = number(capacity, locale)
    most = max([float(f + h + e) for _monday, f, h, e in weeks] + [float(capacity), 1.0])
    return {
        "weeks": [_week(week, i == 0, locale) for i, week in enumerate(weeks)],
        "capacity": capacity or None,
        "capacity_label": _("Your capacity, {quantity} a week", quantity=cap) if capacity else "",
        "ticks": [{"value": v, "label": number(v, locale)} for v in round_ticks(most)],
        "title": _("Wanted by week in {unit}: firm, held and likely", unit=_(unit)),
    }


def _week(week: tuple[date, Decimal, Decimal, Decimal], current: bool, locale: str) -> dict[str, Any]:
    monday, firm, held, likely = week
    label = format_skeleton("MMMd", monday, locale={"zh": "zh_Hans_CN", "en": "en_GB"}.get(locale, locale))
    words = translator(locale)(
        "Week of {day}: {firm} firm, {held} held, {likely} likely",
        day=label,
        firm=short(firm, locale),
        held=short(held, locale),
        likely=short(likely, locale),
    )
    return {
        "label": label,
        "firm": float(firm),
        "held": float(held),
        "likely": float(likely),
        "current": current,
        "total": short(firm + held + likely, locale),
        "title": words,
    }


def short(quantity: Decimal, locale: str) -> str:
    """ "6.5k", "730", "0.4"."""
    if quantity >= 1000:
        return number(round(quantity / 1000, 1), locale) + "k"
    return number(round(quantity, 0 if quantity >= 10 else 1), locale)


def _rows(
    session: Session, mine: list[Supplier], now: Now, locale: str, *, open_only: bool = True
) -> list[Row]:
    found = purchase_rows(session, purchases_of(session, mine, open_only=open_only))
    found.sort(key=lambda row: min(line.due for line, _m in row.lines))
    return [_row(row, briefs(session, row), now, locale) for row in found]


def _row(row: PurchaseRow, told: Mapping[str, BriefOut], now: Now, locale: str) -> Row:
    _ = translator(locale)
    waiting = [pair for pair in row.lines if pair[0].open] or list(row.lines)
    line, material = min(waiting, key=lambda pair: (pair[0].due, pair[0].id))
    today = day_of(now.business, row.plant.timezone)
    state, word, kind = _state(row, line, today, locale)
    several = len(row.lines) > 1
    return Row(
        id=row.purchase.id,
        number=row.purchase.number,
        what=_what(row.lines, locale),
        detail=_detail(row, line, material, locale),
        quantity="" if several else number(line.quantity, locale),
        unit="" if several else _(sign(material.unit)),
        due=shortday(_day(row, line), locale),
        until=until(line.due, today, locale) if kind else "",
        state=state,
        word=word,
        kind=kind,
        line_id=line.id,
        confirmable=kind == "answer" and all(x.asked_for >= today for x, _m in waiting),
        brief=_brief(row.lines, told, locale),
        files=tuple(
            (f"{pick(file.label, locale)}: {file.name}", file.href)
            for one in told.values()
            for file in one.files
        ),
    )


def _brief(lines: Iterable[tuple[PurchaseLine, Material]], told: Mapping[str, BriefOut], locale: str) -> str:
    """Each fact with its name; before them the item's, where there are several."""
    parts: list[str] = []
    for line, material in lines:
        facts = told[line.id].facts if line.id in told else []
        if facts and len(told) > 1:
            parts.append(pick(material.name, locale))
        parts += [f"{pick(fact.label, locale)}: {pick(fact.value, locale)}" for fact in facts]
    return " · ".join(parts)


def _day(row: PurchaseRow, line: PurchaseLine) -> date:
    """The day it is due; once it is there, the day it came."""
    if line.state == LineState.RECEIVED and line.received_at is not None:
        return day_of(line.received_at, row.plant.timezone)
    return line.due


def _what(lines: Iterable[tuple[PurchaseLine, Material]], locale: str) -> str:
    names = [pick(material.name, locale) for _line, material in lines]
    if len(names) == 1:
        return names[0]
    return ngettext(locale, "{first} and {n} more", "{first} and {n} more", len(names) - 1, first=names[0])


def _detail(row: PurchaseRow, line: PurchaseLine, material: Material, locale: str) -> str:
    """What to make, if the order says more than the material's name; else for which plant."""
    _ = translator(locale)
    if len(row.lines) > 1:
        return " · ".join(
            f"{number(x.quantity, locale)} {_(sign(m.unit))} {pick(m.name, locale)}" for x, m in row.lines
        )
    told = pick(line.detail, locale)
    return told if told and told != pick(material.name, locale) else row.plant.name


_WORDS = {
    LineState.ASKED: N_("asked {time}"),
    LineState.COUNTERED: N_("your date"),
    LineState.CONFIRMED: N_("confirmed"),
    LineState.ANNOUNCED: N_("on its way"),
    LineState.RECEIVED: N_("delivered"),
    LineState.WITHDRAWN: N_("withdrawn"),
}


_KINDS = {
    LineState.ASKED: "answer",
    LineState.COUNTERED: "announce",
    LineState.CONFIRMED: "announce",
    LineState.ANNOUNCED: "deliver",
}
_GLYPHS = {
    LineState.COUNTERED: "you",
    LineState.CONFIRMED: "kept",
    LineState.ANNOUNCED: "now",
    LineState.RECEIVED: "kept",
}


def _state(row: PurchaseRow, line: PurchaseLine, today: date, locale: str) -> tuple[str, str, str]:
    """(state, word, what can be done) of the line that is furthest behind."""
    _ = translator(locale)
    state = LineState(state_of([x for x, _m in row.lines if x.open] or [x for x, _m in row.lines]))
    kind = _KINDS.get(state, "")
    if kind and line.due < today:
        return "late", _("overdue"), kind
    if kind == "announce" and line.due <= today + SOON:
        return "thin", _("not yet sent"), kind
    return _GLYPHS.get(state, "wait"), _(_WORDS[state], time=_asked(row, today, locale)), kind


def _asked(row: PurchaseRow, today: date, locale: str) -> str:
    """When it was sent: the time if today, else the day."""
    if row.purchase.sent_at is None:
        return ""
    day = day_of(row.purchase.sent_at, row.plant.timezone)
    return clock(row.purchase.sent_at, locale, row.plant.timezone) if day == today else shortday(day, locale)


def until(day: date, today: date, locale: str) -> str:
    """How far away a day is, in words."""
    _ = translator(locale)
    days = (day - today).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days < 0:
        return ngettext(locale, "{n} day late", "{n} days late", -days)
    return ngettext(locale, "in {n} day", "in {n} days", days)
