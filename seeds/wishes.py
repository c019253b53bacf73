"""What simulated customers wish for: seeded draws of selections, quantities and dates, family by family.

Selections are laid over the family's defaults, so that only what is drawn is named here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from seeds.models import block

GLAZES = ("milk", "celadon", "ash", "oat", "blush", "cobalt", "tenmoku")
SHAPES = ("soft", "straight", "barrel", "tulip", "cone", "camp")
COLOURS = ("chalk", "sand", "clay", "slate", "moss", "ink")
NAMES = ("Ada", "Bruno", "Cleo", "Dario", "Edda", "Finn", "Greta", "Hugo", "Ida", "Jonas")


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish; `days` is how many days from now the customer would like it, None is as soon as possible."""

    family: str
    selections: dict[str, Any]
    quantity: int
    days: int | None
    file: tuple[str, str, bytes] | None = None
    """(option, name, content) of the file the customer sends."""


def mug(random: Random) -> Wish:
    """Mostly plain porcelain in a few colours, some with a name in decal, gold or paint."""
    body = random.choices(("porcelain", "stoneware", "bone"), (70, 22, 8))[0]
    matt = body == "porcelain" and random.random() < 0.2
    decoration = random.choices(("none", "decal", "hand_paint"), (82, 12, 6))[0]
    chosen = {
        "capacity": random.choices(("250", "325", "450"), (20, 62, 18))[0],
        "body": body,
        "shape": random.choices(SHAPES, (34, 22, 14, 12, 10, 8))[0],
        "handle": random.choices(("c", "d", "none"), (60, 30, 10))[0],
        "outer_glaze": random.choices(GLAZES, (22, 26, 12, 14, 10, 10, 6))[0],
        "inner_glaze": "milk",
        "finish": "matt" if matt else "gloss",
        "decoration": decoration,
        "print_zone": "front",
        "gold_rim": "yes" if random.random() < 0.05 else "no",
        "backstamp": "lu",
        "packaging": random.choices(("box", "gift"), (88, 12))[0],
    }
    if decoration == "decal":
        chosen["personal_name"] = random.choice(NAMES)
    quantity = random.choices((72, 132, 228, 384, 576, 768, 1152), (7, 11, 16, 20, 20, 15, 11))[0]
    return Wish("mug", chosen, quantity, _when(random))


def tile(random: Random) -> Wish:
    """Floors and walls in plain colours."""
    wall = random.random() < 0.4
    chosen = {
        "use": "wall" if wall else "floor",
        "body": "BIa",
        "size": random.choices(("300x300", "300x600", "600x600"), (20, 30, 50))[0],
        "shape": "rectangle",
        "thickness": random.choices(("8", "9.5"), (30, 70))[0],
        "colour": random.choices(("chalk", "sand", "clay", "slate", "moss", "ink"), (26, 24, 14, 18, 8, 10))[
            0
        ],
        "finish": "satin" if wall else "matt",
        "slip": "R9" if wall else "R10",
        "decor": "none",
        "edge": "rectified",
    }
    quantity = random.choices((140, 260, 420, 650, 1070, 1720), (12, 20, 24, 20, 15, 9))[0]
    return Wish("tile", chosen, quantity, _when(random, soonest=6))


def cabinet(random: Random) -> Wish:
    """Kitchen carcasses up to 900 mm."""
    chosen = {
        "width": random.choice(("400", "600", "800")),
        "height": random.choice(("720", "1400")),
        "depth": "560",
        "carcass": random.choice(("white", "oak", "birch")),
        "front": random.choices(("flat", "shaker"), (70, 30))[0],
        "colour": random.choice(("linen", "fog", "sage", "petrol", "brick", "night")),
        "drawers": random.choice(("0", "1", "2", "3")),
    }
    return Wish("cabinet", chosen, random.choice((1, 2, 4, 6, 8, 12)), _when(random))


def part(random: Random) -> Wish:
    """A block of the customer's own measures."""
    size = (random.randint(40, 140), random.randint(25, 80), random.randint(8, 40))
    chosen = {
        "material": random.choices(("pa12", "pa11"), (75, 25))[0],
        "finish": random.choices(("blasted", "raw"), (80, 20))[0],
        "colour": random.choices(("black", "natural", "blue"), (50, 30, 20))[0],
    }
    sent = ("part", f"bracket-{'x'.join(map(str, size))}.stl", block(*size))
    return Wish("part", chosen, random.choice((6, 12, 20, 40, 60)), _when(random), sent)


FAMILIES: dict[str, tuple[tuple[Callable[[Random], Wish], float], ...]] = {
    "lu-ceramics": ((mug, 0.65), (tile, 0.35)),
    "hansa-cabinets": ((cabinet, 1.0),),
    "rhein-additive": ((part, 1.0),),
}
"""Plant -> its wishes and their shares."""


def draw(plant: str, random: Random) -> Wish:
    """One wish at a plant."""
    makers, shares = zip(*FAMILIES[plant], strict=True)
    maker: Callable[[Random], Wish] = random.choices(makers, shares)[0]
    return maker(random)


def _when(random: Random, soonest: int = 11) -> int | None:
    """A fifth want it as soon as possible, the others on a day within the next weeks."""
    return None if random.random() < 0.2 else random.randint(soonest, 34)
