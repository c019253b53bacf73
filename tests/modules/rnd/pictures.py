"""Small files to upload: pictures, drawings, parts."""

import io
import struct
from itertools import product

from PIL import Image, ImageDraw

Corner = tuple[float, float, float]
Face = tuple[Corner, Corner, Corner]
LINES = b"""<svg xmlns="http://www.w3.org/2000/svg" width="60mm" height="60mm" viewBox="0 0 600 600">
<path d="M10 10L590 590" fill="none" stroke="#22377f" stroke-width="%s"/>
<circle cx="300" cy="300" r="200"/></svg>"""


def drawing(stroke: str = "4") -> bytes:
    """A drawing of 60 mm; `stroke` is in tenths of a millimetre."""
    return LINES % stroke.encode()


def png(width: int, height: int, *, line: int = 0, ink: bool = False, dpi: float | None = None) -> bytes:
    """A transparent picture with lines of `line` pixels, or one full of ink."""
    image = Image.new("RGBA", (width, height), (20, 30, 90, 255) if ink else (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for y in range(40, height - 40, 60):
        if line:
            pen.rectangle((40, y, width - 40, y + line - 1), fill=(20, 30, 90, 255))
    return saved(image, dpi)


def saved(image: Image.Image, dpi: float | None = None) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", **({"dpi": (dpi, dpi)} if dpi else {}))
    return out.getvalue()


def box(x: float, y: float, z: float, at: float = 0.0, *, inward: bool = False) -> list[Face]:
    """The twelve triangles of a box with one corner at (at, at, at)."""
    p = [(a * x + at, b * y + at, c * z + at) for a, b, c in product((0, 1), repeat=3)]
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces: list[Face] = []
    for a, b, c, d in sides:
        faces += [(p[a], p[b], p[c]), (p[a], p[c], p[d])]
    return [(c, b, a) for a, b, c in faces] if inward else faces


def stl(faces: list[Face]) -> bytes:
    records = b"".join(
        struct.pack("<12fH", 0, 0, 0, *(number for corner in face for number in corner), 0) for face in faces
    )
    return b"\0" * 80 + struct.pack("<I", len(faces)) + records


def shell(x: float, y: float, z: float, wall: float) -> bytes:
    """A closed hollow box."""
    return stl(box(x, y, z) + box(x - 2 * wall, y - 2 * wall, z - 2 * wall, wall, inward=True))
