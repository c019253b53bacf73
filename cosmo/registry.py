"""The module registry: what is installed (entry points) and what is on for whom (switches)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.errors import Invalid
from cosmo.events import Event, register
from cosmo.once import once
from cosmo.orders import Order
from cosmo.parties import ModuleSwitch
from cosmo.spec import Names

P = TypeVar("P")
Effect = Callable[[Session, Event, Now], None]


@dataclass(frozen=True, slots=True)
class Handler:
    """Answers one event type. `name` is `<module>.<what>`; `undo` reverses the effect on cancellation."""

    name: str
    event: str
    apply: Effect
    undo: Effect | None = None

    @property
    def module(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Job:
    """Timed work, run by one process at a time, `every` so much wall time. Each call is one transaction."""

    name: str
    every: timedelta
    run: Callable[[Session, Now], None]


@dataclass(frozen=True, slots=True)
class LongJob:
    """Timed work that may take seconds: `run` opens its own short transactions on the database.

    One process at a time runs it; a process that died holding it is replaced after `lease`.
    """

    name: str
    every: timedelta
    run: Callable[[Database], None]
    lease: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Slot:
    """A fragment for a page that several modules fill; `render` returns markup, or None for nothing."""

    name: str
    render: Callable[[Any], str | None]
    rank: int = 50


@dataclass(frozen=True, slots=True)
class NavItem:
    """A menu entry for `roles`."""

    label: str
    href: str
    roles: frozenset[str]
    rank: int = 50


def _no_routers() -> Sequence[Any]:
    return ()


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a module brings, made by `Module.load` on first use."""

    handlers: tuple[Handler, ...] = ()
    ports: Mapping[type, Any] = field(default_factory=dict)
    """Kernel Protocol -> object that answers it."""
    jobs: tuple[Job | LongJob, ...] = ()
    slots: tuple[Slot, ...] = ()
    nav: tuple[NavItem, ...] = ()
    payloads: tuple[type[Any], ...] = ()
    routers: Callable[[], Sequence[Any]] = _no_routers
    migrations: Path | None = None
    """Folder with the module's Alembic revisions, as `cosmo migrate --write` makes them."""
    templates: Path | None = None
    locales: Path | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """What `modules.<name>.module` is. `load` imports the rooms; importing the package does not."""

    name: str
    title: Names
    load: Callable[[], Parts]
    requires: tuple[str, ...] = ()


class Registry:
    """The installed modules with their parts; immutable after it is made."""

    def __init__(self, modules: Iterable[Module], kernel: Iterable[Handler] | None = None) -> None:
        """`kernel` are the handlers that are on for everybody; by default those of `cosmo.builtin`."""
        self.modules = {m.name: m for m in sorted(modules, key=lambda m: m.name)}
        self.parts = {name: module.load() for name, module in self.modules.items()}
        for parts in self.parts.values():
            register(*parts.payloads)
        self._kernel = {h.name: h for h in (_builtin() if kernel is None else kernel)}
        self._handlers = {h.name: h for h in self._all_handlers()}

    def _all_handlers(self) -> Iterable[Handler]:
        for name, parts in self.parts.items():
            for handler in parts.handlers:
                if handler.module != name:
                    raise ValueError(f"handler {handler.name!r} must be named after its module {name!r}")
                yield handler

    def handler(self, name: str) -> Handler | None:
        """The handler of that name; None if its module is not installed (any more)."""
        return self._kernel.get(name) or self._handlers.get(name)

    def handlers_for(self, event_type: str, on: frozenset[str]) -> list[Handler]:
        """Handlers of the kernel and of modules in `on` that answer `event_type`."""
        mine = [h for h in self._kernel.values() if h.event == event_type]
        return mine + [h for h in self._handlers.values() if h.event == event_type and h.module in on]

    def port(self, protocol: type[P], on: frozenset[str], default: P) -> P:
        """The one module in `on` that answers `protocol`, else `default`."""
        for name, parts in self.parts.items():
            if name in on and protocol in parts.ports:
                return cast(P, parts.ports[protocol])
        return default

    def contributors(self, protocol: type[P], on: frozenset[str]) -> list[P]:
        """All modules in `on` that answer `protocol`."""
        return [
            cast(P, p.ports[protocol]) for name, p in self.parts.items() if name in on and protocol in p.ports
        ]

    def slots(self, name: str, on: frozenset[str]) -> list[Slot]:
        found = [s for module, p in self.parts.items() if module in on for s in p.slots if s.name == name]
        return sorted(found, key=lambda s: s.rank)


def _builtin() -> tuple[Handler, ...]:
    from cosmo.builtin import HANDLERS  # it answers events, so it stands on what this file gives

    return HANDLERS


_current: Registry | None = None


def registry() -> Registry:
    """The process's registry, read from the entry points `cosmo.modules` on first use."""
    global _current
    if _current is None:
        _current = Registry(point.load() for point in entry_points(group="cosmo.modules"))
    return _current


def use_registry(new: Registry | None) -> Registry | None:
    """Replace the process's registry (tests, embedding); returns the old one."""
    global _current
    old, _current = _current, new
    return old


# put together once: asked with every request
_OFF = select(ModuleSwitch.module).where(
    col(ModuleSwitch.manufacturer_id) == bindparam("manufacturer_id"), col(ModuleSwitch.on).is_(False)
)


def modules_on(session: Session, manufacturer_id: str) -> frozenset[str]:
    """Names of the modules this manufacturer uses now."""
    installed = frozenset(registry().modules)
    if not installed:
        return installed
    off = once(session, ("modules", manufacturer_id), lambda: _modules_off(session, manufacturer_id))
    return installed - off


def _modules_off(session: Session, manufacturer_id: str) -> set[str]:
    return set(session.exec(_OFF, params={"manufacturer_id": manufacturer_id}))


def users_of(session: Session, module: str, among: Iterable[str]) -> frozenset[str]:
    """Which of these manufacturers use `module` now: one question for all of them."""
    if module not in registry().modules:
        return frozenset()
    off = select(ModuleSwitch.manufacturer_id).where(
        ModuleSwitch.module == module, col(ModuleSwitch.on).is_(False)
    )
    left = session.exec(off).all()
    return frozenset(among) - frozenset(left)


def switch(session: Session, manufacturer_id: str, module: str, on: bool) -> None:
    """Turn a module on or off for later orders of one manufacturer."""
    if module not in registry().modules:
        raise Invalid(f"There is no module {module!r}; there are {', '.join(registry().modules)}.")
    session.merge(ModuleSwitch(manufacturer_id=manufacturer_id, module=module, on=on))


def on_for(session: Session, order: Order) -> frozenset[str]:
    """Modules that own this order: frozen when placed, the manufacturer's present ones before."""
    if order.owners:
        return frozenset(name for name, on in order.owners.items() if on) & frozenset(registry().modules)
    return modules_on(session, order.manufacturer_id)
