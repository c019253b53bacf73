"""The board as one SVG file: title, legend, axis, rows."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.drawing import board
from scheduler.drawing.legend import Entry, families, flow, signs
from scheduler.drawing.look import DEFS, DRAWING, TOKENS
from scheduler.drawing.summary import Summary, summary_of
from scheduler.drawing.svg import cut, glyph, num, rect, tag, text_of, words
from scheduler.drawing.view import View

NAMES = 136.0
MARGIN = 20.0
LINE = 22.0


def svg_document(width: float, height: float, content: str, title: str) -> str:
    """A file of its own with the styles inside, readable on light and dark."""
    style = f"<style>{TOKENS}{DRAWING}</style>"
    paper = rect(0, 0, width, height, "paper")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tag(
        "svg",
        f"{tag('title', text_of(title))}{style}{DEFS}{paper}{content}\n",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {num(width)} {num(height)}",
        width=num(width),
        height=num(height),
        role="img",
    )


def at(x: float, y: float, content: str) -> str:
    """A part of the drawing, moved."""
    return tag("g", content, transform=f"translate({num(x)} {num(y)})")


def picture(view: View, width: float) -> str:
    """The whole plan in one SVG file of this width."""
    summary = summary_of(view)
    inside = width - 2 * MARGIN
    scale = view.whole(inside - NAMES)
    above, y = _above(summary, inside)
    y_rows = y + board.head_height(view)
    legend = "".join(_legend(view, inside))
    height = y_rows + view.height + 24 + LINE * _lines(view, inside) + MARGIN
    content = above + at(MARGIN, y, "".join(board.head_names(view, NAMES)))
    content += at(MARGIN + NAMES, y, "".join(board.head(view, scale)))
    content += at(MARGIN, y_rows, "".join(board.names(view, NAMES)))
    content += at(MARGIN + NAMES, y_rows, "".join(board.rows(view, scale)))
    content += at(MARGIN, y_rows + view.height + 24, legend)
    return svg_document(width, height, content, summary.title)


def _above(summary: Summary, room: float) -> tuple[str, float]:
    """The words on top, and how high they are."""
    lines = words(MARGIN, 38, cut(summary.title, room, 22), "title")
    lines += words(MARGIN, 60, cut(summary.sentence, room))
    y = 76.0
    if summary.wrong:
        lines += glyph("late", MARGIN, y - 4, 14, "glyph") + words(
            MARGIN + 20, y + 8, cut(summary.wrong, room - 20), "lt"
        )
        y += LINE
    return lines, y


def _groups(view: View) -> list[tuple[str, list[Entry]]]:
    return [("", signs(view)), *families(view)]


def _lines(view: View, width: float) -> float:
    return sum(max(row for _, row, _, _ in flow(group, width - NAMES)) + 1 for _, group in _groups(view))


def _legend(view: View, width: float) -> Iterator[str]:
    y = 0.0
    for name, group in _groups(view):
        yield words(0, y + 11, name, "b")
        last = 0.0
        for x, row, sign, text in flow(group, width - NAMES):
            yield at(NAMES + x, y + LINE * row, sign + words(26, 11, text))
            last = row
        y += LINE * (last + 1)
