"""What stands beside the board: promises at risk, what to watch, what stands still, the banner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

from markupsafe import Markup
from sqlmodel import Session, col, select

from cosmo import formats
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.orders import Order
from cosmo.parties import Party
from cosmo.reconsidering import delivery_date
from modules.manufacturing.lists import Outlook, missed_promise
from modules.manufacturing.questions import open_questions
from modules.manufacturing.view import THIN, View, tick

_MOST = 6
_FIRST, _MOVED = N_("first promised {day}"), N_("moved to {day}")
_DAY = timedelta(days=1)


def risks(session: Session, view: View) -> dict[str, Any]:
    """Late orders and those with thin slack, each as a gap between flag and dot."""
    urgent = [o for o in view.outlooks if o.order.promised_date and _is_urgent(view, o)]
    order = {"late": 0, "repaired": 1, "thin": 2}
    shown = sorted(urgent, key=lambda o: order[_kind(view, o)])[:_MOST]
    days = {o.order.id: _days(session, view, o) for o in shown}
    names = customers(session, [o.order for o in shown])
    over = len(urgent) - len(shown)
    more = ngettext(view.locale, "and {n} more", "and {n} more", over) if over else ""
    return {
        "heading": gettext(view.locale, N_("At risk")),
        "note": gettext(view.locale, N_("hollow: without repair")) if view.without else more,
        "none": gettext(view.locale, N_("No promise is at risk.")),
        "rows": [_risk(view, o, names, days) | _first(o, view, k) for k, o in enumerate(shown)],
    }


def _is_urgent(view: View, outlook: Outlook) -> bool:
    known = outlook.order.id in view.late or outlook.order.id in view.without
    return known or _is_thin(outlook)


def _kind(view: View, outlook: Outlook) -> str:
    if outlook.order.id in view.late:
        return "late"
    return "repaired" if outlook.order.id in view.without else "thin"


def _first(outlook: Outlook, view: View, place: int) -> dict[str, Any]:
    """The most pressing one stands open, with the way to its order."""
    if place:
        return {}
    words = gettext(view.locale, N_("Open order {number}"), number=outlook.order.number or "")
    link = Markup('<a class="btn btn-2 btn-s" href="/plant/orders/{}">{}</a>')
    return {"open": True, "actions": link.format(outlook.order.id, words)}


def _is_thin(outlook: Outlook) -> bool:
    return outlook.spare is not None and outlook.spare < THIN


@dataclass(frozen=True, slots=True)
class _Days:
    """When an order is promised, when the plan delivers it, and when it would without the repair."""

    promised: date
    planned: date
    before: date | None
    against: str = "first"
    """Which promise `promised` is: the first, or the moved one."""

    def all(self) -> list[date]:
        return [self.promised, self.planned, *([self.before] if self.before else [])]


def _days(session: Session, view: View, outlook: Outlook) -> _Days:
    order = outlook.order
    assert order.promised_date is not None
    before = None
    if order.id in view.without:
        before = delivery_date(session, order, view.instant(view.without[order.id]), view.now)
    planned = delivery_date(session, order, outlook.end, view.now)
    against, promised = missed_promise(order, planned) or ("first", order.promised_date)
    return _Days(promised, planned, before, against)


def customers(session: Session, orders: Sequence[Order]) -> dict[str, str]:
    """Customer names by party id, for the plant's own pages."""
    ids = {order.customer_id for order in orders if order.customer_id}
    return {party.id: party.name for party in session.exec(select(Party).where(col(Party.id).in_(ids)))}


def _risk(view: View, outlook: Outlook, names: dict[str, str], days: dict[str, _Days]) -> dict[str, Any]:
    order, mine = outlook.order, days[outlook.order.id]
    kind = _kind(view, outlook)
    every = [day for one in days.values() for day in one.all()]
    first, last = min(every) - _DAY, max(max(every), min(every) + 4 * _DAY) + _DAY
    word = spare_words(outlook, view.locale)
    if kind == "late":
        word = _late_words(outlook, mine, view.locale)
    msgid = _MOVED if mine.against == "moved" else _FIRST
    label = gettext(view.locale, msgid, day=tick(mine.promised, view.locale))
    planned = _fraction(mine.planned, first, last) - (0.04 if mine.planned == mine.promised else 0)
    return {
        "who": names.get(order.customer_id or "", ""),
        "what": f"{order.number or ''}, {formats.number(order.quantity, view.locale)}",
        "state": {"late": "late", "repaired": "kept", "thin": "thin"}[kind], "word": word, "label": label,
        "promised": _fraction(mine.promised, first, last), "plan": planned,
        "before": _fraction(mine.before, first, last) if mine.before else None,
    }  # fmt: skip


def _late_words(outlook: Outlook, mine: _Days, locale: str) -> str:
    """Days; or, on the promised day but after what it allowed for (no room is left), hours."""
    if mine.planned > mine.promised:
        return ngettext(locale, "{n} day late", "{n} days late", (mine.planned - mine.promised).days)
    hours = ceil(-(outlook.spare or timedelta()).total_seconds() / 3600)
    return gettext(locale, N_("{n} h late"), n=max(1, hours))


def _fraction(day: date, first: date, last: date) -> float:
    return ((day - first).days + 0.5) / ((last - first).days + 1)


