"""Measures an uploaded STL part: its size, volume, and thinnest wall. Pure; millimetres and cubic
centimetres.
"""

import struct
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from cosmo.i18n import N_

Triangles = npt.NDArray[np.float64]
"""Shape (n, 3, 3): triangle, corner, coordinate."""
Points = npt.NDArray[np.float64]
MOST_TRIANGLES = 200_000
_RAYS, _FEW_RAYS = 400, 24
_WORK = 3_000_000
"""Rays times triangles, which bounds the time to about half a second."""
_HEADER, _RECORD = 84, 50


class UnreadableMesh(ValueError):
    """The file is no usable STL; the argument is a msgid."""


@dataclass(frozen=True, slots=True)
class Measured:
    """`longest`, `middle`, `shortest`: sides of the box around it, in mm; `box` litres; `volume` cm3;
    `wall` mm.
    """

    longest: Decimal
    middle: Decimal
    shortest: Decimal
    volume: Decimal
    box: Decimal
    wall: Decimal

    def facts(self, option: str) -> dict[str, Decimal]:
        return {f"{option}.{name}": getattr(self, name) for name in self.__dataclass_fields__}


def measure(content: bytes) -> Measured:
    """Measure an STL file, binary or text. Raises `UnreadableMesh`."""
    triangles = _read(content)
    sides = sorted((float(s) for s in np.ptp(triangles.reshape(-1, 3), axis=0)), reverse=True)
    volume = (
        abs(float(np.einsum("ij,ij->i", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])).sum()))
        / 6
    )
    if sides[2] <= 0 or volume <= 0:
        raise UnreadableMesh(N_("This part is flat or not closed. Repair it and upload it again."))
    longest, middle, shortest = (_decimal(side, "0.1") for side in sides)
    return Measured(
        longest,
        middle,
        shortest,
        volume=_decimal(volume / 1000, "0.001"),
        box=_decimal(sides[0] * sides[1] * sides[2] / 1_000_000, "0.001"),
        wall=_decimal(_thinnest(triangles), "0.01"),
    )


def _decimal(value: float, step: str) -> Decimal:
    """Rounded to `step`, and never to nothing."""
    return max(Decimal(repr(value)).quantize(Decimal(step)), Decimal(step))


def _read(content: bytes) -> Triangles:
    triangles = _binary(content)
    if triangles is None:
        triangles = _text(content)
    if not np.isfinite(triangles).all():
        raise UnreadableMesh(N_("This STL file has impossible coordinates. Export it again."))
    return triangles


def _binary(content: bytes) -> Triangles | None:
    if len(content) < _HEADER:
        return None
    (count,) = struct.unpack_from("<I", content, _HEADER - 4)
    if len(content) != _HEADER + count * _RECORD or count == 0:
        return None
    _refuse_if_huge(count)
    kind = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")])
    return np.frombuffer(content, kind, count, _HEADER)["corners"].astype(np.float64)


def _text(content: bytes) -> Triangles:
    words = content.split()
    places = [i for i, word in enumerate(words) if word == b"vertex"]
    if content[:5].lower() != b"solid" or not places or len(places) % 3:
        raise UnreadableMesh(N_("This is not an STL file we can read. Export it again as STL."))
    _refuse_if_huge(len(places) // 3)
    try:
        numbers = [[float(word) for word in words[i + 1 : i + 4]] for i in places]
        return np.array(numbers, dtype=np.float64).reshape(-1, 3, 3)
    except ValueError:
        raise UnreadableMesh(N_("This is not an STL file we can read. Export it again as STL.")) from None


def _refuse_if_huge(count: int) -> None:
    if count > MOST_TRIANGLES:
        raise UnreadableMesh(N_("This part has too many triangles. Export it a little coarser."))


def _thinnest(triangles: Triangles) -> float:
    """The least wall found by looking inward from a spread of faces to the far side.

    Rays start at the middle of faces, larger faces first; a part that hides a thin wall in tiny faces can
    escape, so the engineer still looks at the part.
    """
    edges = triangles[:, 1:] - triangles[:, :1]
    normals = np.cross(edges[:, 0], edges[:, 1])
    doubled = np.linalg.norm(normals, axis=1)
    rays = max(_FEW_RAYS, min(_RAYS, _WORK // len(triangles)))
    usable = np.argsort(doubled)[::-1][:rays]
    usable = usable[doubled[usable] > 1e-12]
    inward = -normals[usable] / doubled[usable, None] * _outward(triangles)
    middles = triangles[usable].mean(axis=1)
    found = [_distance(m, d, triangles, edges) for m, d in zip(middles, inward, strict=True)]
    walls = [wall for wall in found if wall is not None]
    return min(walls) if walls else float(np.ptp(triangles.reshape(-1, 3), axis=0).min())


def _outward(triangles: Triangles) -> float:
    """1 where the faces' order says outward, -1 where the file is inside out."""
    signed = np.einsum("ij,ij->i", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])).sum()
    return 1.0 if signed >= 0 else -1.0


def _distance(start: Points, direction: Points, triangles: Triangles, edges: Triangles) -> float | None:
    """From `start` along `direction` to the next face (Möller and Trumbore), None if there is none."""
    across = np.cross(direction, edges[:, 1])
    det = np.einsum("ij,ij->i", edges[:, 0], across)
    steep = np.abs(det) > 1e-12
    inverse = np.where(steep, 1 / np.where(steep, det, 1), 0)
    offset = start - triangles[:, 0]
    u = np.einsum("ij,ij->i", offset, across) * inverse
    turned = np.cross(offset, edges[:, 0])
    v = turned @ direction * inverse
    t = np.einsum("ij,ij->i", turned, edges[:, 1]) * inverse
    hit = steep & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (t > 1e-4)
    return float(t[hit].min()) if hit.any() else None


def without_header(content: bytes) -> bytes:
    """The same triangles as a binary STL file that says nothing else: programs write names into headers."""
    triangles = _read(content)
    records = np.zeros(
        len(triangles), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")])
    )
    records["corners"] = triangles
    return bytes(_HEADER - 4) + struct.pack("<I", len(triangles)) + records.tobytes()
