"""What the frame around every page shows: the brand, the menu of the role, the language, the clock."""

from dataclasses import dataclass

from sqlmodel import Session, select

from cosmo.clock import ClockRow
from cosmo.formats import LOCALES
from cosmo.identity import Principal
from cosmo.parties import Party, Plant, Role
from cosmo.registry import NavItem, modules_on, registry
from web.navigation import SHELL


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame needs of the database, read with the visit: pages never wait for a second connection."""

    brand: str = "Cosmo"
    on: frozenset[str] | None = None
    clock: tuple[bool, float] = (False, 1.0)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class ClockBar:
    """The simulated clock as shown; `may_set`: this visitor has its buttons."""

    speed: float
    paused: bool
    may_set: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """`nav`: (label msgid, address, is here). `clock` is None where time is real."""

    brand: str
    nav: tuple[tuple[str, str, bool], ...]
    locales: tuple[str, ...]
    here: str
    clock: ClockBar | None
    timezone: str
    plant: str = ""
    """The plant that the address asks for, if it does; links back to the same page keep it."""


def read_frame(session: Session, principal: Principal) -> Frame:
    """The frame's rows for this visitor."""
    party = session.get(Party, principal.party_id) if principal.of_plant and principal.party_id else None
    row = session.get(ClockRow, 1)
    return Frame(
        party.name if party else "Cosmo",
        modules_on(session, party.id) if party else None,
        (row.simulated, row.speed) if row else (False, 1.0),
        _timezone(session, party.id if party else None),
    )


def make_layout(frame: Frame, principal: Principal, here: str, *, demo: bool, plant: str = "") -> Layout:
    """What the frame shows on the page at the path `here`, where `plant` is asked for."""
    on = frozenset(registry().modules) if frame.on is None else frame.on
    items = _items(principal.role, on)
    nearest = max((i.href for i in items if _is_here(i.href, here)), key=len, default="")
    nav = tuple((i.label, i.href, i.href == nearest) for i in items)
    simulated, speed = frame.clock
    clock = ClockBar(speed, speed == 0, may_set_clock(principal, demo=demo)) if simulated else None
    return Layout(frame.brand, nav, LOCALES, here, clock, frame.timezone, plant)


def may_set_clock(principal: Principal, *, demo: bool) -> bool:
    """The platform's people; in a demo also the plants'."""
    return principal.role == Role.PLATFORM or (demo and principal.of_plant)


def _timezone(session: Session, manufacturer_id: str | None) -> str:
    """Where times without a zone of their own are read: at the visitor's plant, else at the first one."""
    query = select(Plant.timezone).order_by(Plant.slug).limit(1)
    if manufacturer_id is not None:
        query = query.where(Plant.manufacturer_id == manufacturer_id)
    return session.exec(query).first() or "UTC"


def _items(role: Role, on: frozenset[str]) -> list[NavItem]:
    own = [item for name, parts in registry().parts.items() if name in on for item in parts.nav]
    return sorted((i for i in [*SHELL, *own] if role in i.roles), key=lambda i: (i.rank, i.label))


def _is_here(href: str, here: str) -> bool:
    return here == href or (href != "/" and here.startswith(href.rstrip("/") + "/"))
