"""The proof as a picture: the artwork on the product, and laid flat in its print zone with the safe
margins.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from modules.rnd.proofing import ProofReport
from web.drawing.mug import Mug, mug
from web.drawing.svg import el, join, num

_HAND = {"hand_paint": "hand", "lowfire": "decal"}
_MARGIN = 14.0


def on_product(drawing: str, chosen: Mapping[str, Any], report: ProofReport, href: str, title: str) -> Markup:
    """The product with the artwork on it; empty for products that have no drawing with artwork."""
    if drawing != "mug":
        return Markup("")
    return mug(_mug(chosen, report, href), uid="proof", title=title)


def _mug(chosen: Mapping[str, Any], report: ProofReport, href: str) -> Mug:
    decoration = str(chosen.get("decoration", "decal"))
    capacity = str(chosen.get("capacity", "325"))
    return Mug(
        shape=str(chosen.get("shape", "soft")),
        capacity=int(capacity) if capacity.isdigit() else 325,
        handle=str(chosen.get("handle", "c")).upper() if chosen.get("handle") != "none" else "none",
        outer=str(chosen.get("outer_glaze", "milk")),
        inner=str(chosen.get("inner_glaze", "milk")),
        finish=str(chosen.get("finish", "gloss")),
        decoration=_HAND.get(decoration, decoration),
        artwork=href,
        ratio=float(report.width_mm / report.height_mm),
        gold=chosen.get("gold_rim") == "yes",
        name=str(chosen.get("personal_name") or ""),
    )


def sheet(report: ProofReport, href: str, title: str) -> Markup:
    """The print zone in millimetres with the artwork where it will be printed; what lies outside is cut
    off.
    """
    zone, art = (report.zone_width_mm, report.zone_height_mm), (report.width_mm, report.height_mm)
    wide, tall = (float(max(a, b)) for a, b in zip(zone, art, strict=True))
    full_w, full_h = wide + 2 * _MARGIN, tall + 2 * _MARGIN
    picture = el(
        "image", href=href, x=(full_w - float(art[0])) / 2, y=(full_h - float(art[1])) / 2,
        width=float(art[0]), height=float(art[1]), preserve_aspect_ratio="none",
    )  # fmt: skip
    x, y = (full_w - float(zone[0])) / 2, (full_h - float(zone[1])) / 2
    border = el("rect", x=x, y=y, width=float(zone[0]), height=float(zone[1]), class_="proof-zone")
    parts = [el("rect", width=full_w, height=full_h, rx=3, class_="proof-paper"), picture, border]
    parts += [
        _measure(full_w / 2, full_h - 4.0, _mm(zone[0])),
        _measure(4.6, full_h / 2, _mm(zone[1]), turned=True),
    ]
    return el(
        "svg", join(parts), view_box=f"0 0 {num(full_w)} {num(full_h)}", class_="proof-sheet", role="img",
        aria_label=title,
    )  # fmt: skip


def _mm(value: Decimal) -> str:
    return f"{num(float(value))} mm"


def _measure(x: float, y: float, text: str, *, turned: bool = False) -> Markup:
    turn = f"rotate(-90 {num(x)} {num(y)})" if turned else None
    return el("text", text, x=x, y=y, text_anchor="middle", class_="proof-mm", transform=turn)
