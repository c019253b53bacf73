"""What stands beside the board: promises at risk, what to watch, what stands still, the banner."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from cosmo import formats
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.orders import Order
from cosmo.parties import Party
from cosmo.promise import delivery_date
from modules.manufacturing.lists import Outlook
from modules.manufacturing.view import THIN, View, tick

_MOST = 6
_DAY = timedelta(days=1)


def risks(session: Session, view: View) -> dict[str, Any]:
    """Late orders and those with thin slack, each as a gap between flag and dot."""
    urgent = [o for o in view.outlooks if o.order.promised_date and (o.order.id in view.late or _is_thin(o))]
    shown = sorted(urgent, key=lambda o: o.order.id not in view.late)[:_MOST]
    days = [d for o in shown for d in _dates(session, view, o)]
    names = customers(session, [o.order for o in shown])
    over = len(urgent) - len(shown)
    return {
        "heading": gettext(view.locale, N_("At risk")),
        "note": ngettext(view.locale, "and {n} more", "and {n} more", over) if over else "",
        "none": gettext(view.locale, N_("No promise is at risk.")),
        "rows": [_risk(session, view, o, names, days) for o in shown],
    }


def _is_thin(outlook: Outlook) -> bool:
    return outlook.spare is not None and outlook.spare < THIN


def _dates(session: Session, view: View, outlook: Outlook) -> list[date]:
    assert outlook.order.promised_date is not None
    return [outlook.order.promised_date, delivery_date(session, outlook.order, outlook.end, view.now)]


def customers(session: Session, orders: Sequence[Order]) -> dict[str, str]:
    """Customer names by party id, for the plant's own pages."""
    ids = {order.customer_id for order in orders if order.customer_id}
    return {party.id: party.name for party in session.exec(select(Party).where(col(Party.id).in_(ids)))}


def _risk(
    session: Session, view: View, outlook: Outlook, names: dict[str, str], days: Sequence[date]
) -> dict[str, Any]:
    order = outlook.order
    promised, planned = _dates(session, view, outlook)
    first, last = min(days) - _DAY, max(max(days), min(days) + 4 * _DAY) + _DAY
    late = order.id in view.late
    word = (
        ngettext(view.locale, "{n} day late", "{n} days late", (planned - promised).days)
        if late
        else spare_words(outlook, view.locale)
    )
    label = gettext(view.locale, N_("promised {day}"), day=tick(promised, view.locale))
    return {
        "who": names.get(order.customer_id or "", ""),
        "what": f"{order.number or ''}, {formats.number(order.quantity, view.locale)}",
        "state": "late" if late else "thin", "word": word, "label": label,
        "promised": _fraction(promised, first, last),
        "plan": _fraction(planned, first, last) if late else _fraction(promised, first, last) - 0.04,
    }  # fmt: skip


def _fraction(day: date, first: date, last: date) -> float:
    return ((day - first).days + 0.5) / ((last - first).days + 1)


def spare_words(outlook: Outlook, locale: str) -> str:
    """ "19 h spare", "3 days spare"."""
    hours = int((outlook.spare or timedelta()).total_seconds() // 3600)
    if hours >= 72:
        return ngettext(locale, "{n} day spare", "{n} days spare", hours // 24)
    return gettext(locale, N_("{n} h spare"), n=max(0, hours))


def side_lists(session: Session, view: View) -> list[dict[str, Any]]:
    """Watching: the least spare time that is not thin yet; then all late orders."""
    calm = [o for o in view.outlooks if o.order.id not in view.late and not _is_thin(o) and o.spare]
    late = [o for o in view.outlooks if o.order.id in view.late]
    names = customers(session, [o.order for o in (*calm[:_MOST], *late)])
    found = [_watching(view, calm[:_MOST], names)]
    if len(late) > _MOST:
        found.append(_late_list(view, late, names))
    return found


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
    lost = gettext(locale, N_("{centre} lost for {hours} h"), centre=centre, hours=f"{hours:.3g}")
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
        pieces=pieces, seconds=f"{float(repair.get('seconds', 0)):.1f}",
    )  # fmt: skip
    return {
        "fact": fact, "text": f"{moves}. {rest}", "state": "late" if late else "thin",
        "seals": (["kept"] * kept + ["late"] * late)[:8],
        "result": _result(locale, kept, late) if at_risk else None, "published": published,
    }  # fmt: skip


def _result(locale: str, kept: int, late: int) -> tuple[str, str]:
    rest = ngettext(locale, "{n} late", "{n} late", late) if late else gettext(locale, N_("none late"))
    return gettext(locale, N_("{n} kept"), n=kept), rest
