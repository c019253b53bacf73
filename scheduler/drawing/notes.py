"""Marks on a small picture: flags at moments, arrows between runs, words."""

from __future__ import annotations

from scheduler.drawing.scale import Scale
from scheduler.drawing.svg import line, num, tag, width_of, words
from scheduler.drawing.view import Row, View

TOP = 34.0
"""The pixels over the axis where flags stand."""
BELOW = 30.0
"""The pixels under the rows where words stand."""


class Notes:
    """Marks for one picture, in the coordinates of its rows."""

    def __init__(self, view: View, scale: Scale) -> None:
        self.view = view
        self.scale = scale
        self.made: list[str] = []
        self.over = self.below = 8.0

    def row(self, resource: str) -> Row:
        """The resource's row."""
        return next(row for row in self.view.rows if row.resource.id == resource)

    def flag(self, minute: int, text: str, look: str = "pole", left: bool = False) -> None:
        """A pole through all rows with a flag and what it means."""
        x, top = self.scale.x(minute), -TOP - 20
        self.over = TOP
        self.made.append(line(x, top, x, self.view.height, look))
        turn = -1 if left else 1
        cloth = f"M{num(x)} {num(top)}h{8 * turn}l{-2.5 * turn} 3 {2.5 * turn} 3h{-8 * turn}z"
        self.made.append(tag("path", d=cloth, class_="flag"))
        self.made.append(words(x + 11 * turn, top + 8, text, "b small", "end" if left else "start"))

    def span(self, start: int, end: int, y: float, text: str) -> None:
        """An arrow over a stretch of time with words above it."""
        a, b = self.scale.x(start), self.scale.x(end)
        self.made.append(line(a, y, b, y, "arrow"))
        self.made.append(tag("path", d=f"M{num(b)} {num(y)}l-6-3.500v7z", class_="head"))
        self.made.append(words(max((a + b) / 2, width_of(text, 11) / 2), y - 4, text, "cb small", "middle"))

    def under(self, start: int, end: int, text: str) -> None:
        """Words below the rows, under a stretch of time."""
        a, b, y = self.scale.x(start), self.scale.x(end), self.view.height + 5
        self.below = BELOW
        self.made.append(tag("path", d=f"M{num(a)} {num(y)}v4H{num(b)}v-4", class_="arrow"))
        self.made.append(words((a + b) / 2, y + 17, text, "cb small", "middle"))
