"""Sample pages of the customer: the configurator of pictures 01 and 02, tracking of 03 and 04."""

from math import exp
from typing import Any

from markupsafe import Markup

from web.drawing.mug import Mug, mug
from web.drawing.scenes import rack

CELADON = Mug(outer="celadon", inner="milk", decoration="decal")


def _day(d: float) -> float:
    """9 to 26 June as a fraction of the line."""
    return (d - 9) / 17


def configure() -> dict[str, Any]:
    """Everything the composition `parts/configure.html` asks for."""
    looks = Mug(outer="celadon", inner="milk", decoration="decal", zone=True)
    return {
        "action": "#",
        "refresh": "Update",
        "tint": "tint-celadon",
        "title": "Mug, made your way",
        "saved": "Draft saved 14:22",
        "product": mug(looks, uid="hero", title="Celadon mug with a cow parsley decal in cobalt"),
        "promise": _promise(),
        "line": _line(),
        "tabs": [
            {"label": t, "href": f"#opt-{t.lower()}", "current": t == "Glaze", "step": "step"}
            for t in ("Form", "Glaze", "Decoration", "Extras")
        ],
        "groups": _groups(),
        "lines": [
            {"label": "240 mugs, formed and fired", "each": "€3.10", "amount": "€744.00"},
            {"label": "Celadon outside, milk inside", "each": "€0.42", "amount": "€100.80"},
            {"label": "Decal and its own firing", "each": "€1.23", "amount": "€295.20"},
            {"label": "Small run, gone from 1,000 mugs", "amount": "€180.00"},
            {"label": "Sample, packing, freight to Hamburg", "amount": "€91.00"},
        ],
        "quantity": {
            "value": 240,
            "label": "How many mugs",
            "fewer": "Fewer",
            "more": "More",
            "step": 12,
            "min": 1,
        },
        "total": {
            "each": "€5.88 each, before VAT",
            "amount": "€1,411.00",
            "brief": "240 mugs, €5.88 each,",
            "details": "details",
            "vat": "€1,679.09 with 19 % VAT",
        },
        "order": {
            "label": "Order for Friday 26 June",
            "short": "Order for 26 June",
            "name": "do",
            "value": "order",
            "busy": "Ordering…",
        },
        "keep": {"label": "Keep quote", "name": "do", "value": "keep"},
    }


def _promise() -> dict[str, Any]:
    return {
        "place": "In Hamburg by",
        "weekday": "Friday",
        "daymonth": "26 June",
        "state": "kept",
        "odds": "9 in 10 orders like this arrive by then.",
        "hold": "Kiln space held for you until 18:00.",
        "hold_until": "2099-06-09T18:00:00Z",
        "hold_over": "The kiln space is free again.",
        "hinge": Markup("It hinges on your <b>printed decals</b>, at our door on 19 June."),
        "hinge_short": Markup("It hinges on your <b>printed decals</b>. Earlier:"),
        "earlier_label": "Make it earlier",
        "earlier": [
            {
                "date": "Tue 23 June",
                "change": "Laser, no decal",
                "price": "−€86",
                "name": "change",
                "value": "laser",
            },
            {
                "date": "Wed 24 June",
                "change": "Rush the decals",
                "price": "+€120",
                "name": "change",
                "value": "rush",
            },
            {
                "date": "Thu 25 June",
                "change": "Express freight",
                "price": "+€38",
                "name": "change",
                "value": "express",
            },
        ],
    }


def _line() -> dict[str, Any]:
    def node(d: float, label: str = "") -> dict[str, Any]:
        return {"at": _day(d), "label": label}

    return {
        "title": "From today, Tuesday 9 June, to Friday 26 June. The decals arrive on 19 June and set the "
        "date; the mugs are "
        "ready on 18 June and wait.",
        "branches": [
            {"label": "Decals printed and sent", "note": "10 days, the longest path", "nodes": [node(19)]},
            {
                "nodes": [
                    node(11, "Form, dry"),
                    node(13.5, "Bisque"),
                    node(15.7, "Glaze"),
                    node(18.3, "1,250 °C"),
                ],
                "wait": "waits 4 days",
            },
        ],
        "critical": 0,
        "join_at": _day(22.2),
        "trunk": [node(22.2, "Decal firing"), node(24, "Ships")],
        "ticks": [
            node(9, "Today"),
            node(12, "Fri 12"),
            node(15, "Mon 15"),
            node(19, "Fri 19"),
            node(22, "Mon 22"),
        ],
        "bands": [(_day(13), _day(15)), (_day(20), _day(22))],
        "flag": "Fri 26 June",
    }


