"""The demo's first plant as its file says, without a database: work centres, setups, products, hazards."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from modules.logistics.zones import next_pickup
from modules.manufacturing.floor import Centre, Floor
from modules.manufacturing.times import DAY, Window, windows, without
from modules.rnd.family import family_of, read_folder
from modules.rnd.product import Product
from scheduler.model import Resource, SetupMatrix
from seeds.files import families_of, read_plant
from seeds.plants import setup_matrix

PLANT = "lu-ceramics"
ORIGIN = datetime(2026, 6, 1, tzinfo=UTC)
"""A Monday; minute 0 of every plan here."""
SPAN = 270 * DAY
"""How far calendars reach: long after the last order."""
KILNS = {"glost": ("KG1", "KG2"), "decal": ("KD1",), "roller": ("TK-ROLLER",)}
"""The kilns whose load is set, those beside each other that do the same together."""


@dataclass(frozen=True, slots=True)
class Plant:
    """What is known of the plant before anything happens."""

    floor: Floor
    hazards: Mapping[str, tuple[float, float]]
    """Work centre -> (breakdowns a week, minutes of a usual repair)."""
    leads: Mapping[str, int]
    """Material -> days from its order to its arrival."""
    products: Mapping[str, Product]
    buffer: int
    """Minutes added to a plan's end as long as nothing is learnt."""
    timezone: str
    pickup_hour: int
    """When the standard carrier calls, Monday to Friday."""

    def collected(self, minute: int) -> int:
        """The minute at which the carrier takes what is ready at `minute`: its next call."""
        call = next_pickup(ORIGIN + timedelta(minutes=minute), self.pickup_hour, self.timezone)
        return int((call - ORIGIN) / timedelta(minutes=1))

    def resources(self, holes: Mapping[str, list[Window]]) -> tuple[Resource, ...]:
        """The work centres, closed in these windows as well."""
        return tuple(
            replace(r, calendar=without(r.calendar, holes[r.id])) if r.id in holes else r
            for r in self.floor.resources()
        )


@lru_cache
def demo_plant() -> Plant:
    """Lu Ceramics, read from its files."""
    data = read_plant(PLANT)
    centres = {row["code"]: _centre(row, data) for row in data["work_centres"]}
    setups = {name: _setup(matrix) for name, matrix in data["setups"].items()}
    hazards = {
        row["code"]: (float(row["hazards"]["breakdowns_a_week"]), float(row["hazards"]["repair_minutes"]))
        for row in data["work_centres"]
        if "hazards" in row
    }
    leads = {row["code"]: int(row["lead"]) for row in data["materials"]}
    products = {slug: Product(family_of(read_folder(path))) for slug, path in families_of(PLANT).items()}
    buffer = int(data["plant"]["buffer_hours"]) * 60
    timezone, hour = data["plant"]["timezone"], _pickup_hour(data)
    return Plant(Floor(centres, setups), hazards, leads, products, buffer, timezone, hour)


def _pickup_hour(data: Mapping[str, Any]) -> int:
    services = [service for carrier in data["carriers"] for service in carrier["services"]]
    return next(int(service["pickup_hour"]) for service in services if service["standard"])


def _centre(row: Mapping[str, Any], data: Mapping[str, Any]) -> Centre:
    shifts = data["shifts"][row["shifts"]]
    calendar = windows(shifts, data["plant"]["timezone"], ORIGIN, (0, SPAN))
    return Centre(
        row["code"], row["name"], row["done"], row["kind"], row["area"], row.get("capacity"),
        row.get("unit", ""), row.get("setup"), data["firings"].get(row.get("firings", ""), {}), calendar,
        not shifts,
    )  # fmt: skip


def _setup(matrix: Mapping[str, Any]) -> SetupMatrix:
    families, minutes = setup_matrix(matrix)
    return SetupMatrix(tuple(families), tuple(tuple(line) for line in minutes))
