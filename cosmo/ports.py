"""The questions one module asks another: kernel Protocols, asked through `port()`, each with a default.

Instants are aware UTC datetimes of business time; amounts are Decimal in the plant's currency.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.errors import Invalid
from cosmo.money import Margin, Price
from cosmo.spec import Names, Spec


@dataclass(frozen=True, slots=True)
class ShipTo:
    """Where it goes; only city, postal code and country matter before the order is placed."""

    name: str = ""
    street: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = "DE"


@dataclass(frozen=True, slots=True)
class Ask:
    """One customer's wish: what, how many, whereto, when."""

    family: str
    selections: Mapping[str, Any]
    quantity: int
    ship_to: ShipTo = ShipTo()
    requested_date: date | None = None
    pieces: tuple[dict[str, str], ...] = ()
    locale: str = "en"
    spec: Spec | None = None
    """Given by the caller where rnd is off."""
    plant_id: str | None = None
    """Needed only with `spec`."""
    release: str | None = None
    """The release to go by, where it is not the family's current one: orders keep theirs."""
    code: str = ""
    """Of an offer, as the customer wrote it; one that does not count changes no price."""
    customer_id: str | None = None
    """Whose account asks, for a price list of theirs; never the client's word, see `cosmo.quoting.quote`."""
    by_day: frozenset[str] | None = None
    """Of a placed order that is changed: the codes of its lines that hang on the day. They stay as they were
    agreed; None: the day decides."""
    needed_by: date | None = None
    """Looked for to be there by then, and priced as if that day were asked for; no day is planned by it."""


@dataclass(frozen=True, slots=True)
class FamilyCard:
    slug: str
    name: Names
    blurb: Names
    plant_id: str
    plant_slug: str
    manufacturer_id: str
    drawing: str
    """Which drawing shows it: mug, tile, cabinet, part."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    unit: str = "pcs"
    quantity: int = 1
    """How many are usual."""


@dataclass(frozen=True, slots=True)
class DomainValue:
    value: Any
    label: str
    available: bool
    why: str = ""
    """Why not, in a sentence."""
    frees: Mapping[str, Any] | None = None
    """The single change of another option that would make it available."""
    frees_label: str = ""
    swatch: str = ""
    picture: str = ""
    """The name of a picture of the family's release, at `/picture/{release}/{name}.svg`; empty: none."""


@dataclass(frozen=True, slots=True)
class ConflictFound:
    rule: str
    options: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the configurator says to a selection; nothing in `selections` was changed."""

    selections: Mapping[str, Any]
    domains: Mapping[str, tuple[DomainValue, ...]]
    inputs: Mapping[str, Mapping[str, Any]]
    complete: bool
    conflicts: tuple[ConflictFound, ...]


class Unbuildable(Invalid):
    """The selections contradict each other or are not complete; `extra["conflicts"]` says where."""

    type, title = "unbuildable", "This cannot be made as chosen"


class Configurator(Protocol):
    def families(self, session: Session, only: str | None = None) -> list[FamilyCard]:
        """All of them, or `only` the one of that slug."""
        ...

    def describe(
        self, session: Session, family: str, locale: str, release: str | None = None
    ) -> dict[str, Any]:
        """Options with texts, types, groups and domains; rules in words. `release`: one that was ordered."""
        ...

    def answer(
        self,
        session: Session,
        family: str,
        selections: Mapping[str, Any],
        quantity: int,
        locale: str,
        release: str | None = None,
    ) -> Answer: ...

    def measures(self, session: Session, family: str, selections: Mapping[str, Any]) -> Mapping[str, Decimal]:
        """What is measured from uploads, by `option.fact`; nothing of what cannot be measured."""
        ...


@dataclass(frozen=True, slots=True)
class Repair:
    """A smallest set of changes after which everything chosen goes together; without one of them it does
    not. `changes`: option (or `quantity`) -> its other value, an empty text leaves it out.
    """

    changes: Mapping[str, Any]
    label: str
    """The words of the button that makes them."""
    spec: Spec | None = None
    """What is made then; None while something else is still to be chosen."""


@dataclass(frozen=True, slots=True)
class WaysOut:
    """Repairs, fewest changes first. `as_chosen` is what the impossible selection would be if its rules
    allowed it, only to compare prices with; None where that cannot be said.
    """

    repairs: tuple[Repair, ...] = ()
    as_chosen: Spec | None = None


class Repairer(Protocol):
    def ways_out(self, session: Session, ask: Ask, most: int) -> WaysOut:
        """Of a selection that cannot be made: all repairs with the fewest changes, and with more until there
        are `most`. None where nothing conflicts, or no few changes help."""
        ...


class Engineer(Protocol):
    def resolve(self, session: Session, ask: Ask) -> Spec:
        """BOM, routing and work content. Raises `Unbuildable`."""
        ...

    def needs_proof(self, session: Session, ask: Ask) -> bool: ...

    def changed(self, session: Session, order_id: str, actor: str, now: Now) -> None:
        """The order's choices and spec were just changed: whatever hangs on them follows (its proof)."""
        ...


