"""Files that simulated customers send: a solid block as STL, a leaf as SVG."""

import struct
from itertools import product

LEAF = b"""<svg xmlns="http://www.w3.org/2000/svg" width="50mm" height="40mm" viewBox="0 0 500 400">
<path d="M40 360C60 140 240 40 460 40C450 250 330 350 110 330" fill="none" stroke="#22377f" stroke-width="6"/>
<path d="M40 360C160 260 260 180 360 120" fill="none" stroke="#22377f" stroke-width="6"/></svg>"""
"""A line drawing of 50 by 40 mm."""
_SIDES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def block(x: float, y: float, z: float) -> bytes:
    """A solid block of `x` by `y` by `z` mm as a binary STL."""
    corners = [(a * x, b * y, c * z) for a, b, c in product((0, 1), repeat=3)]
    faces = [face for a, b, c, d in _SIDES for face in ((a, b, c), (a, c, d))]
    records = (
        struct.pack("<12fH", 0, 0, 0, *(number for corner in face for number in corners[corner]), 0)
        for face in faces
    )
    return b"\0" * 80 + struct.pack("<I", len(faces)) + b"".join(records)