def _groups() -> list[dict[str, Any]]:
    glazes = [
        (n.lower(), n) for n in ("Milk", "Celadon", "Ash", "Oat", "Blush", "Cobalt", "Tenmoku", "Signal")
    ]
    shapes = ("soft", "straight", "tulip", "barrel", "cone", "bistro", "camp", "bowl")
    return [
        {
            "kind": "fold",
            "name": "form",
            "label": "Form",
            "chosen_label": "325 ml, porcelain, Soft, C handle",
            "groups": [
                {
                    "kind": "shapes",
                    "name": "shape",
                    "label": "Shape",
                    "values": [
                        {"value": s, "label": s.title(), "chosen": s == "soft", "shape": s} for s in shapes
                    ],
                },
                {
                    "kind": "segments",
                    "name": "capacity",
                    "label": "Capacity",
                    "values": _plain(("250", "325", "450"), "325", " ml"),
                },
                {
                    "kind": "segments",
                    "name": "handle",
                    "label": "Handle",
                    "values": _plain(("C", "D", "None"), "C"),
                },
            ],
        },
        {
            "kind": "swatches",
            "name": "outer_glaze",
            "label": "Outer glaze",
            "chosen_label": "Celadon",
            "aside": {"label": "Inside: Milk", "href": "#"},
            "values": [
                {"value": v, "label": n, "chosen": v == "celadon", "locked": v == "signal"} for v, n in glazes
            ],
            "whys": [
                {
                    "id": "signal",
                    "text": "Signal red must fire below 1,220 °C; porcelain needs 1,250.",
                    "fix": "Use it as a low-fire decal",
                    "name": "change",
                    "value": "signal-decal",
                }
            ],
        },
        {
            "kind": "segments",
            "name": "finish",
            "label": "Finish",
            "values": [
                {"value": "gloss", "label": "Gloss", "chosen": True},
                {"value": "matt", "label": "Matt"},
                {"value": "reactive", "label": "Reactive", "locked": True},
            ],
            "whys": [
                {
                    "id": "reactive",
                    "text": "A reactive glaze runs under a decal.",
                    "fix": "Switch to underglaze",
                    "rest": "to free it.",
                    "name": "change",
                    "value": "underglaze",
                }
            ],
        },
        {
            "kind": "segments",
            "name": "decoration",
            "label": "Decoration",
            "values": _plain(("None", "Decal", "Underglaze", "Laser", "By hand"), "Decal"),
            "artwork": {
                "file": "cow-parsley.svg",
                "check": "62 × 84 mm, 1 colour, line 0.24 mm: fine",
                "replace": {"label": "Replace", "href": "#"},
            },
        },
        {
            "kind": "fold",
            "name": "extras",
            "label": "Extras",
            "chosen_label": "Backstamp Lu; no gold rim, no name",
            "groups": [
                {"kind": "check", "name": "gold", "label": "Gold rim"},
                {
                    "kind": "field",
                    "name": "name",
                    "label": "Personal name",
                    "hint": "Up to 12 letters, printed as a decal.",
                },
            ],
        },
    ]


def _plain(names: tuple[str, ...], chosen: str, unit: str = "") -> list[dict[str, Any]]:
    return [{"value": n.lower(), "label": n + unit, "chosen": n == chosen} for n in names]


