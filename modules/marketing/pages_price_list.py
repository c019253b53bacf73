"""The form for a family's next price list. Only what is changed in it is changed: what stands there as it was
shown stays as it is by the time it is saved, whoever else has written a list meanwhile."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import plants_of
from cosmo.clock import Now
from cosmo.errors import CosmoError, NotFound
from cosmo.formats import day_of
from cosmo.i18n import N_, translator
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from cosmo.ports import FamilyCard
from modules.marketing import lists
from modules.marketing.pages_prices import KINDS, NO_FAMILY, NO_SEGMENT, families
from modules.marketing.schemas import MOST_RATE, SEGMENT, ListIn, RateLine
from web.amounts import typed_number
from web.deps import CurrentNow, CurrentPrincipal, ReadSession, WriteSession, allow
from web.forms import SentForm
from web.templating import render
from web.visits import visit_of

router = APIRouter()
CENT, FINEST = Decimal("0.01"), Decimal("0.0001")
NOT_A_RATE = N_("Write a number from 0 on, like 1.90.")
NOT_A_PERCENT = N_("Write percent up to 90, such as 3.5.")
NOT_YET = N_("Raise or lower them first, or empty this field.")
WRONG = {"segment": NO_SEGMENT, "valid_from": N_("Choose a day."), "valid_to": N_("Choose a day.")}
RAISED = ("amount", "minimum")
"""Surcharges in percent rise by themselves with what they are percent of."""
Changes = dict[str, dict[str, Decimal | None]]


@router.get("/plant/prices/{family}/list", dependencies=[allow(Role.SELLER)])
def new_list(
    family: str,
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    segment: str = "",
) -> Response:
    """The form, filled with the rates that count without an end, those of the `segment` if one is named."""
    card, wanted = _card(session, principal, family), segment if SEGMENT.fullmatch(segment) else ""
    return _form(request, session, card, now, {"segment": wanted})


def _card(session: Session, principal: Principal, family: str) -> FamilyCard:
    found = [card for card in families(session, plants_of(session, principal)) if card.slug == family]
    if not found:
        raise NotFound(NO_FAMILY)
    return found[0]


def _form(
    request: Request,
    session: Session,
    card: FamilyCard,
    now: Now,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    standing = lists.standing_list(session, card.slug, now.business)
    if standing is None:
        raise NotFound(NO_FAMILY)
    segment = typed.get("segment", "")
    own = lists.standing_list(session, card.slug, now.business, segment) if segment else None
    shown, plant = lists.together(standing, own), session.get_one(Plant, card.plant_id)
    return render(
        request,
        "marketing/price_list.html",
        status=status,
        card=card,
        currency=standing.currency,
        lines=shown,
        kinds={code: translator(visit_of(request).locale)(word) for code, word in KINDS.items()},
        segments=sorted(set(lists.segments(session, card.manufacturer_id).values())),
        today=day_of(now.business, plant.timezone).isoformat(),
        typed=_as_it_is(shown) | dict(typed),
        wrong=wrong or {},
    )


def _as_it_is(lines: Sequence[RateLine]) -> dict[str, str]:
    """What the form says first: each rate and cost, and once more as it was shown."""
    figures = {f"rate-{line.code}": plain(line.rate) for line in lines}
    figures |= {f"cost-{line.code}": plain(line.cost) if line.cost is not None else "" for line in lines}
    return figures | {f"was-{name}": text for name, text in figures.items()}


def plain(value: Decimal) -> str:
    """With two decimals at least, as money is read."""
    return format(value.quantize(CENT) if value == value.quantize(CENT) else value.normalize(), "f")


@router.post("/plant/prices/{family}/list", dependencies=[allow(Role.SELLER)])
def write_list(
    family: str,
    request: Request,
    sent: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
) -> Response:
    """Save it; the form again with what was typed where something is wrong, or with the rates raised."""
    card, typed = _card(session, principal, family), sent.fields
    changes, wrong = _changes(typed)
    try:
        wish = ListIn.model_validate(_days(typed) | {"family": card.slug} | ({} if wrong else changes))
        scale = typed.get("do") in ("raise", "lower")
        raised, wrong = _raised(session, card, now, typed, wrong, scale=scale)
        if wrong or scale:
            return _form(request, session, card, now, raised, wrong, 422 if wrong else 200)
        lists.write_list(session, session.get_one(Plant, card.plant_id), wish, principal.actor, now)
    except ValidationError as error:
        names = [_at(one["loc"]) for one in error.errors()]
        wrong |= {name: WRONG.get(name, NOT_A_RATE) for name in names}
        return _form(request, session, card, now, typed, wrong, 422)
    except CosmoError as error:
        where = {str(error.extra.get("field", "valid_from")): error.detail}
        return _form(request, session, card, now, typed, where, error.status)
    return RedirectResponse(f"/plant/prices#list-{card.slug}", 303)


def _at(loc: Sequence[int | str]) -> str:
    """The field of the form that an error is about."""
    prefix = {"rates": "rate-", "costs": "cost-"}.get(str(loc[0]))
    return f"{prefix}{loc[1]}" if prefix and len(loc) > 1 else str(loc[0])


def _days(typed: Mapping[str, str]) -> dict[str, Any]:
    days = {name: typed.get(name, "").strip() or None for name in ("valid_from", "valid_to")}
    return {"segment": typed.get("segment", "").strip().lower(), **days}


def _changes(typed: Mapping[str, str]) -> tuple[Changes, dict[str, str]]:
    """Rates and costs by code where they are other ones than were shown, and which fields are no number; an
    empty cost is one that is not known."""
    found: Changes = {"rates": {}, "costs": {}}
    wrong: dict[str, str] = {}
    for name, text in typed.items():
        kind, _, code = name.partition("-")
        if kind not in ("rate", "cost") or not code:
            continue
        value = typed_number(text)
        bad = value is None or not 0 <= value <= MOST_RATE
        if bad and (kind == "rate" or text.strip()):
            wrong[name] = NOT_A_RATE
        elif value != typed_number(typed.get(f"was-{name}", "")):
            found[f"{kind}s"][code] = value
    return found, wrong


def _raised(
    session: Session, card: FamilyCard, now: Now, typed: Mapping[str, str], wrong: Mapping[str, str],
    *, scale: bool,
) -> tuple[dict[str, str], dict[str, str]]:  # fmt: skip
    """What was typed with the rates so many percent higher, or lower, and what is wrong with it."""
    text = typed.get("percent", "").strip()
    percent = typed_number(text)
    if (text or scale) and (percent is None or not 0 < percent <= 90):
        return dict(typed), {**wrong, "percent": NOT_A_PERCENT}
    if text and not scale:
        return dict(typed), {**wrong, "percent": NOT_YET}
    if wrong or percent is None:
        return dict(typed), dict(wrong)
    factor = 1 + (-percent if typed["do"] == "lower" else percent) / 100
    general, _ = lists.counting(session, card.slug, now.business)
    kinds = {line["code"]: line["kind"] for line in general.lines} if general else {}
    rates = [name for name in typed if name.startswith("rate-") and kinds.get(name[5:]) in RAISED]
    return {**typed, **{name: _times(typed[name], factor) for name in rates}, "percent": ""}, {}


def _times(text: str, factor: Decimal) -> str:
    rate = typed_number(text)
    assert rate is not None
    return plain((rate * factor).quantize(FINEST, ROUND_HALF_UP))
