"""The few helpers every drawing shares: elements, numbers, fluid positions, text widths."""

import re
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape


def num(value: float) -> str:
    """A length with at most two decimals and no trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def pct(fraction: float) -> str:
    """A fraction of the drawing's width as a percentage, for attributes that follow the width."""
    return num(fraction * 100) + "%"


def el(tag: str, *children: str, **attributes: Any) -> Markup:
    """One element. `class_` becomes class, other underscores become dashes; None and False leave it out.

    Children that are not Markup are escaped.
    """
    parts = [f"<{tag}"]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        text = num(value) if isinstance(value, float) else str(value)
        parts.append(f' {_attribute(name)}="{escape(text)}"')
    inner = "".join(str(escape(child)) for child in children)
    parts.append(f">{inner}</{tag}>" if inner else "/>")
    return Markup("".join(parts))


def _attribute(name: str) -> str:
    camel = {
        "view_box": "viewBox",
        "preserve_aspect_ratio": "preserveAspectRatio",
        "gradient_units": "gradientUnits",
        "pattern_units": "patternUnits",
        "pattern_transform": "patternTransform",
        "std_deviation": "stdDeviation",
        "mask_units": "maskUnits",
        "clip_path_units": "clipPathUnits",
    }
    return camel.get(name) or name.rstrip("_").replace("_", "-")


def at(x: float, y: float) -> str:
    """A point inside path data, to a tenth of a px."""
    return f"{num(round(x, 1))} {num(round(y, 1))}"


def path(points: Iterable[tuple[float, float]], *, close: bool = False) -> str:
    """Points as path data."""
    return "M" + "L".join(at(x, y) for x, y in points) + ("Z" if close else "")


def join(parts: Iterable[str]) -> Markup:
    """Concatenate markup."""
    return Markup("").join(parts)


def stretched(x0: float, x1: float, y0: float, y1: float, path: str, **attributes: Any) -> Markup:
    """A path drawn in a 100 x 100 box and stretched between two fractions of the width.

    The stroke keeps its width and its dashes, so curves can be fluid while text beside them is not scaled.
    """
    line = el(
        "path", d=path, fill=attributes.pop("fill", "none"), vector_effect="non-scaling-stroke", **attributes
    )
    return el(
        "svg",
        line,
        x=pct(x0),
        y=y0,
        width=pct(max(x1 - x0, 0.0)),
        height=max(y1 - y0, 0.01),
        view_box="0 0 100 100",
        preserve_aspect_ratio="none",
        overflow="visible",
    )


def text_width(text: str, size: float = 12.5) -> float:
    """About how wide a text is in px: Han characters are square, Latin ones a little over half."""
    return sum(size if ord(ch) > 0x2E7F else size * (0.3 if ch in " .,:il|'1" else 0.56) for ch in text)


_REFERENCE = re.compile(r'(id="|url\(#|href="#)(?!i-)')


def again(markup: str, prefix: str = "v") -> Markup:
    """The same drawing with other ids, for a second place on the same page. Icons of the shell keep
    theirs."""
    return Markup(_REFERENCE.sub(lambda found: found.group(1) + prefix, markup))


class Shelf:
    """Keeps labels of one line from running into each other: first come, first placed."""

    def __init__(self, gap: float = 8.0) -> None:
        self._taken: list[tuple[float, float]] = []
        self._gap = gap

    def take(self, start: float, width: float) -> bool:
        """Claim start..start+width px; False where something already stands there."""
        end = start + width
        if any(start < b + self._gap and a - self._gap < end for a, b in self._taken):
            return False
        self._taken.append((start, end))
        return True
