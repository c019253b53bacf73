"""A drawing as pixels, for paper: blurs and grain are drawn as browsers draw them.

What draws would open any file that a drawing names, so nothing but parts of the drawing itself and pixels
written into it are left to be named.
"""

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, register_namespace, tostring

from defusedxml.ElementTree import fromstring
from fontTools.ttLib import TTFont
from resvg_py import svg_to_bytes

FACE = Path(__file__).parents[1] / "static" / "vendor" / "fonts" / "instrument-sans-latin-400-normal.woff"
FAMILY = "Instrument Sans"
NAMESPACE = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
WITHIN = ("#", "data:image/png;", "data:image/jpeg;")
"""How what a drawing names may begin."""
register_namespace("", NAMESPACE)
register_namespace("xlink", XLINK)


def png_of(svg: str, width: int, *, crisp: bool = False) -> bytes:
    """PNG, `width` pixels wide, transparent where nothing is drawn. The same drawing is the same bytes.

    `crisp`: edges are not softened, so that no pixel has a colour the drawing does not.
    """
    made: bytes = svg_to_bytes(**order_of(svg, width, crisp=crisp))
    return made


def order_of(svg: str, width: int, *, crisp: bool = False) -> dict[str, Any]:
    """What whoever draws is asked for."""
    svg = str(svg)  # markup would escape what it is given
    if f'xmlns="{NAMESPACE}"' not in svg:
        svg = svg.replace("<svg ", f'<svg xmlns="{NAMESPACE}" ', 1)
    root = fromstring(svg)
    _keep_within(root)
    return {
        "svg_string": tostring(root, encoding="unicode"),
        "width": width,
        "dpi": 96,
        "skip_system_fonts": True,
        "font_files": [_face()],
        "font_family": FAMILY,
        "sans_serif_family": FAMILY,
        "shape_rendering": "crisp_edges" if crisp else "geometric_precision",
    }


def _keep_within(root: Element) -> None:
    for element in root.iter():
        for name in ("href", f"{{{XLINK}}}href"):
            if not element.get(name, "#").strip().startswith(WITHIN):
                del element.attrib[name]


@lru_cache(maxsize=1)
def _face() -> str:
    """The house's face unpacked, since what draws reads no compressed one; kept while the process runs."""
    target = Path(_folder().name) / "face.ttf"
    font = TTFont(FACE)
    font.flavor = None
    font.save(target)
    return str(target)


@lru_cache(maxsize=1)
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="cosmo-paper-")
