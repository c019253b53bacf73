"""The few words of SVG that the drawings use. Geometry is in attributes, looks are classes."""

from __future__ import annotations

import re
from html import escape

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_of(text: str) -> str:
    """A caller's text as XML text or attribute; characters that XML does not know become a sign."""
    return escape(_NOT_XML.sub("\ufffd", text))


def num(value: float) -> str:
    """A length, to a tenth of a pixel, as short as it can be written."""
    rounded = round(value, 1)
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def tag(name: str, content: str | None = None, /, **attributes: object) -> str:
    """An element. `class_` is written `class`, other underscores become hyphens; None is left out."""
    words = [name]
    for key, value in attributes.items():
        if value is not None:
            shown = num(value) if isinstance(value, float) else text_of(str(value))
            words.append(f'{key.rstrip("_").replace("_", "-")}="{shown}"')
    head = " ".join(words)
    return f"<{head}/>" if content is None else f"<{head}>{content}</{name}>"


def rect(x: float, y: float, width: float, height: float, class_: str | None = None, rx: float = 0) -> str:
    """A rectangle."""
    return tag(
        "rect",
        x=float(x),
        y=float(y),
        width=float(max(width, 0)),
        height=float(max(height, 0)),
        rx=float(rx) if rx else None,
        class_=class_,
    )


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """A straight line."""
    return tag("path", d=f"M{num(x1)} {num(y1)}L{num(x2)} {num(y2)}", class_=class_)


def words(x: float, y: float, text: str, class_: str | None = None, anchor: str | None = None) -> str:
    """A line of text, its base line at y."""
    return tag("text", text_of(text), x=float(x), y=float(y), class_=class_, text_anchor=anchor)


def box(x: float, y: float, width: float, height: float) -> str:
    """A rectangle as a piece of a path: many of them make one element."""
    return f"M{num(x)} {num(y)}h{num(width)}v{num(height)}h{num(-width)}z"


def glyph(name: str, x: float, y: float, size: float, class_: str) -> str:
    """One of the signs that go with a status."""
    href = f"#glyph-{name}"
    return tag("use", href=href, x=float(x), y=float(y), width=float(size), height=float(size), class_=class_)


def cut(text: str, room: float, size: float = 12) -> str:
    """The text, its end replaced by a sign where it has no room."""
    if fits(text, room, size):
        return text
    count = len(text)
    while count > 1 and not fits(text[:count] + "…", room, size):
        count -= 1
    return text[:count] + "…"


def fits(text: str, width: float, size: float = 12) -> bool:
    """Whether a text has room in so many pixels, guessed from its letters."""
    return width_of(text, size) <= width


def width_of(text: str, size: float = 12) -> float:
    """About how wide a text is; wide scripts count double."""
    return size * sum(0.56 if ord(letter) < 0x1100 else 1.0 for letter in text)
