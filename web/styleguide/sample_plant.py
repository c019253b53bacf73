"""Sample pages of the plant: the planner's board of picture 05 and the floor of picture 06."""

from typing import Any

from web.styleguide.markup import buttons

_WEEK = 168.0


def _at(hours: float) -> float:
    return hours / _WEEK


def _job(a: float, b: float, label: str = "", state: str = "", kind: str = "job") -> dict[str, Any]:
    return {
        "x": _at(a),
        "width": _at(b - a),
        "label": label,
        "short": label.split(" ")[0][-3:],
        "state": state,
        "kind": kind,
        "title": f"Order {label}" if label else "Changeover",
        "id": label,
    }


def _kiln(
    a: float,
    b: float,
    percent: int,
    name: str,
    line: str = "",
    added: int = 0,
    fire: tuple[float, float] = (2, 12),
) -> dict[str, Any]:
    start = max(a, 0.0)
    return {
        "x": _at(start),
        "width": _at(b - start),
        "kind": "kiln",
        "percent": percent,
        "added": added,
        "label": name,
        "line": f"{name} · {line}" if line else name,
        "title": f"{name}: {percent} % full",
        "id": name,
        "firing": (_at(a + fire[0]), _at(a + fire[1])),
        "cooling": (_at(max(a + fire[1], 0)) + 0.007, _at(b) - 0.009),
    }


def plan() -> dict[str, Any]:
    """Everything the composition `parts/plan.html` asks for."""
    return {
        "title": "Board",
        "plan": "Plan 412, published 06:00",
        "banner": {
            "fact": "Kiln 2 lost for 36 h: 4 promises at risk, a repair keeps 3",
            "state": "late",
            "text": "Moves 5 jobs and 1,628 mugs, adds one Saturday decal shift (€310). "
            "Solved in 1.8 s; nothing already started is touched.",
            "seals": ["kept", "kept", "kept", "late"],
            "result": ("3 kept", "1 a day late"),
            "actions": buttons(("Compare", "2"), ("Publish repair", "go")),
        },
        "toggles": [
            {
                "label": "Plan",
                "choices": [
                    {"label": "Published", "href": "#"},
                    {"label": "With repair", "href": "#", "current": True},
                ],
            },
            {
                "label": "Time shown",
                "choices": [
                    {"label": t, "href": "#", "current": t == "Week"} for t in ("Day", "Week", "Month")
                ],
            },
        ],
        "legend": {
            "firing": "firing",
            "cooling": "cooling",
            "moved": "moved here",
            "thin": "thin slack",
            "late": "late",
        },
        "board": _board(),
        "risks": _risks(),
        "lists": _lists(),
    }


def _board() -> dict[str, Any]:
    names = ("Thu 18", "Fri 19", "Sat 20", "Sun 21", "Mon 22", "Tue 23", "Wed 24")
    loads = {
        "Forming load": (62, 55, 70, 58, 66, 0, 0, 0, 72, 64, 70, 61, 58, 40),
        "Kilns load": (88, 104, 118, 109, 97, 96, 93, 91, 88, 84, 80, 78, 70, 62),
        "Decal load": (74, 0, 86, 0, 92, 0, 0, 0, 112, 0, 95, 0, 64, 0),
    }
    return {
        "title": "Plan by resource, Thursday 18 to Wednesday 24 June",
        "days": [
            {"x": k / 7, "width": 1 / 7, "label": n, "closed": n == "Sun 21"} for k, n in enumerate(names)
        ],
        "loads": [
            {"label": k, "cells": [{"x": i / 14, "width": 1 / 14, "percent": p} for i, p in enumerate(v)]}
            for k, v in loads.items()
        ],
        "rows": _rows(),
        "now": {"x": _at(9.17), "label": "09:10"},
        "moves": [{"x": _at(43.2), "from_row": 6, "to_row": 5, "label": "572 mugs"}],
    }


