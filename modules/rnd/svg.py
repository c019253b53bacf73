"""Takes an SVG from a stranger: keeps shapes and colours, refuses whatever could run or reach out.

The result is a picture that may stand in a page. Sizes are millimetres.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError, register_namespace, tostring

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from cosmo.errors import Invalid
from cosmo.i18n import N_

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_KEPT = _SHAPES | {
    "svg", "g", "defs", "symbol", "use", "title", "desc", "linearGradient", "radialGradient", "stop",
    "clipPath", "mask",
}  # fmt: skip
_DROPPED = {"metadata", "namedview"}
"""What editors leave behind; it draws nothing."""
_ATTRIBUTE = re.compile(
    r"^(id|class|d|points|x|y|x1|y1|x2|y2|cx|cy|r|rx|ry|fx|fy|width|height|viewBox|preserveAspectRatio|transform|offset"
    r"|gradientUnits|gradientTransform|spreadMethod|clipPathUnits|maskUnits|opacity|color|display|visibility"
    r"|fill|fill-opacity|fill-rule|stroke|stroke-width|stroke-opacity|stroke-linecap|stroke-linejoin|stroke-miterlimit"
    r"|stroke-dasharray|stroke-dashoffset|stop-color|stop-opacity|clip-path|clip-rule|mask|version)$"
)
_REACHES_OUT = re.compile(r"(?i)url\s*\(\s*(?!['\"]?#)|javascript:|data:|@import|expression\s*\(|\\")
# none of these goes back over what it has read: strangers write texts that it would go back over for hours
_LENGTH = re.compile(r"^\s*+([\d.]++(?:e-?\d++)?+)\s*+(mm|cm|in|pt|pc|px|)\s*+$")
_MM = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6, "px": 25.4 / 96, "": 25.4 / 96}
_USED = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")
_CALL = re.compile(r"\b(\w++)\s*+\(([^()]*+)\)")
MOST_ELEMENTS = 20_000
MOST_DEEP = 50
MOST_LONG = 1000
"""Times that a drawing may be longer than it is wide."""
register_namespace("", _SVG)


class UnsafeSvg(Invalid):
    """The file may not be used; `detail` says what to do about it."""

    type, title = "unsafe-svg", "This drawing cannot be used"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A cleaned drawing. `width_mm` is None where the file names no size; `ratio` is width over height.

    `thinnest` is the thinnest stroke as a share of the drawing's width, None without strokes.
    """

    text: str
    ratio: Decimal
    width_mm: Decimal | None
    thinnest: Decimal | None
    shaded: bool = False
    """Whether colours run into each other."""


def read_svg(content: bytes) -> Drawing:
    """The drawing in `content`. Raises `UnsafeSvg`."""
    try:
        return _read(ElementTree.fromstring(content, forbid_dtd=True))
    except UnsafeSvg:
        raise
    except (ParseError, DefusedXmlException, ValueError, LookupError, ArithmeticError):  # numbers too: 1.2.3
        raise UnsafeSvg(N_("This SVG file cannot be read. Save it again as plain SVG.")) from None


def _read(root: Element) -> Drawing:
    if root.tag not in (f"{{{_SVG}}}svg", "svg"):
        raise UnsafeSvg(N_("This is not an SVG drawing."))
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise UnsafeSvg(N_("This drawing has too many parts. Simplify it and upload it again."))
    if _is_deeper(root, MOST_DEEP):
        raise UnsafeSvg(N_("This drawing is nested too deeply. Ungroup its parts and upload it again."))
    clean = _cleaned(root)
    left, top, width, height = _box(clean)
    if not 1 / MOST_LONG <= width / height <= MOST_LONG:
        raise UnsafeSvg(N_("This drawing is a line and no area. Save it with the page size that is meant."))
    clean.set("viewBox", f"{left:g} {top:g} {width:g} {height:g}")
    stated = _millimetres(root.get("width"))
    for name in ("width", "height"):
        clean.attrib.pop(name, None)
    thin = min(_strokes(clean, 1.0, 1.0, "none"), default=None)
    return Drawing(
        tostring(clean, encoding="unicode"),
        _decimal(width / height),
        _decimal(stated) if stated else None,
        _decimal(thin / width) if thin is not None else None,
        _is_shaded(clean),
    )


def _is_deeper(root: Element, most: int) -> bool:
    """Whether parts lie within parts more than so many times; what follows here goes into them one by one."""
    level = [root]
    for _ in range(most):
        level = [child for element in level for child in element]
    return bool(level)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(round(value, 6)))


def _cleaned(element: Element) -> Element:
    name = _local(element.tag)
    copy = Element(f"{{{_SVG}}}{name}")
    for key, value in element.attrib.items():
        _keep(copy, key, value)
    copy.text = element.text if name in ("title", "desc") else None
    for child in element:
        if not isinstance(child.tag, str) or _foreign(child.tag) or _local(child.tag) in _DROPPED:
            continue
        if _local(child.tag) not in _KEPT:
            raise UnsafeSvg(_refusal(_local(child.tag)))
        copy.append(_cleaned(child))
    return copy


