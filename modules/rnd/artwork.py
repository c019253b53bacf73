"""Checks uploaded artwork at its print size: format, zone, resolution, bleed, line width, colours. Pure;
sizes in millimetres.

A drawing is also looked at as pixels: its edge, its gaps and its colours are measured like a picture's.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from cosmo.i18n import N_
from modules.rnd.colours import unfired
from modules.rnd.drawn import Looks
from modules.rnd.family import RuleText
from modules.rnd.pixels import INCH, gaps_vanish, has_tones, ink_of, lines_vanish, runs_to_the_edge
from modules.rnd.resolve import PrintZone
from modules.rnd.svg import Drawing, UnsafeSvg, read_svg

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff"}
MOST_PIXELS = 120_000_000
_PREVIEW = 900
_ENOUGH_DPI = 600
_TOLD_MM = Decimal("0.5")
"""What is made smaller, or cut off at a side, by less than this is not worth a word."""
_TOLD_PERCENT = 1
_LEAST_MM = Decimal(1)
_MOST_DPI = 10_000
"""What a file states beyond this is a mistake and says nothing of its size."""
Rules = Mapping[str, RuleText]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `msgid` is filled with `values`; an `ok` of None means it could not be measured. A `notice`
    hinders nothing, but the print differs from the file in it: whoever uploaded it is told.
    """

    rule: str
    ok: bool | None
    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)
    notice: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Print size and findings; `preview` is a picture of it that is safe to show. Not `lasting`: something
    could not be measured now that may be another time.
    """

    width_mm: Decimal
    height_mm: Decimal
    findings: tuple[Finding, ...]
    preview: bytes
    preview_type: str
    lasting: bool = True

    @property
    def ok(self) -> bool:
        return all(finding.ok is not False for finding in self.findings)


class Unreadable(ValueError):
    """The upload is no artwork at all; the argument is a msgid."""


def check(content: bytes, zone: PrintZone, rules: Rules) -> Report:
    """Check one upload for one print zone; `rules` are the family's artwork checks by kind.

    Raises `Unreadable` for what is neither a picture nor a drawing.
    """
    if content.lstrip()[:1] == b"<":
        return _check_drawing(content, zone, rules)
    return _check_picture(content, zone, rules)


def _check_drawing(content: bytes, zone: PrintZone, rules: Rules) -> Report:
    try:
        drawing = read_svg(content)
    except UnsafeSvg as error:
        raise Unreadable(error.detail) from None
    looks = Looks(drawing)
    seen = looks.small()
    full = seen is not None and runs_to_the_edge(seen)
    width, height, findings = _print_size(drawing.ratio, zone, full, drawing.width_mm, rules)
    if seen is None and "bleed" in rules:
        findings.append(Finding(rules["bleed"].id, None, N_("Too many layers or parts to look at its edge.")))
    if "dpi" in rules:
        findings.append(Finding(rules["dpi"].id, True, N_("A drawing prints sharp at any size.")))
    limits = rules.get(zone.lines)
    if limits:
        findings += _lines_of(drawing, looks, limits, width)
    findings += _colours(seen, zone, rules)
    size, preview = (_tenth(width), _tenth(height)), drawing.text.encode()
    return Report(*size, tuple(findings), preview, "image/svg+xml", lasting=not looks.missed)


def _check_picture(content: bytes, zone: PrintZone, rules: Rules) -> Report:
    image, stated = _opened(content)
    own = Decimal(image.width) / stated * INCH if stated else None
    ratio = Decimal(image.width) / Decimal(image.height)
    width, height, findings = _print_size(ratio, zone, runs_to_the_edge(image), own, rules)
    dpi = int(min(image.width / (width / INCH), image.height / (height / INCH)))
    if "dpi" in rules:
        findings.append(_resolution(rules["dpi"], dpi, width, height))
    limits = rules.get(zone.lines)
    if limits:
        findings.append(_line_width(image, limits, dpi))
    findings += _colours(image, zone, rules)
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
    stated = Decimal(str(round(float(dpi[0]), 2))) if dpi and 1 < float(dpi[0]) <= _MOST_DPI else None
    return ImageOps.exif_transpose(image), stated


def _print_size(
    ratio: Decimal, zone: PrintZone, full: bool, own: Decimal | None, rules: Rules
) -> tuple[Decimal, Decimal, list[Finding]]:
    """`_fitted`, of artwork that can be seen. Raises `Unreadable`."""
    width, height, told = _fitted(ratio, zone, full, own, rules)
    if min(width, height) < _LEAST_MM:
        raise Unreadable(
            N_("In print this artwork is less than 1 mm wide or high. Save it in the size that is meant.")
        )
    return width, height, told


def _fitted(
    ratio: Decimal, zone: PrintZone, full: bool, own: Decimal | None, rules: Rules
) -> tuple[Decimal, Decimal, list[Finding]]:
    """Width and height in print, and what is told of it. A motif is fitted into the zone; a full picture
    covers it and its bleed. `own` is the width that the file states.
    """
    bleed = rules["bleed"].limit if "bleed" in rules else Decimal(0)
    fitted = min(zone.width_mm, zone.height_mm * ratio)
    if not full:
        width = min(fitted, own or fitted)
        return width, width / ratio, _zone(zone, bleed, ratio, own, width)
    meant = (
        own is not None
        and own >= zone.width_mm * Decimal("0.97")
        and own / ratio >= zone.height_mm * Decimal("0.97")
    )
    if own is None:
        width = max(zone.width_mm + 2 * bleed, (zone.height_mm + 2 * bleed) * ratio)
    else:
        width = own if meant and bleed else min(own, fitted)
    told = [_bleed(rules, zone, ratio, own, meant)] if bleed else []
    return width, width / ratio, [*told, *_zone(zone, bleed, ratio, own, width)]


def _zone(
    zone: PrintZone, bleed: Decimal, ratio: Decimal, own: Decimal | None, width: Decimal
) -> list[Finding]:
    """What the print zone makes of the artwork: made smaller, or cut off where it stands out."""
    values = {
        "width": _tenth(width),
        "height": _tenth(width / ratio),
        "zone_width": _tenth(zone.width_mm),
        "zone_height": _tenth(zone.height_mm),
    }
    if own is not None and own - width > _TOLD_MM:
        was = {"own_width": _tenth(own), "own_height": _tenth(own / ratio)}
        said = N_(
            "Made smaller to fit the print zone: {own_width} × {own_height} mm as drawn, "
            "{width} × {height} mm in print."
        )
        return [Finding("zone", True, said, {**values, **was}, notice=True)]
    over = max(width - zone.width_mm, width / ratio - zone.height_mm) - 2 * bleed
    if over <= 2 * _TOLD_MM:
        return []
    said = N_(
        "{width} × {height} mm, larger than the print zone of {zone_width} × {zone_height} mm: "
        "what stands out is cut off."
    )
    return [Finding("zone", True, said, values, notice=True)]


def _bleed(rules: Rules, zone: PrintZone, ratio: Decimal, own: Decimal | None, meant: bool) -> Finding:
    bleed = rules["bleed"].limit
    said, ok = N_("Runs to the edge; printed with {bleed} mm bleed."), True
    if own is not None and not meant:
        said = N_("Stays inside the print zone.")
    elif own is not None and not _covers(own, own / ratio, zone, bleed):
        said = N_("Runs to the edge of the print zone without {bleed} mm of bleed on every side.")
        ok = False
    return Finding(rules["bleed"].id, ok, said, {"bleed": bleed})


def _covers(width: Decimal, height: Decimal, zone: PrintZone, bleed: Decimal) -> bool:
    """To a hundredth of a millimetre: files round what they state."""
    wide, tall = (side.quantize(Decimal("0.01")) for side in (width, height))
    return wide >= zone.width_mm + 2 * bleed and tall >= zone.height_mm + 2 * bleed


def _resolution(rule: RuleText, dpi: int, width: Decimal, height: Decimal) -> Finding:
    """A picture that is too coarse learns how many pixels it takes."""
    limit = int(rule.limit)
    values = {"dpi": dpi, "limit": limit, "width": _tenth(width), "height": _tenth(height)}
    if dpi >= limit:
        return Finding(rule.id, True, N_("{dpi} dpi at {width} × {height} mm; we need {limit}."), values)
    across, down = (int((side / INCH * limit).to_integral_value(ROUND_CEILING)) for side in (width, height))
    said = N_("{dpi} dpi at {width} × {height} mm; we need {limit}, that is {across} × {down} pixels.")
    return Finding(rule.id, False, said, {**values, "across": across, "down": down})


def _line_width(image: Image.Image, limits: RuleText, dpi: int) -> Finding:
    """Wipe out everything thinner than allowed and see how much of the drawing is gone."""
    ink = ink_of(image)
    if has_tones(ink):
        return Finding(limits.id, None, N_("A picture with tones; line width is not measured."))
    if dpi > _ENOUGH_DPI:
        ink, dpi = ImageOps.scale(ink, _ENOUGH_DPI / dpi), _ENOUGH_DPI
    mask = np.asarray(ink) >= 128
    if lines_vanish(mask, limits.positive, dpi) or gaps_vanish(mask, limits.negative, dpi):
        return _lines(limits, False)
    return _lines(limits, True)


def _lines_of(drawing: Drawing, looks: Looks, limits: RuleText, width: Decimal) -> list[Finding]:
    """A drawing's strokes by the widths it states; filled shapes and gaps by looking at it in print size."""
    strokes = drawing.thinnest is not None
    if drawing.thinnest is not None:
        thin = (drawing.thinnest * width).quantize(Decimal("0.01"))
        if thin < limits.positive:
            return [_lines(limits, False)]
    looked = looks.fine(width, limits.negative)
    if looked is None:
        said = (
            N_("Lines are {positive} mm or more; gaps are not measured.")
            if strokes
            else N_("Line width and gaps are not measured.")
        )
        return [Finding(limits.id, None, said, {"positive": limits.positive})]
    mask, dpi = looked
    if bool(mask.all()) and not strokes:
        return []
    thin_parts = lines_vanish(mask, limits.positive, dpi, exact=True)
    return [_lines(limits, not thin_parts and not gaps_vanish(mask, limits.negative, dpi, exact=True))]


