"""How tiles are laid: in a grid, a bond, herringbone, hexagons or a mosaic; the corners of each piece."""

import math
from dataclasses import dataclass

Point = tuple[float, float]
LEFT, TOP, WIDE, TALL = 30.0, 30.0, 540.0, 420.0
"""The wall in its box."""
WAYS = ("grid", "bond", "third", "herringbone")
"""What may be chosen for tiles with four corners."""
_SHIFTS = {"grid": (0.0,), "bond": (0.0, 0.5), "third": (0.0, 1 / 3, 2 / 3)}
"""By how much of a tile each row is shifted, from the top."""
_MOST_TIMES, _BEYOND = 6, 20.0


@dataclass(frozen=True)
class Tile:
    """width, height: mm of one tile. colour: a glaze name or #rrggbb. joint: mm. grout: #rrggbb.
    decor: none, a motif's name, or a picture's address laid over the whole wall. floor: seen from a
    standing eye, not from in front. laid: one of `ways`, where the customer chose one."""

    shape: str = "rectangle"
    width: float = 200
    height: float = 200
    colour: str = "celadon"
    finish: str = "gloss"
    joint: float = 2
    edge: str = "pressed"
    grout: str = "#d9d8d2"
    decor: str = "none"
    ink: str = "#22377f"
    floor: bool = False
    laid: str = ""


def pattern(spec: Tile) -> str:
    """How it is laid: as chosen where the format allows it, else as such tiles usually are."""
    return spec.laid if spec.laid in ways(spec) else usual(spec)


def usual(spec: Tile) -> str:
    """hex, mosaic, bond (rows shifted by half a tile) or grid."""
    if spec.shape in ("hex", "mosaic"):
        return spec.shape
    return "bond" if spec.shape == "trim" or spec.width > spec.height * 1.6 else "grid"


def ways(spec: Tile) -> tuple[str, ...]:
    """In which ways such tiles can be laid; herringbone closes where one side is a multiple of the other."""
    if spec.shape in ("hex", "mosaic"):
        return (spec.shape,)
    return WAYS if _times(spec) else WAYS[:-1]


def _times(spec: Tile) -> int:
    """How often the short side goes into the long one; 0 where it does not, or so often that it looks odd."""
    short, long = sorted((spec.width, spec.height))
    times = long / short if short else 0
    return int(times) if times == int(times) and 2 <= times <= _MOST_TIMES else 0


def scale_of(spec: Tile) -> float:
    """px per mm, so that between about four and twelve tiles stand in a row."""
    across = {"mosaic": 16, "hex": 7, "trim": 4}.get(spec.shape, 5 if spec.width > 250 else 7)
    down = spec.height * 24 * WIDE / TALL if spec.shape in ("rectangle", "trim") else 0
    return WIDE / max(min(spec.width * across, down or math.inf), 240)


def cells_of(spec: Tile, scale: float) -> list[list[Point]]:
    """The corners of every piece; of a floor only those that could be seen."""
    return [cell for cell in _cells(spec, scale) if not spec.floor or _inside(cell)]


def _cells(spec: Tile, scale: float) -> list[list[Point]]:
    wide, tall, joint = spec.width * scale, spec.height * scale, _joint(spec, scale)
    if spec.shape == "hex":
        return _hexes(wide, joint)
    if spec.shape == "mosaic":
        tall = wide
    laid = pattern(spec)
    if laid == "herringbone":
        return _herringbone(max(wide, tall), min(wide, tall), joint)
    return _rectangles(wide, tall, joint, _SHIFTS.get(laid, (0.0,)))


def _joint(spec: Tile, scale: float) -> float:
    """Wide enough to be seen, and wider the wider it is; never more than a third of the tile."""
    least = min(spec.width, spec.height) * scale / 3
    return min(max(spec.joint * scale, 0.8 + 0.45 * spec.joint), least)


def _inside(cell: list[Point]) -> bool:
    """Not so far behind or before the floor that it could not be seen."""
    return all(TOP - TALL / 3 < y < TOP + TALL * 1.3 for _, y in cell)


def _rectangles(wide: float, tall: float, joint: float, shifts: tuple[float, ...]) -> list[list[Point]]:
    cells, row, y = [], 0, TOP
    while y < TOP + TALL:
        x = LEFT - wide * shifts[row % len(shifts)]
        while x < LEFT + WIDE:
            cells.append(_piece(x, y, wide, tall, joint))
            x += wide
        row, y = row + 1, y + tall
    return [cell for cell in cells if cell]


def _hexes(wide: float, joint: float) -> list[list[Point]]:
    radius, cells, row = wide / 2, [], 0
    step, y = radius * 1.5, TOP
    half = radius * math.sqrt(3) / 2
    while y < TOP + TALL + radius:
        x = LEFT + (half if row % 2 else 0)
        while x < LEFT + WIDE + half:
            corners = [
                (
                    x + (radius - joint * 0.58) * math.sin(k * math.pi / 3),
                    y + (radius - joint * 0.58) * math.cos(k * math.pi / 3),
                )
                for k in range(6)
            ]
            cells.append(corners)
            x += 2 * half
        row, y = row + 1, y + step
    return cells


def _herringbone(long: float, short: float, joint: float) -> list[list[Point]]:
    """Stairs of one lying and one standing piece run down to the right, two lengths apart."""
    cells: list[list[Point]] = []
    for step in range(-math.ceil(long / short), math.ceil(TALL / short) + 1):
        y = TOP + step * short
        x = LEFT + step * short
        x -= 2 * long * math.ceil((x - LEFT + long) / (2 * long))
        while x < LEFT + WIDE + short:
            cells += [_piece(x, y, long, short, joint), _piece(x - short, y, short, long, joint)]
            x += 2 * long
    return [cell for cell in cells if cell]


def _piece(x: float, y: float, wide: float, tall: float, joint: float) -> list[Point]:
    """Cut a little beyond the wall's upper and lower edge; nothing where it cannot be seen."""
    right, top = x + wide - joint, max(y, TOP - _BEYOND)
    foot = min(y + tall - joint, TOP + TALL + _BEYOND)
    seen = top < foot and x < LEFT + WIDE and right > LEFT
    return [(x, top), (right, top), (right, foot), (x, foot)] if seen else []
