"""The floor's sample pages: picture 06, the same job while it runs and when pieces are lost, and a kiln's
lots being counted."""

from typing import Any

from markupsafe import Markup

from web.drawing.mug import Mug, mug
from web.styleguide.frame import environment
from web.styleguide.markup import big_buttons

_REASONS = (
    ("stuck", "Stuck to the shelf"),
    ("crack", "Crack"),
    ("pinhole", "Pinhole"),
    ("crawl", "Crawling glaze"),
)
_COUNT = """
{% from "macros/floor.html" import count %}{% from "macros/ui.html" import pieces %}
<p class="running"><b>270</b> of 540 done, 8 of 15 boards</p>{{ pieces(8, 15, "8 of 15 boards") }}
{{ count("done", 36, "Pieces done now", "One less", "One more", max=270) }}
"""
_SCRAP = """
{% from "macros/floor.html" import count, reasons %}
{{ count("scrap", 4, "Pieces lost", "One less", "One more", min=1, max=270) }}
{{ reasons("why", choices, "Why", "stuck") }}
"""
_COUNTING = """
{% from "macros/floor.html" import count %}
{% for number in numbers %}<p class="running"><b>{{ number }}</b> scrap of 54</p>
{{ count("scrap_" ~ number, 0, "Scrap", "One fewer", "One more", max=54) }}{% endfor %}
"""


def floor(state: str = "next") -> dict[str, Any]:
    """What the composition `parts/floor.html` asks for; state `next`, `running`, `scrap` or `counting`."""
    job = {
        "number": "24902-40",
        "title": "Celadon, outside",
        "tint": "tint-celadon",
        "looks": "Soft, 325 ml, C handle",
        "product": mug(Mug(outer="celadon"), uid="fl", title="Soft mug, celadon outside, milk inside"),
        **{"next": _next, "running": _running, "scrap": _scrap, "counting": _counting}[state](),
    }
    return {
        "job": job,
        "queue": {
            "heading": "After this",
            "until": "until 15:00",
            "none": "Nothing more today.",
            "rows": [
                {"kind": "setup", "title": "Change glaze, 40 min", "at": "10:25"},
                {"glaze": "milk", "title": "Milk, both sides", "sub": "600, Soft 450 ml", "at": "11:05"},
                {"glaze": "milk", "title": "Milk, inside", "sub": "1,100, Barrel", "at": "12:00"},
                {"kind": "setup", "title": "Change glaze, 40 min", "at": "13:35"},
                {"glaze": "cobalt", "title": "Cobalt, outside", "sub": "350, Tulip", "at": "14:15"},
            ],
        },
        "racks": {"label": "Kiln 1 loads at 22:30", "count": "4 of 9 racks", "done": 4, "total": 9},
        "last": {
            "at": "08:52",
            "what": "270 done",
            "more": "4 scrap",
            "undo": {"action": "#", "label": "Undo"},
        },
    }


def _next() -> dict[str, Any]:
    return {
        "eyebrow": "Next job",
        "state": "thin",
        "word": "Start by 09:40 to keep the firing",
        "facts": [
            {"label": "Pieces", "value": "540", "more": "on 15 boards"},
            {"label": "Dip", "value": "3 s", "more": "once"},
            {"label": "Glaze", "value": "G-14", "more": "lot 0612"},
            {"label": "Then", "value": "Rack 7", "more": "dry 12 h"},
        ],
        "note": {"text": "Wipe the foot clean. Last lot, 6 of 270 stuck to the shelf."},
        "actions": big_buttons(
            ("Start 540", "play", "go"), ("Scan board", "scan", "2"), ("Scrap", "x", "scrap")
        ),
    }


def _running() -> dict[str, Any]:
    return {
        "eyebrow": "Running since 08:20",
        "state": "now",
        "word": "Done by about 10:25",
        "more": _markup(_COUNT),
        "actions": big_buttons(
            ("36 more done", "check", "go"), ("Pause", "pause", "2"), ("Scrap", "x", "scrap")
        ),
    }


def _scrap() -> dict[str, Any]:
    choices = [{"value": value, "label": label} for value, label in _REASONS]
    return {
        "eyebrow": "Scrap on",
        "title": "How many are lost?",
        "more": _markup(_SCRAP, choices=choices),
        "actions": big_buttons(
            ("Record 4 scrap", "check", "go"), ("Photo", "camera", "2"), ("Back", "undo", "2")
        ),
    }


def _counting() -> dict[str, Any]:
    return {
        "eyebrow": "Running",
        "number": "K1-0617",
        "title": "Glost firing, celadon and milk",
        "state": "now",
        "word": "Until 10:25",
        "more": _markup(_COUNTING, numbers=range(24902, 24908)),
        "actions": big_buttons(("Done", "check", "go"), ("Back", "undo", "2")),
    }


def _markup(template: str, **context: Any) -> Markup:
    return Markup(environment("").from_string(template).render(context))
