"""For whoever runs the house: deliveries that are stuck, tasks, modules on and off, the clock."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse, Response

from cosmo.clock import ClockRow, Now, set_clock, skip_ahead
from cosmo.delivering import drop, retry, stuck
from cosmo.errors import Invalid, NotAllowed, NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.outbox import Delivery
from cosmo.parties import Party, PartyKind, Role
from cosmo.registry import modules_on, registry, switch
from cosmo.tasks import Task, finish_task, open_tasks
from web.deps import PLANT, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.layout import may_set_clock
from web.sign_in import local_address
from web.site import site
from web.templating import render

router = APIRouter(include_in_schema=False, prefix="/admin")
KEEPERS = (Role.PLATFORM, Role.PLANNER)
"""The platform sees all manufacturers' machinery, a planner their own."""
FAST = 2880.0
"""Two days a minute, where a demo has no speed of its own."""


def _scope(principal: Principal) -> str | None:
    return None if principal.role == Role.PLATFORM else principal.party_id


@router.get("/deliveries", dependencies=[allow(*KEEPERS)])
def deliveries(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """What failed or waits too long, and what it holds up."""
    found = stuck(session, now, _scope(principal))
    return render(request, "shell/deliveries.html", found=found)


@router.post("/deliveries/{delivery_id}/retry", dependencies=[allow(*KEEPERS)])
def retry_delivery(
    delivery_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """Try again now, with all attempts."""
    _own_delivery(session, principal, delivery_id)
    retry(session, delivery_id, now)
    return RedirectResponse("/admin/deliveries", 303)


@router.post("/deliveries/{delivery_id}/drop", dependencies=[allow(*KEEPERS)])
def drop_delivery(
    delivery_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """Do without it, so that what waits behind it goes on."""
    _own_delivery(session, principal, delivery_id)
    drop(session, delivery_id, now)
    return RedirectResponse("/admin/deliveries", 303)


def _own_delivery(session: Session, principal: Principal, delivery_id: str) -> None:
    query = select(Order.manufacturer_id).join(Delivery, col(Delivery.order_id) == col(Order.id))
    owner = session.exec(query.where(Delivery.id == delivery_id)).one_or_none()
    if owner is None or _scope(principal) not in (None, owner):
        raise NotFound(N_("There is no such delivery here."))


@router.get("/tasks", dependencies=[allow(Role.PLATFORM, *PLANT)])
def tasks(request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale) -> Response:
    """What waits for a person."""
    owners = _manufacturers(session) if principal.role == Role.PLATFORM else _own_party(session, principal)
    rows = [
        {"task": task, "text": task.text(locale), "owner": owner.name}
        for owner in owners
        for task in open_tasks(session, owner.id)
    ]
    return render(request, "shell/tasks.html", rows=rows, many=principal.role == Role.PLATFORM)


@router.post("/tasks/{task_id}/done", dependencies=[allow(Role.PLATFORM, *PLANT)])
def task_done(task_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """Somebody has seen to it."""
    task = session.get(Task, task_id)
    if task is None or _scope(principal) not in (None, task.manufacturer_id):
        raise NotFound(N_("There is no such task here."))
    finish_task(session, task.manufacturer_id, task_id, now=now, actor=principal.actor)
    return RedirectResponse("/admin/tasks", 303)


def _own_party(session: Session, principal: Principal) -> list[Party]:
    party = session.get(Party, principal.party_id) if principal.party_id else None
    return [party] if party else []


@router.get("/modules", dependencies=[allow(Role.PLATFORM)])
def modules(request: Request, session: ReadSession) -> Response:
    """Which manufacturer uses which module."""
    rows = [{"party": party, "on": modules_on(session, party.id)} for party in _manufacturers(session)]
    return render(request, "shell/modules.html", rows=rows, modules=registry().modules)


@router.post("/modules", dependencies=[allow(Role.PLATFORM)])
def switch_module(
    session: WriteSession,
    manufacturer_id: Annotated[str, Form(max_length=40)],
    module: Annotated[str, Form(max_length=60)],
    on: Annotated[bool, Form()],
) -> Response:
    """Turn a module on or off for a manufacturer's later orders."""
    party = session.get(Party, manufacturer_id)
    if party is None or party.kind != PartyKind.MANUFACTURER:
        raise NotFound(N_("There is no such manufacturer."))
    switch(session, manufacturer_id, module, on)
    return RedirectResponse("/admin/modules", 303)


def _manufacturers(session: Session) -> list[Party]:
    query = select(Party).where(Party.kind == PartyKind.MANUFACTURER).order_by(Party.name)
    return list(session.exec(query))


@router.get("/clock", dependencies=[allow(Role.PLATFORM, *PLANT)])
def clock_page(request: Request, session: ReadSession, now: CurrentNow) -> Response:
    """Both times, and the simulated clock's buttons where there is one."""
    return render(request, "shell/clock.html", row=session.get(ClockRow, 1))


@router.post("/clock", dependencies=[allow(Role.PLATFORM, *PLANT)])
def set_the_clock(
    request: Request,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    speed: Annotated[str, Form(max_length=10)] = "",
    skip: Annotated[str, Form(max_length=10)] = "",
    next: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Pause (0), real pace (1), fast, or on to the next morning."""
    if not may_set_clock(principal, demo=site(request).settings.demo):
        raise NotAllowed(N_("Only a demo lets everybody move its clock."))
    row = session.get(ClockRow, 1)
    if row is None or not row.simulated:
        raise Invalid(N_("Time is real here; it cannot be moved."))
    if skip == "day":
        skip_ahead(session, _until_morning(now))
    else:
        set_clock(session, speed=_speed(request, speed))
    return RedirectResponse(local_address(next) or "/admin/clock", 303)


def _until_morning(now: Now) -> timedelta:
    """To 06:00 UTC of the next day; simulated time is the same for all plants."""
    midnight = now.business.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1, hours=6) - now.business


def _speed(request: Request, typed: str) -> float:
    known = site(request).settings.clock
    speeds = {"0": 0.0, "1": 1.0, "fast": FAST if known == "real" else max(float(known), 2.0)}
    if typed not in speeds:
        raise Invalid(N_("Choose pause, 1x, fast or the next day."), field="speed")
    return speeds[typed]
