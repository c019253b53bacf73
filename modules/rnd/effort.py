"""How much work a drawing is for whoever draws it: parts that are used many times over, layers, dashes.

A small file can ask for a thousand million shapes; it may be shown by the customer's own browser, and is not
drawn here.
"""

import re
from xml.etree.ElementTree import Element

MOST_WORK = 40_000
_LAYER = 50
_LAYERED = ("opacity", "mask", "clip-path", "stroke-dasharray")
_POINTS_TO = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")
_DEEPEST = 120


def is_involved(root: Element) -> bool:
    """Whether drawing it is more than `MOST_WORK` shapes; a layer or a dashed line counts as fifty."""
    return _Effort(root).of(root, 0) > MOST_WORK


class _Effort:
    def __init__(self, root: Element) -> None:
        self.named = {element.get("id", ""): element for element in root.iter() if element.get("id")}
        self.known: dict[Element, int] = {}

    def of(self, element: Element, deep: int) -> int:
        """Parts that point to each other in a circle, or very deep, are more than can be drawn."""
        if deep > _DEEPEST:
            return MOST_WORK + 1
        if element not in self.known:
            self.known[element] = MOST_WORK + 1  # what it is while it is still being counted: a circle
            inside = [*element, *self._pointed(element)]
            work = 1 + _LAYER * sum(element.get(name) is not None for name in _LAYERED)
            self.known[element] = work + sum(self.of(one, deep + 1) for one in inside)
        return self.known[element]

    def _pointed(self, element: Element) -> list[Element]:
        names = [name for value in element.attrib.values() for name in _POINTS_TO.findall(value)]
        if element.get("href"):
            names.append(element.get("href", "").lstrip("#"))
        return [self.named[name] for name in names if name in self.named]
