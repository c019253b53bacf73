"""Orders as rows of the plant's list: found by words and filters, with what a glance must tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, or_
from sqlmodel import Session, col, select

from cosmo.access import orders_visible
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.orders import Order, OrderSpec
from cosmo.owing import quantities_of
from cosmo.parties import Party
from cosmo.stages import OPEN_STAGES, Stage

PAGE = 50
FILTERS: dict[str, str] = {
    "open": N_("Open"),
    "late": N_("Late"),
    "held": N_("On hold"),
    "quoted": N_("Quotes"),
    "done": N_("Delivered"),
    "ended": N_("Cancelled or lapsed"),
    "all": N_("All"),
}
"""Name of a filter -> its words."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is asked for; `page` counts from 1."""

    words: str = ""
    show: str = "open"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """`pieces` come; `state` and `word` are the glyph and the word for how the promise stands."""

    order: Order
    pieces: int
    title: dict[str, str]
    customer: str
    state: str
    word: str


def find(session: Session, principal: Principal, wanted: Wanted, today: date) -> tuple[list[Row], bool]:
    """One page of the orders this principal may see, most urgent promise first; whether more follow."""
    query = (
        select(Order, OrderSpec.spec, Party.name)
        .join(OrderSpec, col(OrderSpec.order_id) == col(Order.id), isouter=True)
        .join(Party, col(Party.id) == col(Order.customer_id), isouter=True)
        .where(orders_visible(principal), *_filtered(wanted, today))
        .order_by(col(Order.promised_date).is_(None), _urgency(wanted), col(Order.id).desc())
        .offset((wanted.page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    found = session.exec(query).all()
    pieces = quantities_of(session, [order for order, _, _ in found])
    rows = [_row(order, pieces[order.id], spec, name, today) for order, spec, name in found[:PAGE]]
    return rows, len(found) > PAGE


def late(session: Session, principal: Principal, today: date, limit: int = 10) -> list[Row]:
    """Open orders whose promise has moved or is over."""
    rows, _ = find(session, principal, Wanted(show="late"), today)
    return rows[:limit]


def _urgency(wanted: Wanted) -> UnaryExpression[Any]:
    newest_first = wanted.show in ("done", "ended", "all")
    return col(Order.promised_date).desc() if newest_first else col(Order.promised_date).asc()


def _filtered(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.words:
        conditions.append(_matches(wanted.words))
    is_open = col(Order.stage).in_(OPEN_STAGES)
    moved = col(Order.promised_date) > col(Order.first_promise)
    by_name: dict[str, ColumnElement[bool]] = {
        "open": is_open,
        "late": and_(is_open, or_(moved, col(Order.promised_date) < today)),
        "held": and_(is_open, col(Order.held).is_(True)),
        "quoted": col(Order.stage) == Stage.QUOTED,
        "done": col(Order.stage).in_((Stage.DELIVERED, Stage.CLOSED)),
        "ended": col(Order.stage).in_((Stage.CANCELLED, Stage.LAPSED)),
    }
    if wanted.show in by_name:
        conditions.append(by_name[wanted.show])
    return conditions


def _matches(words: str) -> ColumnElement[bool]:
    """Number, family or the customer's name."""
    like = "%" + words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    columns = (col(Order.number), col(Order.family), col(Party.name), col(Order.id))
    return or_(*(column.ilike(like, escape="\\") for column in columns))


def _row(order: Order, pieces: int, spec: Mapping[str, Any] | None, name: str | None, today: date) -> Row:
    state, word = standing(order, today)
    return Row(order, pieces, spec["title"] if spec else {"en": order.family}, name or "", state, word)


def standing(order: Order, today: date) -> tuple[str, str]:
    """How the promise stands: a state of the status macro and its word (a msgid)."""
    stage = Stage(order.stage)
    if stage in (Stage.DELIVERED, Stage.CLOSED):
        return "kept", N_("Delivered")
    if stage not in OPEN_STAGES:
        return "wait", N_("No promise runs")
    if order.promised_date is not None and order.promised_date < today:
        return "late", N_("Overdue")
    if order.first_promise and order.promised_date and order.promised_date > order.first_promise:
        return "late", N_("Date moved")
    return ("thin", N_("On hold")) if order.held else ("kept", N_("On time"))
