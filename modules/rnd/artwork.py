"""Checks uploaded artwork at its print size: format, resolution, bleed, line width. Pure; sizes in
millimetres.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from cosmo.i18n import N_
from modules.rnd.family import RuleText
from modules.rnd.resolve import PrintZone
from modules.rnd.svg import Drawing, UnsafeSvg, read_svg

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff"}
Mask = npt.NDArray[np.bool_]
MOST_PIXELS = 120_000_000
_PREVIEW = 900
_INCH = Decimal("25.4")
_ENOUGH_DPI = 600
_TONES = 0.06
"""A picture with more in-between tones than this is a photograph, whose lines cannot be measured."""
_LOST = 0.02
"""Share of a line drawing that may vanish when thinner lines are wiped out, before we call them too thin."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `msgid` is filled with `values`; an `ok` of None means it could not be measured."""

    rule: str
    ok: bool | None
    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Print size and findings; `preview` is a picture of it that is safe to show."""

    width_mm: Decimal
    height_mm: Decimal
    findings: tuple[Finding, ...]
    preview: bytes
    preview_type: str

    @property
    def ok(self) -> bool:
        return all(finding.ok is not False for finding in self.findings)


class Unreadable(ValueError):
    """The upload is no artwork at all; the argument is a msgid."""


def check(content: bytes, zone: PrintZone, rules: Mapping[str, RuleText]) -> Report:
    """Check one upload for one print zone; `rules` are the family's artwork checks by kind.

    Raises `Unreadable` for what is neither a picture nor a drawing.
    """
    if content.lstrip()[:1] == b"<":
        return _check_drawing(content, zone, rules)
    return _check_picture(content, zone, rules)


def _check_drawing(content: bytes, zone: PrintZone, rules: Mapping[str, RuleText]) -> Report:
    try:
        drawing = read_svg(content)
    except UnsafeSvg as error:
        raise Unreadable(error.detail) from None
    width, height = _drawing_size(drawing, zone)
    findings = []
    limits = rules.get(zone.lines)
    if limits and drawing.thinnest is not None:
        thin = (drawing.thinnest * width).quantize(Decimal("0.01"))
        findings.append(_lines(limits, thin >= limits.positive, thin))
    if "dpi" in rules:
        findings.append(Finding(rules["dpi"].id, True, N_("A drawing prints sharp at any size.")))
    return Report(_tenth(width), _tenth(height), tuple(findings), drawing.text.encode(), "image/svg+xml")


def _drawing_size(drawing: Drawing, zone: PrintZone) -> tuple[Decimal, Decimal]:
    """Its own size where the file names one that fits the zone, else as large as fits."""
    if (
        drawing.width_mm
        and drawing.width_mm <= zone.width_mm
        and drawing.width_mm / drawing.ratio <= zone.height_mm
    ):
        return drawing.width_mm, drawing.width_mm / drawing.ratio
    width = min(zone.width_mm, zone.height_mm * drawing.ratio)
    return width, width / drawing.ratio


def _check_picture(content: bytes, zone: PrintZone, rules: Mapping[str, RuleText]) -> Report:
    image, stated = _opened(content)
    full = _runs_to_the_edge(image)
    bleed = rules["bleed"].limit if "bleed" in rules else Decimal(0)
    width, height, findings = _print_size(image, zone, full, stated, bleed, rules)
    dpi = int(min(image.width / (width / _INCH), image.height / (height / _INCH)))
    if "dpi" in rules:
        findings.append(_resolution(rules["dpi"], dpi, width, height))
    limits = rules.get(zone.lines)
    if limits:
        findings.append(_line_width(image, limits, dpi))
    preview = _preview(image)
    return Report(_tenth(width), _tenth(height), tuple(findings), preview, "image/png")


def _opened(content: bytes) -> tuple[Image.Image, Decimal | None]:
    """The picture upright, and the dots per inch its file states."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=tuple(FORMATS))
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable(N_("This picture is too large. Make it smaller and upload it again."))
            dpi = image.info.get("dpi")
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(N_("This file is not a PNG, JPEG, TIFF or SVG picture we can read.")) from None
    stated = Decimal(str(round(float(dpi[0]), 2))) if dpi and float(dpi[0]) > 1 else None
    return ImageOps.exif_transpose(image), stated


def _ink(image: Image.Image) -> Image.Image:
    """How much ink each pixel takes, 0 to 255; nothing where it is transparent or white."""
    rgba = image.convert("RGBA")
    dark = ImageOps.invert(rgba.convert("L"))
    return ImageChops.multiply(dark, rgba.getchannel("A"))


