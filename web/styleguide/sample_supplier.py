"""The supplier's sample page of picture 07."""

from typing import Any

from markupsafe import Markup

from web.styleguide.markup import buttons

_WEEKS = (
    "15 Jun",
    "22 Jun",
    "29 Jun",
    "6 Jul",
    "13 Jul",
    "20 Jul",
    "27 Jul",
    "3 Aug",
    "10 Aug",
    "17 Aug",
    "24 Aug",
    "31 Aug",
)
_FIRM = (6.2, 5.4, 4.6, 2.9, 1.6, 0.8, 0, 0, 0, 0, 0, 0)
_HELD = (0.3, 1.2, 1.5, 1.9, 1.4, 1.2, 0.9, 0.4, 0, 0, 0, 0)
_LIKELY = (0, 0.4, 0.8, 1.6, 2.5, 3.2, 3.8, 4.3, 4.4, 4.6, 4.2, 4.0)


def supplier() -> dict[str, Any]:
    """Everything the composition `parts/supplier.html` asks for."""
    weeks = [
        {
            "label": label,
            "firm": f,
            "held": h,
            "likely": e,
            "total": f"{f + h + e:.1f}k",
            "current": i == 0,
            "title": f"Week of {label}: {f:.1f}k firm, {h:.1f}k held, {e:.1f}k likely",
        }
        for i, (label, f, h, e) in enumerate(zip(_WEEKS, _FIRM, _HELD, _LIKELY, strict=True))
    ]
    return {
        "eyebrow": "Printed decals, next 12 weeks",
        "headline": "4 to answer",
        "lead": Markup(
            "<b>6,200 are firm this week.</b> You have room for 500 more before your line is full."
        ),
        "keys": [
            {"kind": "firm", "bold": "Firm", "text": "ordered, will not move"},
            {"kind": "held", "bold": "Held", "text": "quoted, firm or gone within 48 h"},
            {"kind": "likely", "bold": "Likely", "text": "8 in 10 chance or better"},
        ],
        "demand": {
            "weeks": weeks,
            "capacity": 7,
            "capacity_label": "Your capacity, 7,000 a week",
            "ticks": [{"value": v, "label": f"{v},000"} for v in (2, 4, 6)],
            "title": "Decals wanted by week: firm, held and likely, against your capacity of 7,000 a week",
        },
        "waiting": _waiting(),
        "note": "A day later on PO-3341 still keeps every promise.",
        "privacy": "You see what is needed and when, never who ordered it.",
    }


def _waiting() -> dict[str, Any]:
    open_row = Markup(
        '<span class="select select-s"><select class="input" aria-label="Your date">'
        "<option>Fri 26 June</option></select>"
        '<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><use href="#i-down"></use></svg></span>'
    ) + buttons(("Offer this date", "go"), size="s")

    def row(
        po: str,
        what: str,
        sub: str,
        quantity: str,
        need: str,
        until: str,
        state: str,
        word: str,
        act: Markup,
        is_open: bool = False,
    ) -> dict[str, Any]:
        return {
            "open": is_open,
            "cells": [
                po,
                {"main": what, "sub": sub},
                {"main": quantity},
                {"main": need, "sub": until},
                {"state": state, "word": word},
                act,
            ],
        }

    both = buttons(("Other date", "2"), ("Confirm", "word"), size="s")
    columns = [
        {"label": "Order", "kind": "code"},
        {"label": "Decal", "kind": "wide"},
        {"label": "Quantity", "kind": "num"},
        {"label": "Needed"},
        {"label": "State"},
        {"label": "What to do", "kind": "act"},
    ]
    return {
        "heading": "Waiting for you",
        "actions": buttons(("Confirm all as asked", "2"), size="s"),
        "columns": columns,
        "rows": [
            row(
                "PO-3318",
                "Cow parsley, 1 colour",
                "62 × 84 mm, sheet A3",
                "289",
                "Fri 19 June",
                "tomorrow",
                "thin",
                "not yet sent",
                buttons(("Other date", "2"), ("Announce delivery", "word"), size="s"),
            ),
            row(
                "PO-3341",
                "Crane, 3 colours",
                "70 × 70 mm, sheet A3",
                "2,402",
                "Thu 25 June",
                "in 7 days",
                "you",
                "your date",
                open_row,
                True,
            ),
            row(
                "PO-3344",
                "Blue grid, 1 colour",
                "wrap, 210 × 80 mm",
                "721",
                "Mon 29 June",
                "in 11 days",
                "wait",
                "asked 08:55",
                both,
            ),
            row(
                "PO-3345",
                "Name set, 350 names",
                "48 × 18 mm, black",
                "421",
                "Tue 30 June",
                "held to Sat 18:00",
                "wait",
                "held, not firm",
                both,
            ),
        ],
    }
