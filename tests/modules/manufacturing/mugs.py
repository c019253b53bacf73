"""A small mug plant and specs for it: two glost kilns, one bisque shuttle, dryers, glaze lines."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.ports import CapacityAsk
from cosmo.spec import BomLine, RoutingStep, Spec, start_quantity
from modules.manufacturing.plant import add_work_centre, set_setups
from modules.manufacturing.promising import PlanPromiser
from tests.factories import NOW, make_order, walk

TWO_SHIFTS = [[day, "06:00", "22:00"] for day in range(6)]
ONE_SHIFT = [[day, "06:00", "14:00"] for day in range(5)]
KILN = 2200

STEPS = (
    RoutingStep(code="form", name={"en": "Forming", "de": "Formen", "zh": "成型"}, resources=("ROLL",),
                minutes_per_piece=Decimal("0.15"), yield_rate=Decimal(".97"), family="soft"),
    RoutingStep(code="dry", name={"en": "Drying"}, resources=("DRY1", "DRY2"), fixed_minutes=Decimal(1080),
                yield_rate=Decimal(".985")),
    RoutingStep(code="bisque", name={"en": "Bisque firing"}, resources=("BISQUE",), family="900",
                fixed_minutes=Decimal(1200), yield_rate=Decimal(".98")),
    RoutingStep(code="glaze", name={"en": "Glazing"}, resources=("GLAZE1", "GLAZE2"), family="celadon",
                minutes_per_piece=Decimal("0.17"), yield_rate=Decimal(".985"), min_lag=720),
    RoutingStep(code="glost", name={"en": "Glost firing"}, resources=("KILN1", "KILN2"), family="1250",
                fixed_minutes=Decimal(1440), yield_rate=Decimal(".95")),
    RoutingStep(code="pack", name={"en": "Inspecting and packing"}, resources=("PACK",),
                minutes_per_piece=Decimal("0.33"), yield_rate=Decimal(".97")),
)  # fmt: skip

CURVE = [[0, 20], [300, 600], [540, 1231], [600, 1250], [660, 1250], [900, 700], [1440, 60]]


def build(session: Session, plant: Plant, now: Now = NOW) -> None:
    """The work centres and setups of the plant."""
    p = plant.id
    set_setups(session, p, "GLAZES", ["celadon", "milk"], [[0, 40], [40, 0]], name={"en": "Change glaze"})
    set_setups(session, p, "KILNS", ["1250", "1280"], [[210, 240], [240, 210]], name={"en": "Reload"})
    set_setups(session, p, "SHUTTLE", ["900"], [[210]])
    add_work_centre(
        session,
        p,
        "ROLL",
        {"en": "Roller-former"},
        now,
        shifts=TWO_SHIFTS,
        area="forming",
        done={"en": "Formed"},
        rank=1,
    )
    for code in ("DRY1", "DRY2"):
        add_work_centre(
            session, p, code, {"en": f"Dryer {code[-1]}"}, now, kind="pool", capacity=6000, rank=2
        )
    add_work_centre(
        session,
        p,
        "BISQUE",
        {"en": "Bisque shuttle"},
        now,
        kind="batch",
        capacity=KILN,
        unit="mugs",
        setup="SHUTTLE",
        area="kilns",
        rank=3,
        firings={"900": {"name": {"en": "900 °C firing"}, "curve": CURVE, "fire_minutes": 600}},
    )
    for code in ("GLAZE1", "GLAZE2"):
        add_work_centre(
            session,
            p,
            code,
            {"en": f"Glaze line {code[-1]}"},
            now,
            shifts=TWO_SHIFTS,
            setup="GLAZES",
            done={"en": "Glazed"},
            rank=4,
        )
    for code in ("KILN1", "KILN2"):
        add_work_centre(
            session,
            p,
            code,
            {"en": f"Kiln {code[-1]}"},
            now,
            kind="batch",
            capacity=KILN,
            unit="mugs",
            setup="KILNS",
            area="kilns",
            rank=5,
            firings={"1250": {"name": {"en": "1,250 °C firing"}, "curve": CURVE, "fire_minutes": 660}},
        )
    add_work_centre(session, p, "PACK", {"en": "Inspect, pack"}, now, shifts=TWO_SHIFTS, rank=6)


def mug_spec(quantity: int = 240, steps: tuple[RoutingStep, ...] = STEPS) -> Spec:
    body = BomLine(
        material="BODY",
        name={"en": "Porcelain body"},
        quantity=Decimal(quantity),
        unit="kg",
        operation="form",
    )
    glaze = BomLine(
        material="CELADON",
        name={"en": "Celadon glaze"},
        quantity=Decimal(quantity),
        unit="kg",
        operation="glaze",
    )
    return Spec(
        title={"en": "Mug"},
        quantity=quantity,
        start_quantity=start_quantity(quantity, steps),
        bom=(body, glaze),
        routing=steps,
        mass_kg=Decimal(quantity) / 3,
    )


def ask(
    plant: Plant, quantity: int = 240, *, now: Now = NOW, guest: bool = False, **ready: datetime
) -> CapacityAsk:
    return CapacityAsk(plant.id, mug_spec(quantity), now.business, ready, guest)


def hold(
    session: Session,
    plant: Plant,
    quantity: int = 240,
    now: Now = NOW,
    *,
    minutes: float = 15,
    guest: bool = False,
    spec: Spec | None = None,
) -> Order:
    """An order whose places are held."""
    spec = spec or mug_spec(quantity)
    order = make_order(session, plant, spec=spec, quantity=quantity, family="mug", now=now)
    question = CapacityAsk(plant.id, spec, now.business, {}, guest)
    answer = PlanPromiser().hold(session, order.id, question, now.wall + timedelta(minutes=minutes), now)
    order.ready_at = answer.ready_at
    session.add(order)
    session.flush()
    return order


def firm(
    session: Session, plant: Plant, quantity: int = 240, now: Now = NOW, spec: Spec | None = None
) -> Order:
    """An order with firm places, still a draft."""
    order = hold(session, plant, quantity, now, spec=spec)
    PlanPromiser().firm(session, [order.id], now)
    return order


__all__ = [
    "CURVE",
    "KILN",
    "NOW",
    "ONE_SHIFT",
    "STEPS",
    "TWO_SHIFTS",
    "ask",
    "build",
    "firm",
    "hold",
    "mug_spec",
    "walk",
]