def _colours(image: Image.Image | None, zone: PrintZone, rules: Rules) -> list[Finding]:
    """Which share of the printed area has colours that cannot be fired, and what comes near the commonest."""
    if "gamut" not in rules or not zone.gamut:
        return []
    rule = rules["gamut"]
    found = unfired(image, zone.gamut, zone.deviation, zone.dark) if image else None
    if found is None:
        return [Finding(rule.id, None, N_("Whether its colours can be fired is not measured."))]
    values = {"percent": found.percent, "limit": rule.limit, "wanted": found.wanted, "nearest": found.nearest}
    if found.percent < _TOLD_PERCENT:
        return [Finding(rule.id, True, N_("Its colours can be fired."))]
    if found.percent <= rule.limit:
        said = N_(
            "{percent} percent of the printed area has colours that cannot be fired: {wanted} becomes about "
            "{nearest}."
        )
        return [Finding(rule.id, True, said, values, notice=True)]
    said = N_(
        "{percent} percent of the printed area has colours that cannot be fired, such as {wanted}; at most "
        "{limit} percent may. Take duller colours, here {nearest}, and upload it again."
    )
    return [Finding(rule.id, False, said, values)]


def _lines(limits: RuleText, ok: bool) -> Finding:
    values = {"positive": limits.positive, "negative": limits.negative}
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