def _runs_to_the_edge(image: Image.Image) -> bool:
    """Whether at least a third of the outermost pixels take ink."""
    ink = _ink(image)
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


def _print_size(
    image: Image.Image,
    zone: PrintZone,
    full: bool,
    stated: Decimal | None,
    bleed: Decimal,
    rules: Mapping[str, RuleText],
) -> tuple[Decimal, Decimal, list[Finding]]:
    """Width and height in print. A motif is fitted into the zone; a full picture covers it and its bleed."""
    ratio = Decimal(image.width) / Decimal(image.height)
    own = Decimal(image.width) / stated * _INCH if stated else None
    if not full:
        width = min(zone.width_mm, zone.height_mm * ratio, own or zone.width_mm)
        return width, width / ratio, []
    covers = max(zone.width_mm + 2 * bleed, (zone.height_mm + 2 * bleed) * ratio)
    meant = (
        own is not None
        and own >= zone.width_mm * Decimal("0.97")
        and own / ratio >= zone.height_mm * Decimal("0.97")
    )
    if own is None or not meant or not bleed:
        width = covers if own is None else min(own, zone.width_mm, zone.height_mm * ratio)
        said = (
            N_("Runs to the edge; printed with {bleed} mm bleed.")
            if own is None
            else N_("Stays inside the print zone.")
        )
        return width, width / ratio, [_bleed(rules, True, said, bleed)] if bleed else []
    enough = own >= zone.width_mm + 2 * bleed and own / ratio >= zone.height_mm + 2 * bleed
    said = (
        N_("Runs to the edge; printed with {bleed} mm bleed.")
        if enough
        else N_("Runs to the edge of the print zone without {bleed} mm of bleed on every side.")
    )
    return own, own / ratio, [_bleed(rules, enough, said, bleed)]


def _resolution(rule: RuleText, dpi: int, width: Decimal, height: Decimal) -> Finding:
    """A picture that is too coarse learns how many pixels it takes."""
    limit = int(rule.limit)
    values = {"dpi": dpi, "limit": limit, "width": _tenth(width), "height": _tenth(height)}
    if dpi >= limit:
        return Finding(rule.id, True, N_("{dpi} dpi at {width} × {height} mm; we need {limit}."), values)
    across, down = (int((side / _INCH * limit).to_integral_value(ROUND_CEILING)) for side in (width, height))
    said = N_("{dpi} dpi at {width} × {height} mm; we need {limit}, that is {across} × {down} pixels.")
    return Finding(rule.id, False, said, {**values, "across": across, "down": down})


def _bleed(rules: Mapping[str, RuleText], ok: bool, said: str, bleed: Decimal) -> Finding:
    return Finding(rules["bleed"].id, ok, said, {"bleed": bleed})


def _line_width(image: Image.Image, limits: RuleText, dpi: int) -> Finding:
    """Wipe out everything thinner than allowed and see how much of the drawing is gone."""
    ink = _ink(image)
    histogram = ink.histogram()
    if sum(histogram[64:192]) > sum(histogram) * _TONES:
        return Finding(limits.id, None, N_("A picture with tones; line width is not measured."))
    if dpi > _ENOUGH_DPI:
        ink, dpi = ImageOps.scale(ink, _ENOUGH_DPI / dpi), _ENOUGH_DPI
    drawn = np.asarray(ink) >= 128
    for mask, least in ((drawn, limits.positive), (~drawn, limits.negative)):
        if _vanishes(mask, least, dpi):
            return _lines(limits, False, least)
    return _lines(limits, True, limits.positive)


def _vanishes(mask: Mask, least_mm: Decimal, dpi: int) -> bool:
    """Whether lines thinner than `least_mm` make up a visible share of `mask`."""
    pixels = int((Decimal(dpi) * least_mm / _INCH).to_integral_value(ROUND_CEILING))
    opened = mask
    for step in range((pixels - 1) // 2):
        opened = ~_grown(~opened, step)
    for step in range((pixels - 1) // 2):
        opened = _grown(opened, step)
    before = int(mask.sum())
    return before > 0 and int((mask & ~opened).sum()) > before * _LOST


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


def _lines(limits: RuleText, ok: bool, thin: Decimal) -> Finding:
    values = {"thin": thin, "positive": limits.positive, "negative": limits.negative}
    if ok:
        return Finding(limits.id, True, N_("Lines are {positive} mm or more, gaps {negative} mm."), values)
    return Finding(
        limits.id,
        False,
        N_("Some lines are thinner than {positive} mm, or gaps narrower than {negative} mm."),
        values,
    )


def _preview(image: Image.Image) -> bytes:
    small = image.convert("RGBA")
    small.thumbnail((_PREVIEW, _PREVIEW))
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"))
