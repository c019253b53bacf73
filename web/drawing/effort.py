"""How much work a stranger's drawing is for whoever draws it: parts that are used many times over, layers,
dashes.

A small file can ask for a thousand million shapes. This is told from the file alone, the same on every
machine; what it lets through is still drawn apart, within bounds (`web.drawing.apart`).
"""

import math
import re
from collections.abc import Mapping
from functools import reduce
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
_MOST_STEPS = 2 * MOST_WORK
"""Whoever counts longer has come by more shapes than are drawn."""
_ALL_DASHES = 1_000_000


class Work(NamedTuple):
    """What is to be drawn: shapes, and layers that are drawn by themselves first."""

    shapes: int
    layers: int

    def and_(self, other: "Work") -> "Work":
        return Work(self.shapes + other.shapes, self.layers + other.layers)


class TooMuch(ValueError):
    """Circles, what is very deep, and what takes long to count."""


def is_involved(root: Element, pixels: int) -> bool:
    """Whether drawing it with so many pixels is more than is done for anybody."""
    try:
        work = Effort(root).whole()
    except TooMuch:
        return True
    return work.shapes + _LAYER * work.layers > MOST_WORK or work.layers * pixels > MOST_LAYERED


class _Part(NamedTuple):
    """An element as its attributes say it; its outline is at most `around` long, none where none is drawn."""

    dashes: str
    around: float | None
    work: Work
    names: list[str]


class Effort:
    """Counts a drawing's work. Each element is read once, and added up once for each way it may be dashed;
    so is a name, however many elements have it. `steps` says how often one was come by.
    """

    def __init__(self, root: Element) -> None:
        self.steps = 0
        self._root = root
        self._named: dict[str, list[Element]] = {}
        for element in root.iter():
            if element.get("id"):
                self._named.setdefault(element.get("id", ""), []).append(element)
        self._parts: dict[Element, _Part] = {}
        self._lengths: dict[str, float | None] = {}
        self._known: dict[tuple[Element | str, str], Work | None] = {}

    def whole(self) -> Work:
        """Raises `TooMuch`."""
        return self._of(self._root, "none", 0)

    def _of(self, one: Element | str, dashes: str, deep: int) -> Work:
        """An element with what is inside it and what it points to, or all elements of one name."""
        self.steps += 1
        if self.steps > _MOST_STEPS or deep > _DEEPEST:
            raise TooMuch
        own = "inherit" if isinstance(one, str) else self._part(one).dashes
        key = one, dashes if own == "inherit" else own
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._counted(*key, deep)
        work = self._known[key]
        if work is None:  # it is still being counted: a circle
            raise TooMuch
        return work

    def _counted(self, one: Element | str, dashes: str, deep: int) -> Work:
        """Of a name all count: whoever draws may take the first of them or the last."""
        if isinstance(one, str):
            return reduce(Work.and_, (self._of(each, dashes, deep) for each in self._named[one]))
        part = self._part(one)
        work = part.work.and_(Work(self._dashes(part.around, dashes), 0))
        for inside in (*one, *part.names):
            work = work.and_(self._of(inside, dashes, deep + 1))
        return work

    def _part(self, element: Element) -> _Part:
        if element not in self._parts:
            said = _said(element)
            around = None if said.get("stroke") == "none" else _around(said)
            names = [name for name in _names(said) if name in self._named]
            self._parts[element] = _Part(said.get("stroke-dasharray", "inherit"), around, _work(said), names)
        return self._parts[element]

    def _dashes(self, around: float | None, dashes: str) -> int:
        if dashes not in self._lengths:
            self._lengths[dashes] = _length(dashes)
        length = self._lengths[dashes]
        if around is None or length is None:
            return 0
        count = around / length if length else math.inf
        return int(min(count, _ALL_DASHES)) if math.isfinite(count) else _ALL_DASHES


def _names(said: Mapping[str, str]) -> list[str]:
    names = [name for value in said.values() for name in _POINTS_TO.findall(value)]
    return [*names, said["href"].lstrip("#")] if "href" in said else names


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


def _work(said: Mapping[str, str]) -> Work:
    """Of it alone, without dashes."""
    long = len(said.get("d", "")) + len(said.get("points", ""))
    return Work(1 + long // _PIECE, sum(_is_layer(name, said.get(name, "")) for name in _LAYERED))


def _around(said: Mapping[str, str]) -> float:
    """No outline is much longer than all its numbers together."""
    return 4 * sum(abs(float(n)) for name in _LENGTHS for n in _NUMBER.findall(said.get(name, "")))


def _length(dashes: str) -> float | None:
    """Of all dashes together; None where there are none, 0 where it cannot be told."""
    lengths = [abs(float(number)) for number in _NUMBER.findall(dashes)]
    if dashes in _NO_LAYER or (lengths and not any(lengths)):
        return None
    return 0 if "%" in dashes else float(sum(lengths))