def _refusal(name: str) -> str:
    if name in ("text", "tspan", "textPath", "flowRoot"):
        return N_("This drawing has live text. Turn the text into paths and upload it again.")
    if name == "image":
        return N_("This drawing has a picture inside. Upload the picture itself as PNG or TIFF.")
    return N_(
        "This drawing has parts that are not shapes (scripts, styles, animation). Save it as plain SVG."
    )


def _keep(copy: Element, key: str, value: str) -> None:
    if key == "style":
        for one in value.split(";"):
            name, _, said = one.partition(":")
            if name.strip() != "style":
                _keep(copy, name.strip(), said.strip())
        return
    if key in ("href", _XLINK):
        if not re.fullmatch(r"#[\w.-]+", value.strip()):
            raise UnsafeSvg(N_("This drawing points to other files. Save it with everything inside."))
        copy.set("href", value.strip())
        return
    if _REACHES_OUT.search(value):
        raise UnsafeSvg(N_("This drawing points to other files. Save it with everything inside."))
    if _ATTRIBUTE.match(key):
        copy.set(key, value)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _foreign(tag: str) -> bool:
    return tag.startswith("{") and not tag.startswith(f"{{{_SVG}}}")


def _millimetres(text: str | None) -> float | None:
    match = _LENGTH.match(text or "")
    return float(match[1]) * _MM[match[2]] if match and float(match[1]) > 0 else None


def _box(root: Element) -> tuple[float, float, float, float]:
    numbers = [float(part) for part in re.findall(r"-?[\d.]+(?:e-?\d+)?", root.get("viewBox", ""))]
    if len(numbers) == 4 and numbers[2] > 0 and numbers[3] > 0:
        return numbers[0], numbers[1], numbers[2], numbers[3]
    sides = (_LENGTH.match(root.get(name, "")) for name in ("width", "height"))
    width, height = (float(side[1]) if side else 0.0 for side in sides)
    if width <= 0 or height <= 0:
        raise UnsafeSvg(N_("This drawing has no size. Save it with a page size or a viewBox."))
    return 0.0, 0.0, width, height


def _strokes(element: Element, scale: float, width: float, stroke: str) -> Iterator[float]:
    """Widths of all strokes that are drawn, in the drawing's own units; width and colour are inherited."""
    scale *= _scale_of(element.get("transform", ""))
    match = _LENGTH.match(element.get("stroke-width", ""))
    width = float(match[1]) if match else width
    stroke = element.get("stroke", stroke)
    if _local(element.tag) in _SHAPES and stroke != "none" and width > 0:
        yield width * scale
    for child in element:
        yield from _strokes(child, scale, width, stroke)


def _is_shaded(root: Element) -> bool:
    """Whether a gradient is used; editors leave behind some that are not."""
    names = {e.get("id") for e in root.iter() if _local(e.tag) in ("linearGradient", "radialGradient")}
    paints = [e.get(name, "") for e in root.iter() for name in ("fill", "stroke")]
    return any(name in names for paint in paints for name in _USED.findall(paint))


def _scale_of(transform: str) -> float:
    scale = 1.0
    for name, numbers in _CALL.findall(transform):
        values = [float(v) for v in re.findall(r"-?[\d.]+(?:e-?\d+)?", numbers)]
        if name == "scale" and values:
            scale *= math.sqrt(abs(values[0] * (values[1] if len(values) > 1 else values[0])))
        if name == "matrix" and len(values) == 6:
            scale *= math.sqrt(abs(values[0] * values[3] - values[1] * values[2]))
    return scale


def nameless(content: bytes) -> str:
    """The cleaned drawing without titles and descriptions, which may say whose it is."""
    root = ElementTree.fromstring(read_svg(content).text)
    for parent in list(root.iter()):
        for child in [c for c in parent if _local(c.tag) in ("title", "desc")]:
            parent.remove(child)
    return tostring(root, encoding="unicode")


def inks(text: str) -> tuple[str, ...]:
    """The colours a cleaned drawing is made of, as it writes them; none where it blends colours."""
    root = ElementTree.fromstring(text)
    if any(_local(e.tag) == "stop" for e in root.iter()):
        return ()
    return tuple(sorted(set(_colours(root, "black", "none"))))


def _colours(element: Element, fill: str, stroke: str) -> Iterator[str]:
    """Fill and stroke of all shapes; both are inherited."""
    fill, stroke = element.get("fill", fill).strip().lower(), element.get("stroke", stroke).strip().lower()
    if _local(element.tag) in _SHAPES:
        yield from (colour for colour in (fill, stroke) if colour not in ("none", "transparent"))
    for child in element:
        yield from _colours(child, fill, stroke)
