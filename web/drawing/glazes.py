"""Glaze colours as they come out of the kiln: four tones each, since a glaze pools, breaks and shades."""

import colorsys
from dataclasses import dataclass


@dataclass(frozen=True)
class Glaze:
    """base: the wall; deep: where it pools; thin: where it breaks on an edge; dark: its shadow. sRGB hex."""

    base: str
    deep: str
    thin: str
    dark: str
    speckled: bool = False


GLAZES: dict[str, Glaze] = {
    "milk": Glaze("#f1f0ea", "#dcdad0", "#fbfaf6", "#7d7a70"),
    "celadon": Glaze("#a9c3b1", "#7fa392", "#d3e0d2", "#3f5f55"),
    "ash": Glaze("#b9bab4", "#94968f", "#d5d4cb", "#4d4f4b", speckled=True),
    "oat": Glaze("#d9c8ab", "#bda580", "#eadfc9", "#6d5a3c", speckled=True),
    "blush": Glaze("#e3c3b8", "#cfa193", "#f1ddd5", "#7c564b"),
    "cobalt": Glaze("#2b4aa0", "#1a2f73", "#7f9bd6", "#0c1840"),
    "tenmoku": Glaze("#3a2a22", "#1d1512", "#7a4a2b", "#0c0807"),
    "signal": Glaze("#c8372d", "#98221c", "#e06a55", "#4d0e0b"),
}
# clay before glaze; never offered as a colour, drawn on racks
BISQUE = Glaze("#e6d3c4", "#d3b9a6", "#efe2d7", "#83664f", speckled=True)
GREEN = Glaze("#cfc9c0", "#b3aca2", "#e0dcd5", "#6a655d", speckled=True)
BODY = "#d8c6b3"  # the unglazed foot


def glaze(name: str) -> Glaze:
    """A glaze by its name, by `bisque` or `green`, or made from a #rrggbb colour; anything else is milk."""
    key = name.strip().lower()
    if key in GLAZES:
        return GLAZES[key]
    if key in ("bisque", "green"):
        return BISQUE if key == "bisque" else GREEN
    if len(key) == 7 and key[0] == "#" and all(ch in "0123456789abcdef" for ch in key[1:]):
        return _from_colour(key)
    return GLAZES["milk"]


def tint(name: str) -> str:
    """The class that gives a stage the pale tint of this glaze."""
    key = name.strip().lower()
    return f"tint-{key}" if key in GLAZES else "tint-milk"


def luminance(colour: str) -> float:
    """Relative luminance 0..1 of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def shade(colour: str, lightness: float, saturation: float = 1.0) -> str:
    """The same hue, lightness multiplied (below 1) or moved toward white (above 1)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, sat = colorsys.rgb_to_hls(red, green, blue)
    light = light * lightness if lightness <= 1 else light + (1 - light) * (lightness - 1)
    channels = colorsys.hls_to_rgb(hue, min(max(light, 0), 1), min(max(sat * saturation, 0), 1))
    return "#" + "".join(f"{round(c * 255):02x}" for c in channels)


def _from_colour(colour: str) -> Glaze:
    return Glaze(colour, shade(colour, 0.78), shade(colour, 1.45, 0.9), shade(colour, 0.34, 0.8))
