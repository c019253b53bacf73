"""How the drawings look: the colours of the house in light and dark, classes, patterns and signs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LIGHT = {
    "ground": "#f2f4f3", "surface": "#ffffff", "sunken": "#e9edeb", "ink": "#11171a", "ink-2": "#455056",
    "ink-3": "#5a656b", "line": "#dde3e0", "line-2": "#c5cecb", "control": "#7d8985", "cobalt": "#1f3fc2",
    "wash": "#e8ecfb", "on-cobalt": "#ffffff", "now": "#e8531f", "kept-t": "#1d614a", "thin": "#c57f00",
    "late": "#b3213a", "late-t": "#9c1830", "late-w": "#fae6e9", "block": "#c9d5f7", "off": "#e9edeb",
    "p1": "#1f3fc2", "p2": "#c57f00", "p3": "#2b8a78", "p4": "#8e3b8a", "p5": "#7fa0ee",
}  # fmt: skip
DARK = {
    "ground": "#0d1113", "surface": "#151a1d", "sunken": "#0a0d0f", "ink": "#edf2f0", "ink-2": "#b4bfc0",
    "ink-3": "#8b979a", "line": "#242b2f", "line-2": "#343d41", "control": "#6b787c", "cobalt": "#8ea6ff",
    "wash": "#1a2342", "on-cobalt": "#0b1130", "now": "#ff7440", "kept-t": "#7fd0b0", "thin": "#e3a52f",
    "late": "#ec5f74", "late-t": "#ff8d9d", "late-w": "#34131a", "block": "#2c3c78", "off": "#1f262a",
    "p1": "#8ea6ff", "p2": "#e3a52f", "p3": "#4fb5a1", "p4": "#c77cc3", "p5": "#5270d8",
}  # fmt: skip
PLOTS = 5
"""So many plot colours; further families get the same ones striped, and after those one neutral tint."""
TINT, DENSE = 0.3, 0.72
"""How much of a plot colour a wide block and a thin one have over the surface."""


def mixed(colour: str, under: str, part: float) -> str:
    """A colour laid over another with this opacity."""
    pairs = [(int(colour[k : k + 2], 16), int(under[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a * part + b * (1 - part)):02x}" for a, b in pairs)


def _tokens(tokens: Mapping[str, str]) -> str:
    surface = tokens["surface"]
    made = dict(tokens)
    for n in range(1, PLOTS + 1):
        made[f"t{n}"] = mixed(tokens[f"p{n}"], surface, TINT)
        made[f"d{n}"] = mixed(tokens[f"p{n}"], surface, DENSE)
    made["d0"] = mixed(tokens["control"], surface, 0.45)
    made["closed"] = mixed(tokens["ink"], surface, 0.045)
    return "".join(f"--{name}:{value};" for name, value in made.items())


def _paints() -> str:
    """Classes `f0` to `f10` for wide runs and `d0` to `d10` for thin ones; 0 is neutral, 6 to 10 striped."""
    rules = [".f0{fill:var(--off)}", ".d0{fill:var(--d0)}"]
    for n in range(1, PLOTS + 1):
        rules.append(f".f{n}{{fill:var(--t{n})}}.d{n}{{fill:var(--d{n})}}")
        rules.append(f".f{n + PLOTS},.d{n + PLOTS}{{fill:url(#stripe-{n})}}")
    return "".join(rules)


def static(name: str) -> str:
    """One of the files beside this one: styles and the page's script."""
    return (Path(__file__).parent / "static" / name).read_text(encoding="utf-8")


TOKENS = (
    f":root{{{_tokens(LIGHT)}color-scheme:light dark}}"
    f"@media(prefers-color-scheme:dark){{:root{{{_tokens(DARK)}}}}}"
)
DRAWING = static("drawing.css") + _paints()


def _stripes() -> str:
    return "".join(
        f'<pattern id="stripe-{n}" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" fill="var(--t{n})"/>'
        f'<path d="M1.500 0V6" stroke="var(--p{n})" stroke-width="1.5"/></pattern>'
        for n in range(1, PLOTS + 1)
    )


DEFS = (
    "<defs>"
    '<pattern id="setup" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M1 0V4" stroke="var(--control)" stroke-width="1.4"/></pattern>'
    '<pattern id="lost" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="var(--late-w)"/>'
    '<path d="M2 0V8" stroke="var(--late)" stroke-opacity=".42" stroke-width="3"/></pattern>'
    f"{_stripes()}"
    '<symbol id="glyph-late" viewBox="0 0 18 18"><path d="M6 1.800h6L16.200 6v6L12 16.200H6L1.800 12V6Z'
    'M9 5.300v4.500M9 12.600v.1"/></symbol>'
    '<symbol id="glyph-kept" viewBox="0 0 18 18"><circle cx="9" cy="9" r="7.200"/>'
    '<path d="m5.800 9.200 2.300 2.300 4.200-4.800"/></symbol>'
    "</defs>"
)
