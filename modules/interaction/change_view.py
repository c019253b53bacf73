"""What the page of a change shows: options with what is frozen, and a change beside what it changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from cosmo import formats
from cosmo.affecting import Named, Parts
from cosmo.asking import answerers_for, family_card
from cosmo.errors import CosmoError, NotFound
from cosmo.freezing import QUANTITY, Freezing, freezing_of, must_be_changeable, sentence_of
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.ports import Answer, FamilyCard
from cosmo.promise import ship_to_of, spec_of
from cosmo.proposals import Proposal
from modules.interaction import selecting, uploads
from modules.interaction.change_shapes import order_anew
from modules.interaction.changes_view import change_told
from modules.interaction.options_view import Asked, option_group
from modules.interaction.renewing import days_told, line_told
from modules.interaction.words import difference
from web.amounts import counted

UNTIL = N_("Until “{operation}” begins")
STEPS = (
    ("new", N_("New steps: {names}.")),
    ("gone", N_("Steps no longer needed: {names}.")),
    ("other", N_("Steps done otherwise: {names}.")),
)
MATERIALS = (
    ("new", N_("Material newly needed: {names}.")),
    ("gone", N_("Material no longer needed: {names}.")),
    ("other", N_("Material in another quantity: {names}.")),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The order with the choices of the form, as its release has them."""

    card: FamilyCard | None
    described: Mapping[str, Any]
    answer: Answer
    selections: dict[str, Any]
    quantity: int
    refused: Mapping[str, str]
    typed: str = ""
    """What was written as the quantity, where that is none."""


def seen_of(
    session: Session,
    order: Order,
    selections: dict[str, Any],
    quantity: int,
    locale: str,
    refused: Mapping[str, str] | None = None,
) -> Seen:
    """Options and valid values under the release that was ordered; none for an order without one."""
    try:
        card = family_card(session, order.family)
    except NotFound:
        card = None
    if order.release is None:
        return Seen(card, {"options": []}, Answer({}, {}, {}, True, ()), selections, quantity, {})
    configurator = answerers_for(session, order).configurator
    described = configurator.describe(session, order.family, locale, order.release)
    answer = configurator.answer(session, order.family, selections, quantity, locale, order.release)
    return Seen(card, described, answer, selections, quantity, refused or {})


def changed_page(session: Session, order: Order, seen: Seen, plant: Plant, locale: str) -> dict[str, Any]:
    """Options that may still change, those that are frozen, and whether anything may change at all."""
    freezing, late = freezing_of(session, order), ""
    try:
        must_be_changeable(order)
    except CosmoError as error:
        late = gettext(locale, error.detail)
    frozen = _frozen(session, order, freezing, seen, locale)
    known = {item["id"] for item in frozen}
    title = pick(spec_of(session, order.id).title, locale)
    unit = seen.card.unit if seen.card else "pcs"
    return {
        "late": late,
        "anew": order_anew(session, order, dict(order.selections), order.quantity) if late else "",
        "what": gettext(locale, N_(", ")).join((counted(order.quantity, unit, locale), title)),
        "groups": _groups(session, seen, order, plant, freezing, known, locale),
        "frozen": frozen,
        "quantity": None if QUANTITY in known else _quantity(freezing, seen, locale),
    }


def _groups(
    session: Session,
    seen: Seen,
    order: Order,
    plant: Plant,
    freezing: Freezing,
    frozen: set[str],
    locale: str,
) -> list[dict[str, Any]]:
    """The open options as the configurator shows them, each with when it freezes."""
    if seen.card is None:
        return []
    files = uploads.told(session, seen.described["options"], seen.selections)
    asked = Asked(
        seen.card, plant, seen.described, seen.answer, seen.selections, seen.quantity,
        ship_to_of(session, order), "", None, "", files, seen.refused,
    )  # fmt: skip
    return [
        {
            "group": _without_frozen_ways(option_group(asked, option, locale), frozen),
            "until": _until(freezing, str(option["id"]), locale),
        }
        for option in seen.described["options"]
        if option["id"] not in frozen
    ]


