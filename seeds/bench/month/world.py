"""What befalls the plant in two months, drawn once and met by every policy: who asks, what breaks, what is
late.

Each figure is drawn by its own name ("how long order 17's first lot is glazed"), so that it is the same
whatever a policy has done until then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from cosmo.spec import RoutingStep, Spec
from modules.manufacturing.times import DAY, WEEK, open_minutes
from modules.rnd.resolve import resolve
from modules.rnd.selections import read_state
from seeds.bench.month.plant import KILNS, Plant, demo_plant
from seeds.simulator.floor import lost, pace
from seeds.simulator.partners import SLIPS
from seeds.wishes import Wish, mug, tile

TOLERANCE = {"mug": (9, 30, 18), "tile": (5, 24, 12)}
"""Days a customer waits at most: least, most, usual (A). Beyond, they walk away."""
OUT_OF_STOCK = 0.04
"""The share of orders for which one stocked material is missing: it comes after the supplier's time (A)."""
LATE_DAYS = (1, 4)
"""By so many days a delivery slips, where it does."""
MORNING = 7 * 60


@dataclass(frozen=True, slots=True)
class Supply:
    """Material for one operation that must be waited for: the minute it is told for, and the real one."""

    operation: str
    told: int
    real: int


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who asks at minute `at` and orders if it is promised within `tolerance` minutes."""

    id: str
    at: int
    family: str
    spec: Spec
    tolerance: int
    supplies: tuple[Supply, ...] = ()


@dataclass(frozen=True, slots=True)
class Breakdown:
    resource: str
    start: int
    minutes: int

    @property
    def end(self) -> int:
        return self.start + self.minutes


@dataclass(slots=True)
class World:
    """Everything drawn for one seed. `days` of customers; the last `measured` of them count."""

    seed: int
    days: int
    measured: int
    load: float
    plant: Plant = field(default_factory=demo_plant)
    customers: tuple[Customer, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()

    @property
    def begins(self) -> int:
        """The minute from which customers count."""
        return (self.days - self.measured) * DAY

    @property
    def ends(self) -> int:
        """The minute after which nobody asks any more."""
        return self.days * DAY

    def random(self, *named: object) -> Random:
        """The dice of one thing that happens, whoever throws them and whenever."""
        return Random("/".join(map(str, (self.seed, *named))))

    def minutes(self, order: str, lot: int, step: RoutingStep, resource: str, planned: int) -> int:
        """How long an operation really takes, breakdowns apart. Kilns keep to their curve."""
        if resource in self.curved:
            return planned
        return max(1, round(planned * pace(self.random("pace", order, lot, step.code))))

    @property
    def curved(self) -> frozenset[str]:
        return frozenset(c.code for c in self.plant.floor.centres.values() if c.kind == "batch")

    def scrap(self, order: str, lot: int, step: RoutingStep, pieces: int) -> int:
        """Pieces really lost at an operation."""
        return lost(self.random("scrap", order, lot, step.code), pieces, float(step.yield_rate))


def draw_world(seed: int, days: int, measured: int, load: float) -> World:
    """Customers at exactly this load of the kilns, first for the days before, then for those that count."""
    world = World(seed, days, measured, load)
    before = _customers(world, "before", 0, world.begins)
    world.customers = (*before, *_customers(world, "month", world.begins, world.ends))
    world.breakdowns = tuple(sorted(_breakdowns(world), key=lambda b: (b.start, b.resource)))
    return world


def _customers(world: World, name: str, start: int, end: int) -> list[Customer]:
    """Drawn until each line's kilns are asked for their share; spread over the days at random."""
    specs = [*_wishes(world, name, "mug", end - start), *_wishes(world, name, "tile", end - start)]
    dice = world.random(name, "arrivals")
    times = sorted(dice.randrange(start, end) for _ in specs)
    dice.shuffle(specs)
    return [
        _customer(world, f"{name[0]}{n:03d}", at, family, spec)
        for n, (at, (family, spec)) in enumerate(zip(times, specs, strict=True))
    ]


def _customer(world: World, name: str, at: int, family: str, spec: Spec) -> Customer:
    least, most, usual = TOLERANCE[family]
    tolerance = round(world.random("tolerance", name).triangular(least, most, usual) * DAY)
    return Customer(name, at, family, spec, tolerance, tuple(_supplies(world, name, at, spec)))


def _wishes(world: World, name: str, family: str, minutes: int) -> Iterator[tuple[str, Spec]]:
    """Wishes until the line's kilns are full to `load`; one that a fuller kiln has no share for is drawn
    again."""
    dice, kilns = world.random(name, family), ("glost", "decal") if family == "mug" else ("roller",)
    room = {kiln: world.load * offered(world.plant, kiln, minutes) for kiln in kilns}
    draw = mug if family == "mug" else tile
    while room[kilns[0]] > 0:
        spec = spec_of(world.plant, draw(dice))
        taken = {kiln: kiln_room(spec, kiln) for kiln in kilns}
        if any(taken[kiln] > max(room[kiln], 0) for kiln in kilns[1:] if taken[kiln]):
            continue
        room = {kiln: room[kiln] - taken[kiln] for kiln in kilns}
        yield family, spec


def spec_of(plant: Plant, wish: Wish) -> Spec:
    """What is made for a wish, by the product's own formulas."""
    product = plant.products[wish.family]
    chosen = {**product.family.defaults, **wish.selections}
    return resolve(product, read_state(product, chosen, wish.quantity, product.family.standard))


def offered(plant: Plant, kiln: str, minutes: int) -> float:
    """Room x minutes that these kilns offer in a time: of a machine, its open minutes."""
    found = 0.0
    for code in KILNS[kiln]:
        centre = plant.floor.centres[code]
        found += open_minutes(centre.calendar, (0, minutes)) * (centre.capacity or 1)
    return found


def kiln_room(spec: Spec, kiln: str) -> float:
    """Room x minutes that an order takes of these kilns: what is expected to come into them, as planned."""
    pieces, found = float(spec.start_quantity), 0.0
    for step in spec.routing:
        if step.resources == KILNS[kiln]:
            takes = step.minutes(max(1, round(pieces)), step.resources[0])
            found += takes * (step.size(round(pieces)) if kiln != "roller" else 1)
        pieces *= float(step.yield_rate)
    return found


def _supplies(world: World, name: str, at: int, spec: Spec) -> Iterator[Supply]:
    """What is made for this order alone, and perhaps one material that is out of stock."""
    dice = world.random("supplies", name)
    stocked = [line for line in spec.bom if not line.order_specific]
    missing = [dice.choice(stocked)] if stocked and dice.random() < OUT_OF_STOCK else []
    for line in [*(line for line in spec.bom if line.order_specific), *missing]:
        days = world.plant.leads[line.material]
        told = (at // DAY + 1 + days) * DAY + MORNING
        slip = dice.randint(*LATE_DAYS) * DAY if dice.random() < SLIPS else 0
        yield Supply(line.operation or spec.routing[0].code, told, told + slip)


def _breakdowns(world: World) -> Iterator[Breakdown]:
    """Each work centre's, at its own rate, until long after the last order."""
    for code, (weekly, usual) in sorted(world.plant.hazards.items()):
        dice, at = world.random("breakdowns", code), 0.0
        while (at := at + dice.expovariate(weekly / WEEK)) < world.ends + 60 * DAY:
            minutes = max(10, round(dice.uniform(0.5, 1.5) * usual))
            yield Breakdown(code, round(at), minutes)
            at += minutes