@dataclass(frozen=True, slots=True)
class MaterialDate:
    """When a material is there for the operation that consumes it."""

    material: str
    name: Names
    operation: str | None
    available_at: datetime
    at_hand: bool


@dataclass(frozen=True, slots=True)
class MaterialsMoved:
    """After a change: when the materials of what is still ahead are there, and whose demand is another."""

    dates: tuple[MaterialDate, ...]
    suppliers: tuple[str, ...] = ()
    """Parties."""


class MaterialPromiser(Protocol):
    def available(
        self, session: Session, plant_id: str, spec: Spec, order_from: datetime, now: Now
    ) -> list[MaterialDate]:
        """Dates for every BOM line; order-specific items are ordered at `order_from` (proof approved)."""
        ...

    def hold(
        self,
        session: Session,
        order_id: str,
        plant_id: str,
        spec: Spec,
        needed: Mapping[str, datetime],
        now: Now,
    ) -> None:
        """Reserve for a quote: `needed` gives each operation's planned start. Replaces an earlier hold."""
        ...

    def firm(self, session: Session, order_ids: Sequence[str], now: Now) -> None:
        """Turn what these orders hold firm, all together. Raises `PlaceOvertaken`."""
        ...

    def release(self, session: Session, order_id: str, now: Now) -> None: ...

    def change(
        self,
        session: Session,
        order_id: str,
        spec: Spec,
        anew: Collection[str],
        order_from: datetime,
        now: Now,
    ) -> MaterialsMoved:
        """A placed order is made by `spec` now: what it needs no more is given back, what it newly needs is
        reserved, the rest stays as it is. `anew`: materials made for this order alone that must be made anew
        (from `order_from` on). Nothing is bought yet; follow with `settle`."""
        ...

    def settle(self, session: Session, order_id: str, needed: Mapping[str, datetime], now: Now) -> None:
        """After `change`: each operation's planned start; an order that was sourced buys what it lacks."""
        ...

    def planned(self, session: Session, order_id: str, needed: Mapping[str, datetime], now: Now) -> None:
        """The plan has moved: each operation's planned start now. Nothing is bought or shared anew for it."""
        ...

    def dates(self, session: Session, order_id: str) -> dict[str, datetime]:
        """Operation code -> when the last of its pegged materials is there, as known now."""
        ...

    def missing(self, session: Session, order_id: str, operation: str) -> list[str]:
        """Materials (codes) that are not in stock for this operation of this order."""
        ...

    def issue(self, session: Session, order_id: str, operation: str, share: Decimal, now: Now) -> None:
        """Take `share` (0..1) of the operation's materials out of stock into the product."""
        ...


@dataclass(frozen=True, slots=True)
class CapacityAsk:
    plant_id: str
    spec: Spec
    not_before: datetime
    ready: Mapping[str, datetime] = field(default_factory=dict)
    """Operation code -> earliest start, because of material."""
    guest: bool = False
    ready_by: datetime | None = None
    """The latest end that still serves the wish, where there is one: room to begin late and share firings."""
    instead_of: str = ""
    """The order whose places ahead are free for this, since it is made so instead."""


@dataclass(frozen=True, slots=True)
class PlannedOp:
    code: str
    name: Names
    resource: str
    resource_name: str
    lot: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Hinge:
    """One thing the date hinges on. kind: material, resource, firing, calendar, work, transit, wish."""

    kind: str
    name: Names
    at: datetime | None = None
    waits_minutes: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class Likely:
    """What this plant's own past says of such an order: every second one is ready by `half`, nine of ten by
    `most`; `buffer` after the planned end keeps as many promises as are worth it. `orders`: learnt from so
    many, of which the share `kept` is known to have kept its promise."""

    half: datetime
    most: datetime
    buffer: timedelta
    orders: int
    kept: float = 0.0


