"""/floor: the operator's tablet. Forms are kept on the tablet while there is no network; `key` makes each
act happen once, however often it is sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Header, Query, Request
from pydantic import ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from cosmo.access import plants_of
from cosmo.clock import ClockRow, Now, business_time
from cosmo.errors import Conflict, Invalid
from cosmo.i18n import N_, gettext, pick
from cosmo.identity import Principal
from cosmo.ids import new_id
from cosmo.parties import Plant, Role
from modules.manufacturing import lists
from modules.manufacturing.counting import counted
from modules.manufacturing.models import Kind, State
from modules.manufacturing.plant import work_centre, work_centres
from modules.manufacturing.publishing import Cause
from modules.manufacturing.remembering import undo_last
from modules.manufacturing.scanning import apply_scans, mend
from modules.manufacturing.schemas import ScanIn
from modules.manufacturing.sites import floor_address, named, plant_with, plants_with
from modules.manufacturing.station import REASONS, page, read_station
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.templating import render

router = APIRouter()
STEPS = ("count", "scrap")
UNREADABLE = N_("This could not be read, and nothing is recorded. See how it stands here and press again.")
NO_REASON = N_("Nothing is recorded yet. Choose why these pieces are scrap.")
FLOOR = (Role.OPERATOR, Role.PLANNER)
Step = Annotated[str, Query(max_length=10)]
Site = Annotated[str, Query(max_length=80)]
Key = Annotated[str, Form(min_length=1, max_length=80)]
QueuedAt = Annotated[str, Header(alias="X-Queued-At", max_length=40)]


@router.get("/floor", dependencies=[allow(*FLOOR)])
def choose(request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale) -> Response:
    """Which work centre one stands at."""
    return _choose(request, session, principal, plants_of(session, principal), locale)


def _choose(
    request: Request, session: Session, principal: Principal, plants: Sequence[Plant], locale: str,
    code: str = "",
) -> Response:  # fmt: skip
    shown = [_choices(session, plant, named(session, principal, plant), locale, code) for plant in plants]
    return render(request, "manufacturing/floor_choose.html", plants=shown)


def _choices(session: Session, plant: Plant, slug: str, locale: str, only: str) -> dict[str, Any]:
    rows = lists.rows_of(session, plant.id, states=(State.RUNNING, State.FIRM))
    running = {row.resource for row, _ in rows if row.state == State.RUNNING}
    waiting: dict[str, int] = {}
    for row, _ in rows:
        waiting[row.resource] = waiting.get(row.resource, 0) + (row.state == State.FIRM)
    areas: dict[str, list[dict[str, Any]]] = {}
    for centre in work_centres(session, plant.id):
        if only in ("", centre.code):
            areas.setdefault(centre.area, []).append(
                {"href": floor_address(centre.code, slug), "name": pick(centre.name, locale),
                 "running": centre.code in running, "waiting": waiting.get(centre.code, 0)}
            )  # fmt: skip
    return {"site": plant.name if slug else "", "areas": areas}


@router.get("/floor/{work_center}", dependencies=[allow(*FLOOR)])
def station(
    request: Request, work_center: str, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow,
    locale: Locale, step: Step = "", plant: Site = "",
) -> Response:  # fmt: skip
    """The next job with its verbs, or counting what is good and what is scrap; where several of one's plants
    have such a work centre, first which."""
    plants = plants_with(session, principal, work_center, plant)
    if len(plants) > 1:
        return _choose(request, session, principal, plants, locale, work_center)
    return _station(request, session, principal, plants[0], work_center, now, locale, step=step)


def _station(
    request: Request, session: Session, principal: Principal, plant: Plant, code: str, now: Now,
    locale: str, *, step: str = "", problem: str = "", text: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    centre, slug = work_centre(session, plant.id, code), named(session, principal, plant)
    shown = page(read_station(session, plant, centre, now, locale))
    form = counted(text or {}, shown["work"], locale)
    return render(
        request, "manufacturing/station.html", status=status, page=shown, centre=centre, plant=plant,
        station_name=pick(centre.name, locale), step=form.step or (step if step in STEPS else ""),
        problem=form.sentence or gettext(locale, problem), form=form, reasons=REASONS,
        batch=centre.kind == Kind.BATCH, fresh_key=new_id,
        floor=partial(floor_address, code, slug), site=plant.name if slug else "",
    )  # fmt: skip


async def _typed(request: Request) -> FormData:
    return await request.form(max_fields=600)


@router.post("/floor/{work_center}/acts", dependencies=[allow(*FLOOR)])
def act(
    request: Request, work_center: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow,
    locale: Locale, typed: Annotated[FormData, Depends(_typed)], plant: Site = "", queued_at: QueuedAt = "",
) -> Response:  # fmt: skip
    """Start, finish or count scrap. Sent again with the same key it is answered as the first time; refused,
    the form comes back with what was counted."""
    here = plant_with(session, principal, work_center, plant)
    text = {name: value for name, value in typed.items() if isinstance(value, str)}
    try:
        scan = _scan(text, _happened(session, queued_at, now))
    except Invalid as error:
        problem, status = error.detail, error.status
    else:
        answer = apply_scans(session, [here], [scan], principal.actor, now)[0]
        if answer.error is None:
            return RedirectResponse(floor_address(work_center, named(session, principal, here)), 303)
        problem, status = answer.error.detail, Conflict.status
    return _station(
        request, session, principal, here, work_center, now, locale, problem=problem, text=text, status=status
    )


def _happened(session: Session, queued_at: str, now: Now) -> datetime:
    """When it was done on the tablet, in business time; now where the tablet does not say."""
    try:
        wall = datetime.fromisoformat(queued_at)
    except ValueError:
        return now.business
    if wall.tzinfo is None or wall > now.wall:
        return now.business
    return business_time(session.get(ClockRow, 1), wall)


def _scan(text: Mapping[str, str], at: datetime) -> ScanIn:
    """The form as a scan; raises `Invalid` where a number is none or the form was not made by our page."""
    if text.get("good") == "" or text.get("scrap") == "":
        raise Invalid(UNREADABLE)
    counts = {name.removeprefix("scrap_"): v for name, v in text.items() if name.startswith("scrap_") and v}
    reason = counts.pop("reason", "")
    if reason not in REASONS and (reason or text.get("action") == "scrap"):
        raise Invalid(NO_REASON)
    values = {
        "client_id": text.get("key"), "action": text.get("action"), "job": text.get("job") or None,
        "firing": text.get("firing") or None, "event_time": at, "good": text.get("good") or None,
        "scrap": text.get("scrap") or None, "scrap_reason": reason, "scrap_by_job": counts,
        "members": text.get("members", "").split(),
    }  # fmt: skip
    try:
        return ScanIn.model_validate(values)
    except ValidationError as error:
        raise Invalid(UNREADABLE) from error


@router.post("/floor/{work_center}/undo", dependencies=[allow(*FLOOR)])
def undo(
    work_center: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow, key: Key,
    plant: Site = "",
) -> Response:  # fmt: skip
    """Take back the last act here, once for each key."""
    here = plant_with(session, principal, work_center, plant)
    undo_last(session, here.id, work_center, principal.actor, now, client_id=key)
    mend(session, here, Cause("late-start", work_center), now)
    return RedirectResponse(floor_address(work_center, named(session, principal, here)), 303)
