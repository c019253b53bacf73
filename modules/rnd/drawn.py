"""A drawing as pixels, so that its edge, its gaps and its colours are looked at like a picture's."""

import io
from decimal import Decimal

import numpy as np
from PIL import Image

from modules.rnd.pixels import INCH, Mask, colour_of, has_tones
from modules.rnd.svg import Drawing
from web.drawing.apart import CannotDraw, NotNow, png_apart

FINE_DPI = 1016
"""Forty pixels a millimetre: a line of 0.2 mm is eight of them, which tells it from one of 0.17."""
_SIGHT = 700
_MOST_PIXELS = 24_000_000
_INKED = 24
"""Of 255: edges are crisp, so that even a pale colour is a shape and no soft edge of one."""
_FEWEST = 4
"""So many pixels are needed across a gap to tell its width."""


class Looks:
    """A drawing as it is seen. `missed`: it could not be drawn now, and may be another time."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.missed = False

    def small(self) -> Image.Image | None:
        """For its edge and its colours; None where it cannot be drawn."""
        return self._pixels(min(_SIGHT, int(_SIGHT * self._drawing.ratio)))

    def fine(self, width_mm: Decimal, finest_mm: Decimal) -> tuple[Mask, int] | None:
        """Where ink is at print size, and at how many dpi; None where gaps of `finest_mm` cannot be told: the
        print is too large, the drawing shaded, too involved, or nothing is seen of it.
        """
        area = width_mm * width_mm / self._drawing.ratio / INCH / INCH
        dpi = min(FINE_DPI, int((Decimal(_MOST_PIXELS) / area).sqrt()))
        if Decimal(dpi) * finest_mm / INCH < _FEWEST:
            return None
        image = self._pixels(int(width_mm / INCH * dpi))
        if image is None:
            return None
        ink = colour_of(image)
        mask = np.asarray(ink) >= _INKED
        return None if (self._drawing.shaded and has_tones(ink)) or not mask.any() else (mask, dpi)

    def _pixels(self, width: int) -> Image.Image | None:
        """No soft edges: every pixel has a colour that is printed."""
        try:
            made = png_apart(self._drawing.text, max(1, width), crisp=True)
        except CannotDraw as error:
            self.missed = self.missed or isinstance(error, NotNow)
            return None
        return Image.open(io.BytesIO(made)).convert("RGBA")
