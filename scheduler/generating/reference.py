"""The reference plant in numbers, fitted to the published instances of 50 to 5,000 orders.

56 resources: two working areas (wall tiles and tableware) that share preparation, dryers, kilns, glazing,
printing, painting, inspection and packing. All minutes and sizes are per order.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY = 1440
ORDERS_A_DAY = 173.6
"""What the plant gets: about 70 % of what its kilns, three quarters of what its formers can do."""
BACKLOG = 2160
"""Minutes of orders that are already there when the plan begins."""
RUN_OUT = 44
"""Days that the calendars go on after the last order has come."""


@dataclass(frozen=True, slots=True)
class Group:
    """Like machines. `speeds`: minutes against the first one's; `eligible`: how many of them may be used."""

    name: str
    speeds: tuple[float, ...]
    eligible: tuple[int, ...] = ()
    setup: str | None = None
    shift: tuple[int, int] = (360, 1320)
    days: int = 6


GROUPS = (
    Group("PREP", (1.0, 1.0, 0.93), setup="PREP"),
    Group("FORM_TILE", (1.0, 1.0, 0.86, 1.21), (2, 3, 4), setup="FORM_TILE"),
    Group("FORM_TW", (1.0, 1.0, 0.91, 0.91, 1.11, 1.21, 1.0, 1.0), (2, 3, 4), setup="FORM_TW"),
    Group("GLAZE", (1.0, 1.0, 1.0, 0.91, 1.11, 1.0, 1.0), setup="GLAZE"),
    Group("INKJET", (1.0, 1.0, 0.81)),
    Group("PAINT", (1.0, 0.91, 1.0, 1.11, 1.21, 1.0, 0.95, 1.05) + (1.0,) * 6, (4,), None, (480, 960), 5),
    Group("INSPECT", (1.0,) * 4),
    Group("PACK", (1.0,) * 4),
)
DRYERS, DRYER_ROOM = 3, 800
KILNS = (220, 220, 300, 300, 400, 440)
"""The kilns' capacities, in the units of an operation's size."""
KILN_SERVICE, SERVICE = (480, 720), (120, 240)
"""Minutes that a kiln, another machine stands still for maintenance."""
KILN_SERVICE_EVERY, SERVICE_EVERY = 22 * DAY, 17 * DAY


@dataclass(frozen=True, slots=True)
class Area:
    """One of the two kinds of ware. `minutes`: group -> (at any size, more a unit of size)."""

    former: str
    share: float
    unfired: float
    """The part that is glazed without a first firing."""
    size: tuple[float, float]
    """Mean and deviation of the size's logarithm."""
    drying: tuple[int, ...]
    minutes: dict[str, tuple[float, float]]
    painting: tuple[float, float]
    """Least and most minutes that a unit of size is painted."""


AREAS = (
    Area(
        "FORM_TILE",
        0.454,
        0.293,
        (1.18, 0.9),
        (360, 480, 600, 720),
        {
            "PREP": (7.3, 0.44),
            "FORM_TILE": (7.6, 3.9),
            "GLAZE": (8.3, 2.44),
            "INKJET": (6.7, 1.67),
            "INSPECT": (4.9, 1.34),
            "PACK": (5.1, 0.89),
        },
        (19.0, 44.0),
    ),
    Area(
        "FORM_TW",
        0.546,
        0.0,
        (1.7, 0.93),
        (600, 720, 960, 1200),
        {
            "PREP": (7.4, 0.25),
            "FORM_TW": (7.2, 5.0),
            "GLAZE": (8.8, 1.38),
            "INKJET": (7.1, 0.94),
            "INSPECT": (5.1, 0.75),
            "PACK": (5.3, 0.5),
        },
        (11.5, 28.0),
    ),
)
LARGEST = 80
PAINTED_AT_MOST = (120, 250)
"""A large order is painted by several people: between these minutes it takes no longer."""

DECORATION = (("INKJET", 0.392), ("PAINT", 0.14), (None, 0.468))
THIRD_FIRING = 0.063
BISQUE = (("P0", 600, 0.5), ("P1", 660, 0.3), ("P2", 720, 0.2))
GLOSS = (("P3", 780, 0.456), ("P4", 840, 0.244), ("P5", 900, 0.2), ("P6", 960, 0.1))
LUSTRE = ("P7", 480)
"""Recipes with their minutes, and how often they are asked for."""
LARGE_KILNS_ONLY = frozenset(("P4", "P5", "P6"))
"""The recipes that the two smallest kilns do not reach."""

CLAYS = (0.25,) * 4
SHAPES = (34, 13, 7.3, 4.9, 3.2, 3, 2.7, 2.4, 2.2, 1.7, 1.8, 1.7, 1.6, 1.6, 1.7, 1.5, *(1.5,) * 7, 5.7)
GLAZES = (17.8, 14.5, 11.8, 10, 8.1, 7.2, 6.1, 4.5, 3.5, 2.8, 2.2, 2.3, 2, 1.6, 1, 0.7, 0.7, 0.5, 0.5, 2.2)
"""How often each family is ordered."""

LAG_AFTER = {"GLAZE": 60, "INKJET": 20, "PAINT": 20}
LAG_AFTER_FIRING = {"bisque": 90, "gloss": 120, "lustre": 90}
WET, DRIED = 240, 10080
"""The largest lags: what is formed gets into a dryer, what is dried gets glazed or fired."""

WEIGHTS = ((1, 0.6), (2, 0.3), (5, 0.1))
SLACK = (0.68, 1.22, 1.5, 1.82, 2.11, 2.43, 2.76, 3.38, 3.92, 5.53, 6.48)
"""Deciles of the days between release and due time beyond what the order takes alone on an idle plant."""