def spare_words(outlook: Outlook, locale: str) -> str:
    """ "19 h spare", "3 days spare"."""
    hours = int((outlook.spare or timedelta()).total_seconds() // 3600)
    if hours >= 72:
        return ngettext(locale, "{n} day spare", "{n} days spare", hours // 24)
    return gettext(locale, N_("{n} h spare"), n=max(0, hours))


def side_lists(session: Session, view: View) -> list[dict[str, Any]]:
    """What customers are asked; the least spare time that is not thin yet; then all late orders."""
    calm = [o for o in view.outlooks if o.order.id not in view.late and not _is_thin(o) and o.spare]
    late = [o for o in view.outlooks if o.order.id in view.late]
    names = customers(session, [o.order for o in (*calm[:_MOST], *late)])
    found = [*_asked(session, view), _watching(view, calm[:_MOST], names)]
    if len(late) > _MOST:
        found.append(_late_list(view, late, names))
    return found


def _asked(session: Session, view: View) -> list[dict[str, Any]]:
    """Orders of which pieces are missing in one shade lot, and by when their customers answer."""
    asked = open_questions(session, view.plant.id)
    names = customers(session, [order for _, order in asked])
    rows = [
        {"bold": names.get(order.customer_id or "", ""), "code": True, "state": "wait",
         "text": f"{order.number or ''}, {formats.number(question.missing, view.locale)}",
         "word": formats.daytime(question.until, view.locale, view.plant.timezone)}
        for question, order in asked
    ]  # fmt: skip
    heading = gettext(view.locale, N_("Asked about missing pieces"))
    return [{"heading": heading, "rows": rows}] if rows else []


def _watching(view: View, seen: Sequence[Outlook], names: dict[str, str]) -> dict[str, Any]:
    rows = [
        _line(o, names, "kept" if (o.spare or _DAY) >= _DAY else "thin", spare_words(o, view.locale), view)
        for o in seen
    ]
    return {"heading": gettext(view.locale, N_("Watching")), "rows": rows}


def _late_list(view: View, late: Sequence[Outlook], names: dict[str, str]) -> dict[str, Any]:
    rows = [_line(o, names, "late", _promised(o.order, view.locale), view) for o in late]
    return {
        "heading": gettext(view.locale, N_("Late")),
        "note": ngettext(view.locale, "{n} order", "{n} orders", len(late)),
        "rows": rows,
    }


def _line(outlook: Outlook, names: dict[str, str], state: str, word: str, view: View) -> dict[str, Any]:
    order = outlook.order
    text = f"{order.number or ''}, {formats.number(order.quantity, view.locale)}"
    return {
        "bold": names.get(order.customer_id or "", ""), "text": text, "code": True, "state": state,
        "word": word,
    }  # fmt: skip


def _promised(order: Order, locale: str) -> str:
    return formats.shortday(order.promised_date, locale) if order.promised_date else ""


def banner(view: View) -> dict[str, Any] | None:
    """The standstill that threatens promises, what the repair moved, and how many it kept."""
    broken = [s for s in view.standstills if not s.planned and s.end > view.now.business]
    repair = view.plan.repair or {}
    if not broken or repair.get("downtime") not in {s.id for s in broken}:
        return None
    still = next(s for s in broken if s.id == repair["downtime"])
    name = pick(view.centres[still.resource].name, view.locale)
    return told_repair(
        view.locale, name, (still.end - still.start).total_seconds() / 3600, repair, published=True
    )


def told_repair(
    locale: str, centre: str, hours: float, repair: dict[str, Any], *, published: bool
) -> dict[str, Any]:
    """A repair in the banner's words, before or after it is published."""
    at_risk, kept = int(repair.get("at_risk", 0)), int(repair.get("kept", 0))
    late = at_risk - kept
    away = formats.number(round(hours, 1), locale)
    lost = gettext(locale, N_("{centre} lost for {hours} h"), centre=centre, hours=away)
    if at_risk:
        risk = ngettext(locale, "{n} promise at risk", "{n} promises at risk", at_risk)
        keeps = gettext(locale, N_("the repair keeps {n}"), n=kept)
        fact = f"{lost}: {risk}, {keeps}"
    else:
        fact = f"{lost}: {gettext(locale, N_('every promise holds'))}"
    moves = ngettext(locale, "Moves {n} job", "Moves {n} jobs", int(repair.get("moved", 0)))
    pieces = formats.number(int(repair.get("pieces", 0)), locale)
    rest = gettext(
        locale, N_("{pieces} pieces change place. Solved in {seconds} s; nothing started is touched."),
        pieces=pieces, seconds=formats.number(round(float(repair.get("seconds", 0)), 1), locale),
    )  # fmt: skip
    return {
        "fact": fact, "text": f"{moves}. {rest}", "state": "late" if late else "thin",
        "seals": (["kept"] * kept + ["late"] * late)[:8],
        "result": _result(locale, kept, late) if at_risk else None, "published": published,
    }  # fmt: skip


def _result(locale: str, kept: int, late: int) -> tuple[str, str]:
    rest = ngettext(locale, "{n} late", "{n} late", late) if late else gettext(locale, N_("none late"))
    return gettext(locale, N_("{n} kept"), n=kept), rest
