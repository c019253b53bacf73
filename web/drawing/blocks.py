"""One block on the board: a job, a changeover, a kiln load, or a lost resource.

A block is `{x, width, kind?, label?, short?, state?, title?, href?, id?, ...}`; x and width are fractions
0..1 of
the time shown. kind `job` (default) takes state `thin`, `late`, `new` or none. kind `setup` is a changeover.
kind `kiln` adds `percent` (fill), `added` (percent of it that is moved here), `line` (what is in it), and
`firing`
and `cooling` as (from, to) fractions. kind `lost` adds `line` (the cause). Below its `width` in px a text
is dropped.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from web.drawing.svg import el, join, pct, text_width

_NOMINAL = 892.0
_GLYPHS = {"thin": "i-thin", "late": "i-late"}

Block = Mapping[str, Any]


def block(b: Block, row_kind: str, top: float, height: float, uid: str) -> Markup:
    """Draw one block into a row that begins at `top` and is `height` px high."""
    draw = {"kiln": _kiln, "lost": _lost, "setup": _setup}.get(str(b.get("kind") or "job"), _job)
    return draw(b, row_kind, top, height, uid)


def _room(b: Block) -> float:
    return float(b["width"]) * _NOMINAL


def _box(b: Block, inner: Markup, top: float, height: float, class_: str) -> Markup:
    """The block's own window: its text never runs over its neighbour. A link where it leads somewhere."""
    title = el("title", b["title"]) if b.get("title") else Markup("")
    tags = {
        "data_block": b.get("id") or "",
        "class_": f"bk {class_}",
        "aria_label": b.get("title") or b.get("label"),
    }
    window = el("svg", inner, x=pct(b["x"]), y=top, width=pct(b["width"]), height=height)
    if b.get("href"):
        return el("a", title, window, href=b["href"], **tags)
    return el("g", title, window, tabindex=0, role="img", **tags)


def _fit(b: Block, left: float = 8) -> str:
    for words in (str(b.get("label") or ""), str(b.get("short") or "")):
        if words and text_width(words, 11.4) + left <= _room(b):
            return words
    return ""


def _job(b: Block, row_kind: str, top: float, height: float, uid: str) -> Markup:
    state = str(b.get("state") or "plain")
    inset = 6 if row_kind != "kiln" else 14
    tall = height - 2 * inset
    parts = [el("rect", class_="bk-box", width="100%", height=tall, rx=5)]
    if state in _GLYPHS:
        glyph = el("use", href=f"#{_GLYPHS[state]}", x=-16, y=3, width=12, height=12, class_="i bk-glyph")
        parts.append(el("svg", glyph, x="100%", y=0, width=1, height=1, overflow="visible"))
    words = _fit(b)
    if words:
        parts.append(el("text", words, x=7, y=tall - 7 if state in _GLYPHS else tall / 2 + 4))
    drawn = _box(b, join(parts), top + inset, tall, f"bk-{state}")
    if not b.get("aside"):
        return drawn
    # words beside the block, where it is too small to say what is new about it
    aside = el(
        "text",
        b["aside"],
        class_="cb",
        x=pct(float(b["x"]) + float(b["width"])),
        dx=5,
        y=top + height / 2 + 4,
    )
    return join([drawn, aside])


def _setup(b: Block, row_kind: str, top: float, height: float, uid: str) -> Markup:
    return _box(
        b,
        el("rect", class_="bk-box", width="100%", height=height - 12, rx=3),
        top + 6,
        height - 12,
        "bk-setup",
    )


def _kiln(b: Block, row_kind: str, top: float, height: float, uid: str) -> Markup:
    tall = height - 18
    percent = float(b.get("percent") or 0)
    level = tall * min(percent, 100) / 100
    parts = [
        el("rect", class_="bk-void", width="100%", height=tall, rx=5),
        _fill(level, tall, float(b.get("added") or 0), uid),
    ]
    parts.append(_kiln_words(b, tall, height > 80))
    strip = join(
        [
            _strip(b.get("firing"), "bk-fire", top + tall + 9),
            _strip(b.get("cooling"), "bk-cool", top + tall + 9),
        ]
    )
    return join([_box(b, join(parts), top + 6, tall, "bk-kiln"), strip])


def _fill(level: float, tall: float, added: float, uid: str) -> Markup:
    low = el(
        "rect", class_="bk-fill", width="100%", y=tall - level, height=level, rx=5 if level > tall - 3 else 0
    )
    if added:
        return join(
            [
                low,
                el(
                    "rect",
                    class_="bk-added",
                    width="100%",
                    y=tall - level,
                    height=tall * added / 100,
                    fill=f"url(#{uid}-add)",
                ),
            ]
        )
    return join([low, el("rect", class_="bk-edge", width="100%", y=tall - level, height=2)])


def _kiln_words(b: Block, tall: float, high: bool) -> Markup:
    if _room(b) < 52:
        return Markup("")
    percent = el("text", f"{b.get('percent')}%", class_="big", x=9, y=tall - (26 if high else 12))
    line = str(b.get("line") or b.get("label") or "")
    if high:
        return join([percent, el("text", line, x=9, y=tall - 10)])
    return (
        join([percent, el("text", line, x=52, y=tall - 12)])
        if _room(b) > 52 + text_width(line, 11.4)
        else percent
    )


def _strip(span: tuple[float, float] | None, kind: str, y: float) -> Markup:
    if not span or span[1] <= max(span[0], 0):
        return Markup("")
    return el("line", class_=kind, x1=pct(max(span[0], 0)), x2=pct(span[1]), y1=y, y2=y)


def _lost(b: Block, row_kind: str, top: float, height: float, uid: str) -> Markup:
    tall = height - 12
    parts = [el("rect", class_="bk-box", width="100%", height=tall, rx=5, fill=f"url(#{uid}-lost)")]
    label, line = str(b.get("label") or ""), str(b.get("line") or "")
    wide = max(text_width(label, 12), text_width(line, 11.4)) + 20
    if wide + 20 < _room(b) and tall > 70:
        parts += [
            el("rect", class_="bk-plate", x=10, y=tall - 54, width=wide, height=42, rx=5),
            el("text", label, class_="lt", x=20, y=tall - 36),
            el("text", line, x=20, y=tall - 20),
        ]
    elif tall <= 70 and _room(b) > 40:
        parts.append(el("text", _fit(b), class_="lt", x=8, y=tall / 2 + 4))
    return _box(b, join(parts), top + 6, tall, "bk-lost")
