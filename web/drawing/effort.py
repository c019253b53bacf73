"""How much work a stranger's drawing is for whoever draws it: parts that are used many times over, layers,
dashes.

A small file can ask for a thousand million shapes. This is told from the file alone, the same on every
machine; what it lets through is still drawn apart, within bounds (`web.drawing.apart`).
"""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

MOST_WORK = 40_000
"""Shapes; a dash is one, and so is every so long a piece of a path."""
MOST_LAYERED = 200_000_000
"""Pixels of all layers together, each as large as the picture."""
_PIECE = 200
_LAYER = 50
_LAYERED = ("opacity", "mask", "clip-path", "filter", "mix-blend-mode", "isolation")
_NO_LAYER = {"", "none", "normal", "auto", "inherit", "unset", "initial"}
_POINTS_TO = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LENGTHS = ("d", "points", "x1", "y1", "x2", "y2", "width", "height", "r", "rx", "ry")
_DEEPEST = 120
_MOST_SEEN = 60_000
_ALL_DASHES = 1_000_000


class Work(NamedTuple):
    """What is to be drawn: shapes, and layers that are drawn by themselves first."""

    shapes: int
    layers: int

    def and_(self, other: "Work") -> "Work":
        return Work(self.shapes + other.shapes, self.layers + other.layers)


_TOO_MUCH = Work(MOST_WORK + 1, 0)


def is_involved(root: Element, pixels: int) -> bool:
    """Whether drawing it with so many pixels is more than is done for anybody."""
    work = _Effort(root).of(root, "none", 0)
    return work.shapes + _LAYER * work.layers > MOST_WORK or work.layers * pixels > MOST_LAYERED


class _Effort:
    def __init__(self, root: Element) -> None:
        self.named: dict[str, list[Element]] = {}
        for element in root.iter():
            if element.get("id"):
                self.named.setdefault(element.get("id", ""), []).append(element)
        self.known: dict[tuple[Element, str], Work] = {}

    def of(self, element: Element, dashes: str, deep: int) -> Work:
        """With what is inside it and what it points to. Circles, and what is very deep, are too much."""
        said = _said(element)
        own = said.get("stroke-dasharray", "inherit")
        dashes = dashes if own == "inherit" else own
        if (element, dashes) not in self.known:
            if deep > _DEEPEST or len(self.known) > _MOST_SEEN:
                return _TOO_MUCH
            self.known[element, dashes] = _TOO_MUCH  # while it is still being counted: a circle
            work = Work(_shapes(said, dashes), sum(_is_layer(name, said.get(name, "")) for name in _LAYERED))
            for one in [*element, *self._pointed(said)]:
                work = work.and_(self.of(one, dashes, deep + 1))
            self.known[element, dashes] = work
        return self.known[element, dashes]

    def _pointed(self, said: Mapping[str, str]) -> list[Element]:
        """All of one name: whoever draws may take the first of them or the last."""
        names = [name for value in said.values() for name in _POINTS_TO.findall(value)]
        if "href" in said:
            names.append(said["href"].lstrip("#"))
        return [element for name in names for element in self.named.get(name, [])]


def _said(element: Element) -> dict[str, str]:
    """Its attributes, and what its style says instead."""
    said = {name.rpartition("}")[2]: value.strip() for name, value in element.attrib.items()}
    for one in said.pop("style", "").split(";"):
        name, _, value = one.partition(":")
        said[name.strip()] = value.replace("!important", "").strip()
    return said


def _is_layer(name: str, value: str) -> bool:
    if name != "opacity" or value in _NO_LAYER:
        return value not in _NO_LAYER
    try:
        return float(value.rstrip("%")) / (100 if "%" in value else 1) < 1
    except ValueError:
        return True


def _shapes(said: Mapping[str, str], dashes: str) -> int:
    long = len(said.get("d", "")) + len(said.get("points", ""))
    return 1 + long // _PIECE + (0 if said.get("stroke") == "none" else _dashes(said, dashes))


def _dashes(said: Mapping[str, str], dashes: str) -> int:
    """At most so many: no outline is much longer than all its numbers together."""
    lengths = [abs(float(number)) for number in _NUMBER.findall(dashes)]
    if dashes in _NO_LAYER or (lengths and not any(lengths)):
        return 0
    if not lengths or "%" in dashes:
        return _ALL_DASHES
    around = 4 * sum(abs(float(n)) for name in _LENGTHS for n in _NUMBER.findall(said.get(name, "")))
    count = around / sum(lengths)
    return int(min(count, _ALL_DASHES)) if math.isfinite(count) else _ALL_DASHES
