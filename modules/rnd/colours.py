"""Which colours of an upload can be fired: the largest chroma by hue, in CIELAB.

From the screen's numbers (sRGB) to XYZ after IEC 61966-2-1, from XYZ to L*a*b* after ISO/CIE 11664-4, under
D65, the screen's own white. Printing is on white: what shines through is mixed with it.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

Numbers = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
Limits = Sequence[tuple[Decimal, Decimal]]
"""Hue angle in degrees -> largest chroma there; in between on a straight line, round the circle."""
_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], dtype=np.float64
)
_WHITE = _TO_XYZ.sum(axis=1)
_EDGE = 6 / 29
_INKED = 24
_LOOKED_AT = 1000
"""A picture is looked at with at most so many pixels each way."""


@dataclass(frozen=True, slots=True)
class Unfired:
    """The share of the inked area (percent) that cannot be fired; the colour that most of it has, and the
    nearest one that can: of the same hue and lightness.
    """

    percent: Decimal
    wanted: str = ""
    nearest: str = ""


def unfired(image: Image.Image, limits: Limits, tolerance: int, dark: Decimal) -> Unfired | None:
    """What of `image` cannot be fired where `limits` hold. Colours up to `tolerance` percent beyond count as
    fired, since the customer accepts that much, and so do those no lighter than `dark`. None where the
    picture does not say which colours it means.
    """
    shown = as_shown(_sample(image))
    if shown is None:
        return None
    inked = _inked(shown)
    if not len(inked):
        return Unfired(Decimal(0))
    lab = lab_of(inked)
    chroma, hue = np.hypot(lab[:, 1], lab[:, 2]), np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    beyond = (chroma > _largest(hue, limits) * (1 + tolerance / 100)) & (lab[:, 0] > float(dark))
    percent = _percent(float(beyond.mean()))
    if not beyond.any():
        return Unfired(percent)
    wanted = _commonest(inked[beyond])
    return Unfired(percent, _hex(wanted), _hex(nearest(wanted, limits)))


def _percent(share: float) -> Decimal:
    """To a tenth; a whole number without one."""
    tenths = Decimal(f"{100 * share:.1f}")
    return tenths.to_integral_value() if tenths == tenths.to_integral_value() else tenths


def _sample(image: Image.Image) -> Image.Image:
    """Some of its pixels where there are very many; what it says of its colours stays with it."""
    size = (min(image.width, _LOOKED_AT), min(image.height, _LOOKED_AT))
    return image.resize(size, Image.Resampling.NEAREST)


def as_shown(image: Image.Image) -> Image.Image | None:
    """The picture in the screen's colours. One for a press (CMYK) says what they are by its profile alone."""
    profile = image.info.get("icc_profile")
    if not profile:
        return None if image.mode in ("CMYK", "LAB") else image.convert("RGBA")
    try:
        read = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        source = image if image.mode in ("RGB", "CMYK", "L", "LAB") else image.convert("RGB")
        shown = ImageCms.profileToProfile(source, read, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None if image.mode in ("CMYK", "LAB") else image.convert("RGBA")
    assert shown is not None
    whole = shown.convert("RGBA")
    if image.has_transparency_data:
        whole.putalpha(image.convert("RGBA").getchannel("A"))
    return whole


def _inked(image: Image.Image) -> Pixels:
    """The pixels that take ink, on white."""
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    flat = np.asarray(Image.alpha_composite(white, image).convert("RGB")).reshape(-1, 3)
    taken: Pixels = flat[255 - flat.min(axis=1).astype(int) >= _INKED]
    return taken


def lab_of(pixels: npt.ArrayLike) -> Numbers:
    """L*, a*, b* of sRGB pixels (0 to 255), a row each."""
    share = np.asarray(pixels, dtype=np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    part = linear @ _TO_XYZ.T / _WHITE
    bent = np.where(part > _EDGE**3, np.cbrt(part), part / (3 * _EDGE**2) + 4 / 29)
    x, y, z = bent[:, 0], bent[:, 1], bent[:, 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def rgb_of(lab: npt.ArrayLike) -> Pixels:
    """The sRGB pixels nearest to rows of L*, a*, b*; what a screen cannot show is cut off."""
    light, a, b = np.asarray(lab, dtype=np.float64).T
    y = (light + 16) / 116
    bent = np.stack([y + a / 500, y, y - b / 200], axis=1)
    part = np.where(bent > _EDGE, bent**3, 3 * _EDGE**2 * (bent - 4 / 29)) * _WHITE
    linear = np.clip(part @ np.linalg.inv(_TO_XYZ).T, 0, 1)
    share = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    pixels: Pixels = np.rint(share * 255).astype(np.uint8)
    return pixels


def nearest(pixel: Pixels, limits: Limits) -> Pixels:
    """The colour of the same hue and lightness whose chroma can be fired."""
    light, a, b = lab_of(pixel.reshape(1, 3))[0]
    chroma, hue = float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)) % 360)
    kept = min(1.0, float(_largest(np.array([hue]), limits)[0]) / chroma) if chroma else 1.0
    found: Pixels = rgb_of([[light, a * kept, b * kept]])[0]
    return found


def _largest(hue: Numbers, limits: Limits) -> Numbers:
    angles, chromas = zip(*sorted((float(angle), float(chroma)) for angle, chroma in limits), strict=True)
    largest: Numbers = np.interp(hue, angles, chromas, period=360)
    return largest


def _commonest(pixels: Pixels) -> Pixels:
    """The mean of the largest group of pixels that look alike."""
    group = (pixels.astype(int) >> 4) @ np.array([256, 16, 1])
    same = pixels[group == np.bincount(group).argmax()]
    mean: Pixels = np.rint(same.mean(axis=0)).astype(np.uint8)
    return mean


def _hex(pixel: Pixels) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in pixel)