def _rows() -> list[dict[str, Any]]:
    roller = [
        (1, 8, "24931"),
        (10.4, 22, "24940"),
        (30, 46, "24944 · 3,100"),
        (53, 60, "24951"),
        (61.4, 70, "24955"),
        (102, 118, "24960 · 2,900"),
        (126, 138, "24966"),
        (150, 160, "24971"),
    ]
    dryers = [
        (0, 15, "24922"),
        (15, 36, "24931"),
        (36, 62, "24940"),
        (62, 84, "24944"),
        (86, 104, "24955"),
        (118, 142, "24960"),
        (144, 166, "24966"),
    ]
    lost = {
        "x": _at(8.83),
        "width": _at(36),
        "kind": "lost",
        "label": "Lost until Fri 20:50",
        "line": "Burner 3, since 08:50",
        "title": "Kiln 2 lost until Friday 20:50",
        "id": "lost-2",
    }
    return [
        {
            "label": "Roller-former",
            "note": "2 shifts",
            "blocks": [*(_job(*r) for r in roller), _job(60.2, 61.2, kind="setup")],
        },
        {"label": "Dryers 1, 2", "kind": "slim", "blocks": [_job(*d) for d in dryers]},
        {
            "label": "Bisque shuttle",
            "note": "900 °C",
            "kind": "batch",
            "blocks": [
                _kiln(a, b, p, n, fire=(2, 11))
                for a, b, p, n in (
                    (-4, 20, 91, "B-0617"),
                    (21, 44, 84, "B-0618"),
                    (45, 68, 78, "B-0619"),
                    (100, 123, 88, "B-0622"),
                    (124, 147, 72, "B-0623"),
                )
            ],
        },
        {
            "label": "Glaze line 1",
            "blocks": [
                _job(1.5, 8.6, "24893", "thin"),
                _job(10.6, 20, "24902", "late"),
                _job(30, 38, "24911", "thin"),
                _job(38, 46, "24920"),
                _job(54, 66, "24931"),
                _job(104, 118, "24940"),
                _job(128, 142, "24944"),
                _job(152, 166, "24955"),
            ],
        },
        {
            "label": "Glaze line 2",
            "blocks": [
                _job(1.5, 8.4, "24880", "thin"),
                _job(10, 10.7, kind="setup"),
                _job(10.9, 20, "24905"),
                _job(30, 42, "24916"),
                _job(56, 68, "24925"),
                _job(103, 116, "24936"),
                _job(126, 136, "24942"),
            ],
        },
        {
            "label": "Kiln 1",
            "note": "2,200 mugs",
            "kind": "kiln",
            "blocks": [
                _kiln(-6, 21.5, 88, "F-0617-1", "1,936"),
                _kiln(21.5, 49, 97, "F-0618-1", "2,134", 26),
                _kiln(49, 76.5, 95, "F-0620-1", "2,090", 14),
                _kiln(76.5, 104, 79, "F-0621-1", "1,738"),
                _kiln(104, 131.5, 84, "F-0622-1", "1,848"),
                _kiln(131.5, 159, 62, "F-0623-1", "1,364"),
            ],
        },
        {
            "label": "Kiln 2",
            "note": "2,200 mugs",
            "kind": "kiln",
            "blocks": [
                _kiln(-20, 8.5, 93, "F-0616-2"),
                lost,
                _kiln(45, 72.5, 98, "F-0619-2", "2,156", 34),
                _kiln(72.5, 100, 86, "F-0621-2", "1,892"),
                _kiln(100, 127.5, 74, "F-0622-2", "1,628"),
                _kiln(127.5, 155, 55, "F-0623-2", "1,210"),
            ],
        },
        {
            "label": "Decal kiln",
            "note": "1 shift",
            "blocks": [
                _job(8, 13.2, "24861"),
                _job(32, 37.2, "24868"),
                _job(56, 64, "24880", "new") | {"aside": "extra shift"},
                _job(104, 111, "24817"),
                _job(111, 118, "24893", "thin"),
                _job(128, 135, "24902", "late"),
                _job(135, 142, "24911"),
                _job(152, 157.2, "24920"),
            ],
        },
        {
            "label": "Inspect, pack",
            "blocks": [
                _job(6, 14, "24850"),
                _job(14, 20, "24855"),
                _job(30, 38, "24861"),
                _job(54, 62, "24868"),
                _job(102, 108, "24872"),
                _job(126, 133, "24817"),
                _job(133, 140, "24893", "thin"),
                _job(150, 157, "24902", "late"),
                _job(157, 163, "24911"),
            ],
        },
    ]


def _day(d: float) -> float:
    return (d - 23.5) / 5.5


def _risks() -> dict[str, Any]:
    def one(
        who: str, what: str, promised: float, before: float, plan: float, label: str, state: str, word: str
    ) -> dict[str, Any]:
        return {
            "who": who,
            "what": what,
            "promised": _day(promised),
            "before": _day(before),
            "plan": _day(plan),
            "label": label,
            "state": state,
            "word": word,
        }

    first = one("Ito Ramen", "24902, 2,000 mugs", 24.7, 26.6, 25.7, "promised Wed 24", "late", "1 day late")
    first |= {
        "open": True,
        "actions": buttons(("Offer 1,400 on time", "go"), ("Tell Ito Ramen", "2"), size="s"),
    }
    return {
        "heading": "At risk",
        "note": "hollow: without repair",
        "rows": [
            first,
            one("Hotel Aster", "24880, 1,100", 25.7, 27.4, 25.4, "promised Thu 25", "kept", "6 h spare"),
            one("Rösterei Blau", "24893, 600", 26.7, 28.5, 26.5, "promised Fri 26", "kept", "3 h spare"),
            one("Museum K20", "24911, 350", 26.7, 27.6, 26.1, "promised Fri 26", "kept", "14 h spare"),
        ],
    }


def _lists() -> list[dict[str, Any]]:
    return [
        {
            "heading": "Watching",
            "note": "next 14 days",
            "rows": [
                {
                    "bold": "Café Wiese",
                    "text": "24817, 240",
                    "code": True,
                    "state": "kept",
                    "word": "19 h spare",
                },
                {"bold": "Printed decals", "text": "due Fri 19", "state": "thin", "word": "not yet sent"},
                {"bold": "Powder P-10", "text": "covers to Thu 25", "state": "wait", "word": "order by Mon"},
            ],
        },
        {
            "heading": "What the repair costs",
            "rows": [
                {"text": "Saturday decal shift, 4 h", "word": "€310"},
                {"text": "Two more glaze changes", "word": "80 min"},
            ],
        },
    ]
