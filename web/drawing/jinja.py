"""Puts the drawings where templates find them: `draw.mug(...)`, `draw.journey(...)` and so on."""

from types import SimpleNamespace
from typing import Any

from jinja2 import Environment

from web.drawing import (
    artwork,
    board,
    cabinet,
    demand,
    glazes,
    journey,
    kiln_curve,
    motifs,
    mug,
    part,
    profiles,
    promise_line,
    risk,
    scenes,
    svg,
    swatch,
    tile,
)
from web.drawing.laying import Tile
from web.drawing.loose import loose


def _mug(*, uid: str = "", title: str = "", shadow: bool = True, class_: str = "mug", **looks: Any) -> Any:
    return mug.mug(mug.Mug(**looks), uid=uid, title=title, shadow=shadow, class_=class_)


def _tile(*, uid: str = "", title: str = "", class_: str = "product", **looks: Any) -> Any:
    return tile.tile_wall(Tile(**looks), uid=uid, title=title, class_=class_)


def _cabinet(*, uid: str = "", title: str = "", class_: str = "product", **looks: Any) -> Any:
    return cabinet.cabinet(cabinet.Cabinet(**looks), uid=uid, title=title, class_=class_)


def _part(*, uid: str = "", title: str = "", class_: str = "product", **looks: Any) -> Any:
    return part.part(part.Part(**looks), uid=uid, title=title, class_=class_)


def _rack(
    stage: str, *, width: float = 236, height: float = 134, title: str = "", uid: str = "", **looks: Any
) -> Any:
    return scenes.rack(mug.Mug(**looks), stage, width=width, height=height, title=title, uid=uid)


def _thumb(name: str, ink: str = mug.DECAL_INK, label: str = "") -> Any:
    return artwork.flat_motif(motifs.motif(name), ink, label)


def namespace() -> SimpleNamespace:
    """Every drawing by its template name."""
    return SimpleNamespace(
        mug=_mug,
        rack=_rack,
        tile=_tile,
        cabinet=_cabinet,
        part=_part,
        thumb=_thumb,
        swatch=swatch.swatch,
        shape=swatch.shape_sign,
        tint=glazes.tint,
        shapes=profiles.SHAPES,
        promise_line=promise_line.promise_line,
        journey=journey.journey,
        kiln_curve=kiln_curve.kiln_curve,
        board=board,
        risk_line=risk.risk_line,
        again=svg.again,
        demand_bars=demand.demand_bars,
        demand_key=demand.key,
    )


def install(env: Environment) -> None:
    """Register the drawings in a template environment as the global `draw`, and the reader `loose`."""
    env.globals.update(draw=namespace(), loose=loose)