@dataclass(frozen=True, slots=True)
class CapacityAnswer:
    ready_at: datetime
    operations: tuple[PlannedOp, ...] = ()
    hinges: tuple[Hinge, ...] = ()
    """Biggest wait first."""
    held: bool = False
    likely: Likely | None = None
    """None: the plant has not finished enough orders to say."""


class PlaceOvertaken(Exception):
    """A held place can no longer be kept (time has passed it, or the plan moved): promise anew."""

    def __init__(self, why: str = "", order_id: str | None = None) -> None:
        super().__init__(why)
        self.order_id = order_id
        """Whose place it is, where several turn firm together."""


class CapacityPromiser(Protocol):
    def promise(self, session: Session, ask: CapacityAsk, now: Now) -> CapacityAnswer: ...

    def hold(
        self, session: Session, order_id: str, ask: CapacityAsk, until: datetime, now: Now
    ) -> CapacityAnswer:
        """Take places until wall time `until`; replaces an earlier hold of this order. `held` False: no
        place is left for guests; the answer is still true now."""
        ...

    def firm(self, session: Session, order_ids: Sequence[str], now: Now) -> None:
        """Turn the holds of these orders firm, all together. Raises `PlaceOvertaken`."""
        ...

    def release(self, session: Session, order_id: str, now: Now) -> None: ...

    def lock(self, session: Session, plant_id: str) -> None:
        """Nobody else changes the plan until this transaction ends."""
        ...

    def change(self, session: Session, order_id: str, ask: CapacityAsk, now: Now) -> CapacityAnswer:
        """A placed order is made as `ask` says now: firm places for all that has not begun, instead of those
        it had. Without `hinges` where the work is the same and stays where it is."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveryAnswer:
    date: date
    service: str
    name: Names
    freight: Decimal = Decimal(0)
    faster: "DeliveryAnswer | None" = None
    ready_by: datetime | None = None
    """What is ready by then is there on `date` just the same; None: not known."""
    presumed: bool = False
    """The day was told to nobody: only the way and its freight are asked for."""


class DeliveryPromiser(Protocol):
    def deliver(
        self,
        session: Session,
        plant_id: str,
        ship_to: ShipTo,
        mass_kg: Decimal,
        ready_at: datetime,
        service: str | None,
        now: Now,
    ) -> DeliveryAnswer:
        """The day it arrives by `service` (None: the standard one)."""
        ...


class Pricer(Protocol):
    def price(
        self, session: Session, ask: Ask, plant_id: str, spec: Spec, delivery: DeliveryAnswer, now: Now
    ) -> Price: ...

    def rush_within(self, session: Session, ask: Ask, plant_id: str, spec: Spec, now: Now) -> int | None:
        """Within how many days of the order wanting it costs more; None: no day costs more than another."""
        ...

    def margin(self, session: Session, ask: Ask, spec: Spec, price: Price, at: datetime) -> Margin | None:
        """What the plant keeps of `price`, quoted at business time `at`; None where no cost is known. For
        the plant's sellers alone."""
        ...

    def terms(
        self, session: Session, plant_id: str, asked: Sequence[tuple[str | None, Decimal]]
    ) -> list[str]:
        """Of orders by these customers for these amounts, one each: prepaid, deposit:<percent> or
        account:<days>."""
        ...

    def relist(
        self, session: Session, plant_id: str, family: str, rates: Sequence[Mapping[str, Any]], now: Now
    ) -> None:
        """From now on the family costs what these rates of its new release say: each {code, name, unit, rate,
        kind} and what else its files have. What was quoted keeps its price."""
        ...


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign that runs for everybody until the end of its last day: so many percent off the goods from so
    many pieces on."""

    name: Names
    percent: Decimal
    ends_on: date
    from_quantity: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """One family as the shop lists it. `each` is what a piece of `quantity` costs made as its card shows it,
    before VAT and freight, in `currency`; None where it is not known."""

    card: FamilyCard
    headline: Names
    blurb: Names
    each: Decimal | None = None
    currency: str = ""
    quantity: int = 0
    campaign: Running | None = None
    """What runs for everybody now."""


class Catalogue(Protocol):
    def listed(self, session: Session, cards: Sequence[FamilyCard], now: Now) -> list[Listing]:
        """Which of one manufacturer's families its shop lists, in its order and words. What is left out can
        still be ordered by who knows its address."""
        ...


class Payments(Protocol):
    def collect(self, session: Session, order_id: str, amount: Decimal, currency: str, now: Now) -> str:
        """Ask for `amount`, tax included; returns the provider's reference. The demo's pays at once."""
        ...
