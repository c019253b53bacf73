"""What the frame around every page shows: the brand, the menu of the role, the language, the clock."""

from dataclasses import dataclass

from sqlmodel import Session, select
from starlette.requests import Request

from cosmo.clock import ClockRow
from cosmo.formats import LOCALES
from cosmo.parties import PLANT_ROLES, Party, Plant, Role
from cosmo.registry import NavItem, modules_on, registry
from web.site import site
from web.visits import Visit


@dataclass(frozen=True, slots=True)
class Layout:
    """`nav`: (label msgid, address, is here). `clock` is None where time is real."""

    brand: str
    nav: tuple[tuple[str, str, bool], ...]
    locales: tuple[str, ...]
    here: str
    clock: "ClockBar | None"
    timezone: str


@dataclass(frozen=True, slots=True)
class ClockBar:
    """The simulated clock as shown; `may_set`: this visitor has its buttons."""

    speed: float
    paused: bool
    may_set: bool


def layout_for(request: Request, visit: Visit) -> Layout:
    """The frame for this visitor; reads the database once per request."""
    known = visit.seen.get("layout")
    if isinstance(known, Layout):
        return known
    with site(request).db.read() as session:
        party = session.get(Party, visit.principal.party_id) if visit.principal.party_id else None
        of_plant = visit.principal.of_plant and party is not None
        on = modules_on(session, party.id) if of_plant and party else frozenset(registry().modules)
        clock = session.get(ClockRow, 1)
        timezone = _timezone(session, party.id if of_plant and party else None)
    here = request.url.path
    nav = tuple((i.label, i.href, _is_here(i.href, here)) for i in _items(visit.principal.role, on))
    brand = party.name if of_plant and party else "Cosmo"
    layout = Layout(brand, nav, LOCALES, here, _clock_bar(request, visit, clock), timezone)
    visit.seen["layout"] = layout
    return layout


def _timezone(session: Session, manufacturer_id: str | None) -> str:
    """Where times without a zone of their own are read: at the visitor's plant, else at the first one."""
    query = select(Plant.timezone).order_by(Plant.slug).limit(1)
    if manufacturer_id is not None:
        query = query.where(Plant.manufacturer_id == manufacturer_id)
    return session.exec(query).first() or "UTC"


def _items(role: Role, on: frozenset[str]) -> list[NavItem]:
    from web.navigation import SHELL

    own = [item for name, parts in registry().parts.items() if name in on for item in parts.nav]
    return sorted((i for i in [*SHELL, *own] if role in i.roles), key=lambda i: (i.rank, i.label))


def _is_here(href: str, here: str) -> bool:
    return here == href or (href != "/" and here.startswith(href.rstrip("/") + "/"))


def _clock_bar(request: Request, visit: Visit, row: ClockRow | None) -> ClockBar | None:
    if row is None or not row.simulated:
        return None
    role = visit.principal.role
    may = role == Role.PLATFORM or (site(request).settings.demo and role in PLANT_ROLES)
    return ClockBar(row.speed, row.speed == 0, may)
