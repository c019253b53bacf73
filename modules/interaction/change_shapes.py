"""What the API tells of a change of a placed order, and of what may still change."""

from collections.abc import Iterable

from sqlmodel import Session

from cosmo.affecting import Named, Parts
from cosmo.asking import answerers_for
from cosmo.comparing import LineChange
from cosmo.errors import CosmoError
from cosmo.freezing import QUANTITY, FreezePoint, Freezing, freezing_of, must_be_changeable, sentence_of
from cosmo.i18n import N_, gettext, pick
from cosmo.orders import Order
from cosmo.promise import ship_to_of
from cosmo.proposals import Proposal
from modules.interaction.schemas import (
    AffectedOut,
    BeforeAfterOut,
    ChangeOut,
    FreezePointOut,
    LineDiffersOut,
    PartsOut,
)
from modules.interaction.selecting import address
from modules.interaction.service import can_change_address

DISPATCH = N_("Dispatch")
PACKED = N_("It is packed and labelled already; please write to the plant.")
SHIP_TO = "ship_to"


def change_out(found: Proposal, secret: str, locale: str, *, confirmed: bool) -> ChangeOut:
    """The change in plain data."""
    wish, before, after = found.asked[1], found.before, found.after
    return ChangeOut(
        id=found.order_id,
        confirmed=confirmed,
        options=list(found.options),
        selections=dict(wish.selections),
        quantity=wish.quantity,
        price=BeforeAfterOut(
            before=format(before.price.amount, "f"),
            after=format(after.price.amount, "f"),
            difference=format(found.difference, "f"),
        ),
        currency=after.price.currency,
        lines=[_line(line, locale) for line in found.lines],
        delivery_date=BeforeAfterOut(
            before=before.delivery_date.isoformat(),
            after=after.delivery_date.isoformat(),
            difference=str(found.days),
        ),
        affected=AffectedOut(
            operations=_parts(found.operations, locale),
            materials=_parts(found.materials, locale),
            suppliers=len(found.suppliers),
        ),
        proof_needed=found.proof,
        signature=found.signature(secret),
    )


def _line(line: LineChange, locale: str) -> LineDiffersOut:
    before, after = (None if a is None else format(a, "f") for a in (line.before, line.now))
    return LineDiffersOut(code=line.code, text=pick(line.text, locale), before=before, after=after)


def _parts(parts: Parts, locale: str) -> PartsOut:
    def names(found: Iterable[Named]) -> list[str]:
        return [pick(name, locale) for _, name in found]

    return PartsOut(gone=names(parts.gone), new=names(parts.new), other=names(parts.other))


def points_out(session: Session, order: Order, locale: str) -> list[FreezePointOut]:
    """Every option, the quantity and the address. After making nothing of the first two may change."""
    try:
        must_be_changeable(order)
        late = ""
    except CosmoError as error:
        late = gettext(locale, error.detail)
    freezing = freezing_of(session, order)
    told = [_point(session, order, freezing, option, late, locale) for option in options_of(session, order)]
    packed = not can_change_address(order)
    return [
        *told,
        FreezePointOut(
            option=SHIP_TO, operation="dispatch", name=gettext(locale, DISPATCH), frozen=packed, since=None,
            why=gettext(locale, PACKED) if packed else "",
        ),
    ]  # fmt: skip


def options_of(session: Session, order: Order) -> list[str]:
    """What the order's release lets one choose, and the quantity."""
    if order.release is None:
        return [QUANTITY]
    configurator = answerers_for(session, order).configurator
    described = configurator.describe(session, order.family, "en", order.release)
    return [*(str(option["id"]) for option in described["options"]), QUANTITY]


def _point(
    session: Session, order: Order, freezing: Freezing, option: str, late: str, locale: str
) -> FreezePointOut:
    point = freezing.point(option) or FreezePoint("", {"en": ""})
    why = gettext(locale, sentence_of(session, order, option, point)) if point.since else late
    return FreezePointOut(
        option=option, operation=point.operation or None, name=pick(point.name, locale), frozen=bool(why),
        since=point.since, why=why,
    )  # fmt: skip


def order_anew(session: Session, order: Order, selections: dict[str, object], quantity: int) -> str:
    """The configurator with the changed choices: too late for this order, it starts a fresh one."""
    return address(order.family, selections, quantity, ship_to_of(session, order))