def _without_frozen_ways(group: dict[str, Any], frozen: set[str]) -> dict[str, Any]:
    """A lock's way out is offered only where it changes nothing that is frozen."""
    for why in group.get("whys", ()):
        if frozen & selecting.set_by(why.get("value", "")):
            why.pop("fix", None)
    return group


def _until(freezing: Freezing, option: str, locale: str) -> str:
    point = freezing.point(option)
    return gettext(locale, UNTIL, operation=pick(point.name, locale)) if point else ""


def _frozen(
    session: Session, order: Order, freezing: Freezing, seen: Seen, locale: str
) -> list[dict[str, str]]:
    """What can no longer change: its name, what it is, and why."""
    found = []
    for option in seen.described["options"]:
        point = freezing.point(str(option["id"]))
        if point is not None and point.since is not None:
            why = gettext(locale, sentence_of(session, order, str(option["id"]), point))
            value = _shown(option, order.selections.get(option["id"]))
            found.append({"id": str(option["id"]), "name": option["name"], "value": value, "why": why})
    point = freezing.point(QUANTITY)
    if point is not None and point.since is not None:
        why = gettext(locale, sentence_of(session, order, QUANTITY, point))
        name = gettext(locale, N_("How many"))
        found.append({"id": QUANTITY, "name": name, "value": str(order.quantity), "why": why})
    return found


def _shown(option: Mapping[str, Any], value: Any) -> str:
    """A value by its name; files and what is left out without one."""
    if value is None or option["type"] == "file":
        return ""
    return next((str(v["label"]) for v in option["values"] if v["value"] == value), str(value))


def _quantity(freezing: Freezing, seen: Seen, locale: str) -> dict[str, Any]:
    return {
        "value": seen.typed or seen.quantity,
        "label": gettext(locale, N_("How many")),
        "fewer": gettext(locale, N_("Fewer")),
        "more": gettext(locale, N_("More")),
        "until": _until(freezing, QUANTITY, locale),
    }


def proposal_told(found: Proposal, seen: Seen, timezone: str, locale: str) -> dict[str, Any]:
    """The change in words: what differs, price and day before and after, and who is affected."""
    before, after, currency = found.before, found.after, found.after.price.currency
    return {
        "changes": _differs(found, seen, locale),
        "day": tuple(formats.shortday(one.delivery_date, locale) for one in (before, after)),
        "days": days_told(found.days, locale),
        "price": tuple(formats.money(one.price.amount, currency, locale) for one in (before, after)),
        "difference": difference(found.difference, currency, locale) if found.difference else "",
        "lines": [line_told(line, currency, locale) for line in found.lines],
        "affected": [
            *_parts(found.operations, STEPS, locale),
            *_parts(found.materials, MATERIALS, locale),
            _suppliers(len(found.suppliers), locale),
        ],
        "proof": found.proof,
    }


def _differs(found: Proposal, seen: Seen, locale: str) -> list[str]:
    old, new = found.asked

    def value(chosen: Mapping[str, Any], name: str, quantity: int) -> str:
        return str(quantity) if name == QUANTITY else str(chosen.get(name, ""))

    return [
        change_told(
            seen.described, {}, name, value(old.selections, name, old.quantity),
            value(new.selections, name, new.quantity), locale,
        )
        for name in found.options
    ]  # fmt: skip


def _parts(parts: Parts, sentences: Iterable[tuple[str, str]], locale: str) -> list[str]:
    def names(found: Iterable[Named]) -> str:
        return gettext(locale, N_(", ")).join(pick(name, locale) for _, name in found)

    return [
        gettext(locale, msgid, names=names(getattr(parts, kind)))
        for kind, msgid in sentences
        if getattr(parts, kind)
    ]


def _suppliers(n: int, locale: str) -> str:
    if not n:
        return gettext(locale, N_("No supplier is affected, and no other order moves."))
    return ngettext(
        locale, "{n} supplier is told at once; no other order moves.",
        "{n} suppliers are told at once; no other order moves.", n,
    )  # fmt: skip
