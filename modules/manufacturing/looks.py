"""How an ordered product is drawn on the floor, from the choices its family shares with the drawings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from cosmo.asking import all_families
from cosmo.orders import Order
from web.drawing import glazes
from web.drawing.cabinet import Cabinet, cabinet
from web.drawing.laying import Tile
from web.drawing.mug import Mug, mug
from web.drawing.part import Part, part
from web.drawing.profiles import SHAPES
from web.drawing.tile import tile_wall

_HANDLES = {"c": "C", "d": "D"}


@dataclass(frozen=True, slots=True)
class Look:
    """`glaze` names the colour an operator looks for, where the product has one."""

    drawing: str
    chosen: Mapping[str, Any]

    @property
    def glaze(self) -> str:
        name = str(self.chosen.get("outer_glaze") or self.chosen.get("colour") or "")
        return name if name in glazes.GLAZES else ""

    @property
    def tint(self) -> str:
        return f"tint-{self.glaze}" if self.glaze else ""

    def draw(self, uid: str, title: str) -> Markup:
        """The product; a plain parcel where its family has no drawing."""
        match self.drawing:
            case "mug":
                return mug(_mug(self.chosen, self.glaze), uid=uid, title=title)
            case "tile":
                return tile_wall(Tile(colour=self.glaze or "chalk"), uid=uid, title=title)
            case "part":
                return part(Part(colour=str(self.chosen.get("colour") or "natural")), uid=uid, title=title)
        return cabinet(Cabinet(colour=str(self.chosen.get("colour") or "oak")), uid=uid, title=title)


def _mug(chosen: Mapping[str, Any], glaze: str) -> Mug:
    shape = str(chosen.get("shape") or "soft")
    inner = str(chosen.get("inner_glaze") or "milk")
    return Mug(
        shape=shape if shape in SHAPES else "soft",
        handle=_HANDLES.get(str(chosen.get("handle") or "c"), "none"),
        outer=glaze or "celadon",
        inner=inner if inner in glazes.GLAZES else "milk",
        finish=str(chosen.get("finish") or "gloss"),
    )


def looks(session: Session) -> dict[str, str]:
    """Family -> its drawing."""
    return {card.slug: card.drawing for card in all_families(session)}


def look_of(order: Order, drawings: Mapping[str, str]) -> Look:
    return Look(drawings.get(order.family, "plain"), order.selections)
