"""What is printed, as pixels: where ink is, whether it runs to the edge, how thin lines and gaps are."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageOps

Mask = npt.NDArray[np.bool_]
INCH = Decimal("25.4")
_TONES = 0.06
"""A picture with more in-between tones than this is a photograph, whose lines cannot be measured."""
_LOST = 0.02
"""Share of a line drawing that may vanish when thinner lines are wiped out, before we call them too thin; of
gaps the share of what lies close to ink."""


def ink_of(image: Image.Image) -> Image.Image:
    """How much ink each pixel takes, 0 to 255; nothing where it is transparent or white."""
    rgba = image.convert("RGBA")
    dark = ImageOps.invert(rgba.convert("L"))
    return ImageChops.multiply(dark, rgba.getchannel("A"))


def colour_of(image: Image.Image) -> Image.Image:
    """The same by the strongest colour, so that a bright yellow is ink, too."""
    rgba = image.convert("RGBA")
    red, green, blue, alpha = rgba.split()
    strong = ImageOps.invert(ImageChops.darker(ImageChops.darker(red, green), blue))
    return ImageChops.multiply(strong, alpha)


def has_tones(ink: Image.Image) -> bool:
    histogram = ink.histogram()
    return sum(histogram[64:192]) > sum(histogram) * _TONES


def runs_to_the_edge(image: Image.Image) -> bool:
    """Whether at least a third of the outermost pixels take ink."""
    ink = ink_of(image)
    width, height = ink.size
    sides = [
        (0, 0, width, 1),
        (0, height - 1, width, height),
        (0, 0, 1, height),
        (width - 1, 0, width, height),
    ]
    inked = total = 0
    for side in sides:
        histogram = ink.crop(side).histogram()
        inked, total = inked + sum(histogram[24:]), total + sum(histogram)
    return inked * 3 >= total


def lines_vanish(drawn: Mask, least_mm: Decimal, dpi: int, *, exact: bool = False) -> bool:
    """Whether lines thinner than `least_mm` make up a visible share of the ink. `exact`: the pixels are a
    drawing's own, so that one more or less is rounding and not a thinner line.
    """
    return _share_lost(drawn, drawn, least_mm, dpi, exact) > _LOST


def gaps_vanish(drawn: Mask, least_mm: Decimal, dpi: int, *, exact: bool = False) -> bool:
    """Whether gaps narrower than `least_mm` make up a visible share of what lies close to ink."""
    close = drawn
    for step in range(_pixels(least_mm, dpi, exact=False)):
        close = _grown(close, step)
    return _share_lost(~drawn, close & ~drawn, least_mm, dpi, exact) > _LOST


def _share_lost(mask: Mask, among: Mask, least_mm: Decimal, dpi: int, exact: bool) -> float:
    """The share of `among` that goes when everything in `mask` thinner than `least_mm` is wiped out."""
    opened, steps = mask, (_pixels(least_mm, dpi, exact=exact) - 1) // 2
    for step in range(steps):
        opened = ~_grown(~opened, step)
    for step in range(steps):
        opened = _grown(opened, step)
    before = int(among.sum())
    return int((among & mask & ~opened).sum()) / before if before else 0.0


def _pixels(least_mm: Decimal, dpi: int, *, exact: bool) -> int:
    rounding = ROUND_FLOOR if exact else ROUND_CEILING
    return int((Decimal(dpi) * least_mm / INCH).to_integral_value(rounding))


def _grown(mask: Mask, step: int) -> Mask:
    """One pixel larger all round; crosses and squares in turn come near a circle."""
    padded = np.pad(mask, 1, mode="edge")
    height, width = mask.shape
    reach = (
        [(0, 1), (1, 0), (1, 2), (2, 1)] if step % 2 == 0 else [(y, x) for y in range(3) for x in range(3)]
    )
    grown = mask.copy()
    for y, x in reach:
        grown |= padded[y : y + height, x : x + width]
    return grown
