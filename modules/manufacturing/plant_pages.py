"""/plant: the planner's board, the firings, standstills."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import plants_of
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.errors import Invalid, NotFound
from cosmo.i18n import N_, gettext, pick
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from modules.manufacturing import lists
from modules.manufacturing.blocks import firing_code
from modules.manufacturing.board import board
from modules.manufacturing.breakdowns import foresee, report_breakdown
from modules.manufacturing.disrupting import Standstill, downtimes, up_again
from modules.manufacturing.firing_curve import card
from modules.manufacturing.improving import improve
from modules.manufacturing.models import Downtime, Kind, Plan, State
from modules.manufacturing.plant import work_centre, work_centres
from modules.manufacturing.risks import banner, customers, risks, side_lists, told_repair
from modules.manufacturing.view import SPANS, View, as_foreseen, read_view
from web.deps import PLANT, CurrentNow, CurrentPrincipal, Db, Locale, ReadSession, WriteSession, allow
from web.templating import render
from web.texts import LINE, too_long

router = APIRouter()
PLANNING = (Role.PLANNER, Role.OPERATOR)
Span = Annotated[str, Query(max_length=10)]
Slug = Annotated[str, Query(max_length=80)]
Typed = Annotated[str, Form()]


def planned_plant(session: Session, principal: Principal, slug: str) -> Plant | None:
    """The plant asked for, else the first that has a plan; None where there is none. Raises `NotFound`."""
    plants = plants_of(session, principal)
    if slug and slug not in {plant.slug for plant in plants}:
        raise NotFound("There is no such plant here.")
    wanted = [plant for plant in plants if plant.slug == slug] or plants
    return next((plant for plant in wanted if session.get(Plan, plant.id) is not None), None)


@router.get("/plant/board", dependencies=[allow(*PLANT)])
def show_board(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale,
    span: Span = "week", plant: Slug = "", said: Span = "",
) -> Response:  # fmt: skip
    """The plan by resource, what is at risk, and what threatens it."""
    here = planned_plant(session, principal, plant)
    if here is None:
        return render(request, "manufacturing/no_plan.html")
    view = read_view(session, here, now, locale, span)
    return _board(request, session, principal, view, span, banner(view), said=said)


def _board(
    request: Request, session: Session, principal: Principal, view: View, span: str,
    shown: dict[str, Any] | None, *, standstill: dict[str, str] | None = None, said: str = "",
) -> Response:  # fmt: skip
    span = span if span in SPANS else "week"
    page = {
        "title": gettext(view.locale, N_("Board")), "banner": shown, "board": board(view),
        "toggles": _toggles(session, principal, view, span), "risks": risks(session, view),
        "lists": side_lists(session, view), "empty": {"line": "", "action": None, "href": None},
    }  # fmt: skip
    return render(
        request, "manufacturing/board.html", page=page, plant=view.plant, plan=view.plan, span=span,
        standstill=standstill, said=said, standstills=_standing(view), may_plan=principal.role in PLANNING,
        may_replan=principal.role == Role.PLANNER,
    )  # fmt: skip


def _toggles(session: Session, principal: Principal, view: View, span: str) -> list[dict[str, Any]]:
    names = {"day": N_("Day"), "week": N_("Week"), "month": N_("Month")}
    spans = [
        {"label": gettext(view.locale, label), "href": f"/plant/board?plant={view.plant.slug}&span={name}",
         "current": name == span}
        for name, label in names.items()
    ]  # fmt: skip
    found = [{"label": gettext(view.locale, N_("Time shown")), "choices": spans}]
    choices = _plants_to_choose(session, principal, view.plant, f"/plant/board?span={span}&plant=")
    return [{"label": gettext(view.locale, N_("Plant")), "choices": choices}, *found] if choices else found


def _plants_to_choose(
    session: Session, principal: Principal, here: Plant, address: str
) -> list[dict[str, Any]]:
    """The same page of each plant with a plan: `address` and its slug; none where there is only one."""
    plants = [p for p in plants_of(session, principal) if session.get(Plan, p.id) is not None]
    choices = [{"label": p.name, "href": f"{address}{p.slug}", "current": p.id == here.id} for p in plants]
    return choices if len(choices) > 1 else []


def _standing(view: View) -> list[dict[str, Any]]:
    return [
        {"row": still, "name": pick(view.centres[still.resource].name, view.locale)}
        for still in view.standstills
        if still.end > view.now.business and still.id != "foreseen"
    ]


@router.get("/plant/standstills", dependencies=[allow(*PLANNING)])
def standstills(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale,
    plant: Slug = "", resource: Annotated[str, Query(max_length=80)] = "",
) -> Response:  # fmt: skip
    """Report that a work centre stands still; see which do."""
    here = planned_plant(session, principal, plant)
    if here is None:
        return render(request, "manufacturing/no_plan.html")
    typed = {"resource": resource, "hours": "", "reason": ""}
    return _report(request, session, principal, here, now, locale, typed)


def _report(
    request: Request, session: Session, principal: Principal, plant: Plant, now: Now, locale: str,
    typed: dict[str, str], *, error: str = "", status: int = 200,
) -> Response:  # fmt: skip
    centres = [(c.code, pick(c.name, locale)) for c in work_centres(session, plant.id)]
    names = dict(centres)
    current = [(still, names.get(still.resource, still.resource)) for still in
               downtimes(session, plant.id, now.business)]  # fmt: skip
    return render(
        request, "manufacturing/standstills.html", status=status, plant=plant, centres=centres, typed=typed,
        error=error, current=current,
        choices=_plants_to_choose(session, principal, plant, "/plant/standstills?plant="),
    )  # fmt: skip


@router.post("/plant/standstills", dependencies=[allow(*PLANNING)])
def report(
    request: Request, db: Db, principal: CurrentPrincipal, now: CurrentNow, locale: Locale,
    plant: Annotated[str, Form(max_length=80)], resource: Typed = "", hours: Typed = "", reason: Typed = "",
    publish: Typed = "",
) -> Response:  # fmt: skip
    """First what it does to the plan; with `publish` it is written and the repair becomes the plan."""
    typed = {"resource": resource, "hours": hours, "reason": reason}
    with db.read() as session:
        here = planned_plant(session, principal, plant)
        if here is None:
            raise NotFound("There is no plan here.")
        try:
            still = _still(typed, locale, now)
            if not publish:
                return _preview(request, session, principal, here, still, typed, now, locale)
        except (Invalid, NotFound) as wrong:
            return _report(
                request, session, principal, here, now, locale, typed, error=wrong.detail, status=422
            )
    report_breakdown(db, here, still, principal.actor, now)
    return RedirectResponse(f"/plant/board?plant={here.slug}", 303)


def _still(typed: dict[str, str], locale: str, now: Now) -> Standstill:
    try:
        hours = float(typed["hours"].replace(",", "."))
    except ValueError:
        raise Invalid(N_("Say for how many hours it stands still, as a number.")) from None
    if not 0 < hours <= 24 * 60:
        raise Invalid(N_("Say for how many hours it stands still: more than 0, at most 1,440."))
    if problem := too_long(typed["reason"], locale, LINE):
        raise Invalid(problem)
    end = now.business + timedelta(hours=hours)
    return Standstill(typed["resource"], now.business, end, typed["reason"].strip())


def _preview(
    request: Request, session: Session, principal: Principal, plant: Plant, still: Standstill,
    typed: dict[str, str], now: Now, locale: str,
) -> Response:  # fmt: skip
    seen = foresee(session, plant.id, still, now)
    name = pick(work_centre(session, plant.id, still.resource).name, locale)
    repair = {"at_risk": len(seen.at_risk), "kept": seen.kept, "moved": seen.moved, "pieces": seen.pieces,
              "seconds": seen.seconds}  # fmt: skip
    shown = told_repair(locale, name, (still.end - still.start) / timedelta(hours=1), repair, published=False)
    view = as_foreseen(session, read_view(session, plant, now, locale, "week"), seen, still)
    return _board(request, session, principal, view, "week", shown, standstill=typed)


@router.post("/plant/standstills/{downtime_id}/end", dependencies=[allow(*PLANNING)])
def end_standstill(
    downtime_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """It works again, earlier than thought."""
    row = session.get(Downtime, downtime_id)
    plants = {plant.id: plant for plant in plants_of(session, principal)}
    if row is None or row.plant_id not in plants:
        raise NotFound("There is no such standstill here.")
    up_again(session, row, now)
    return RedirectResponse(f"/plant/board?plant={plants[row.plant_id].slug}", 303)


@router.post("/plant/board/improvement", dependencies=[allow(Role.PLANNER)])
def improve_plan(
    db: Db, principal: CurrentPrincipal, plant: Annotated[str, Form(max_length=80)]
) -> Response:
    """Let the solver look for a better plan; it is published if it is one."""
    slug, plant_id = _plan_of(db, principal, plant)
    said = "better" if improve(db, plant_id).published else "same"
    return RedirectResponse(f"/plant/board?plant={slug}&said={said}", 303)


def _plan_of(db: Database, principal: Principal, slug: str) -> tuple[str, str]:
    with db.read() as session:
        plant = planned_plant(session, principal, slug)
        if plant is None:
            raise NotFound("There is no plan here.")
        return plant.slug, plant.id


@router.get("/plant/firings", dependencies=[allow(*PLANT)])
def firings(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale,
    plant: Slug = "", open: Annotated[str, Query(max_length=120)] = "",
) -> Response:  # fmt: skip
    """Every run of a batch resource: what burns now with its curve, then what comes, with its members."""
    here = planned_plant(session, principal, plant)
    if here is None:
        return render(request, "manufacturing/no_plan.html")
    centres = {c.code: c for c in work_centres(session, here.id)}
    rows = lists.rows_of(session, here.id)
    runs = lists.firings_of(rows, centres, lists.origin_of(session, here.id))
    names = customers(session, [order for run in runs[:60] for _, order in run.members])
    burning = [run for run in runs if run.state == State.RUNNING]
    cards = [c for k, run in enumerate(burning) if (c := card(run, locale, here.timezone, now, f"k{k}"))]
    return render(
        request, "manufacturing/firings.html", plant=here, cards=cards, names=names, opened=open,
        runs=[(run, firing_code(run, here.timezone)) for run in runs[:60]],
        kilns=[c for c in centres.values() if c.kind == Kind.BATCH],
        choices=_plants_to_choose(session, principal, here, "/plant/firings?plant="),
    )  # fmt: skip