def track() -> dict[str, Any]:
    """Everything the composition `parts/track.html` asks for."""
    return {
        "order_long": Markup("Order LU-24817&ensp; 240 mugs, celadon with cow parsley"),
        "order_short": Markup("LU-24817&ensp; 240 mugs"),
        "promise": {
            "weekday": "Friday",
            "daymonth": "26 June",
            "state": "kept",
            "word": "On time.",
            "text": "The date promised on 9 June has never moved.",
        },
        "product": mug(CELADON, uid="hero", title="Celadon mug with a cow parsley decal"),
        "kiln": kiln(),
        "journey": _journey(),
        "journey_heading": "The journey",
        "cut": {
            "after": 5,
            "label": "Address and packing",
            "until": "yours until Tue 23, 12:00",
            "href": "#",
            "action": "Change",
        },
        "yours": {
            "heading": "Yours to change",
            "rows": [
                {
                    "icon": "truck",
                    "what": "Address",
                    "until": "until Tue 23, 12:00",
                    "href": "#",
                    "action": "Change",
                },
                {
                    "icon": "edit",
                    "what": "Packing",
                    "until": "until Tue 23, 12:00",
                    "href": "#",
                    "action": "Change",
                },
                {"what": "Artwork", "until": "fixed since 11 June, decals printed", "fixed": True},
            ],
        },
        "messages": {
            "heading": "Messages",
            "thread": [
                {
                    "initial": "M",
                    "text": "Your glaze came out even on all 270. Photos above.",
                    "by": "Mara, glazing, Mon 15, 16:10",
                }
            ],
            "form": {"action": "#", "placeholder": "Write to the people making it", "send": "Send"},
        },
        "facts": {
            "heading": "Your order",
            "rows": [
                ("240 mugs, 325 ml porcelain", "€1,411.00"),
                ("To", "Café Wiese, Hamburg"),
                ("Papers", Markup('<a href="#">Invoice</a>, <a href="#">ISO 6486</a>')),
            ],
        },
        "closing": "Nothing to do until Thursday. We write when the kiln opens.",
    }


def kiln() -> dict[str, Any]:
    """A glost firing lit at 06:40, seen at 15:20, open a day later."""

    def heat(minute: float) -> float:
        if minute <= 540:
            return 20 + 1230 * (1 - float((1 - minute / 540) ** 1.45))
        return 1250 if minute <= 600 else 60 + 1190 * exp(-(minute - 600) / 290)

    points = [(m / 1440, (heat(m) - 20) / 1270) for m in range(0, 1441, 12)]
    return {
        "live": "Live, 15:20",
        "heard_at": "2026-06-17T15:20:00Z",
        "lines": ["In the 1,250 °C firing.", "Kiln 2 opens Thursday 06:40."],
        "points": points,
        "now": 520 / 1440,
        "now_label": "1,231 °C now",
        "hold": 1230 / 1270,
        "hold_label": "1,250 °C, held 15:40 to 16:40",
        "labels": [
            {"at": 0, "label": "Lit 06:40"},
            {"at": 600 / 1440, "label": "Cools from 16:40"},
            {"at": 1, "label": "Opens Thu 06:40"},
        ],
        "title": "Firing curve: 1,231 degrees at 15:20, held at 1,250 from 15:40; "
        "the kiln opens Thursday 06:40.",
    }


def _journey() -> dict[str, Any]:
    def stage(d: float, label: str, when: str, state: str, note: str = "", **more: Any) -> dict[str, Any]:
        return {"at": _day(d), "label": label, "when": when, "state": state, "note": note, **more}

    formed = rack(CELADON, "formed", title="Fresh mugs on a board", uid="rf")
    glazed = rack(CELADON, "glazed", title="Mugs in raw celadon glaze", uid="rg")
    return {
        "title": "The journey from the order on 9 June to the door on 26 June",
        "now": _day(17.36),
        "bands": [(_day(13), _day(15)), (_day(20), _day(22))],
        "stages": [
            stage(9, "Ordered", "Tue 9", "done"),
            stage(
                11,
                "Formed",
                "Thu 11",
                "done",
                "289 made, so 240 perfect reach you",
                picture=formed,
                caption="illustration",
            ),
            stage(13, "Bisque fired", "Sat 13", "done"),
            stage(
                15.2,
                "Glazed",
                "Mon 15",
                "done",
                "Dipped in celadon by Mara",
                picture=glazed,
                caption="illustration",
            ),
            stage(17.36, "1,250 °C firing", "Now, until Thu 18, 06:40", "now", when_short="now"),
            stage(19.35, "Decals arrive", "Fri 19", "next"),
            stage(22, "Decal firing", "Mon 22", "next"),
            stage(23.4, "Packed", "Tue 23", "next"),
            stage(24.55, "Shipped", "Wed 24", "next"),
        ],
        "goal": {"label": "In Hamburg", "when": "Fri 26 June"},
        "cut": {
            "at": _day(23.25),
            "from": _day(19.2),
            "label": "Address and packing: yours to change",
            "until": "until Tue 23 June, 12:00",
        },
    }
