"""The lines of time: promise, journey, kiln, board, risk, demand."""

import re
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from web.drawing.board import HEIGHTS, head, load_names, names, rows
from web.drawing.demand import demand_bars, key
from web.drawing.journey import journey
from web.drawing.kiln_curve import kiln_curve
from web.drawing.loose import loose
from web.drawing.promise_line import promise_line
from web.drawing.risk import risk_line
from web.drawing.svg import Shelf, text_width
from web.styleguide import sample_plant, sample_shop, sample_supplier

NASTY = "<b>&\"'"
part = st.floats(0, 1)


def texts(svg: str) -> list[str]:
    """Every visible label, in order; the drawing must be well-formed and free of style."""
    assert " style=" not in svg
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter() if node.tag == "text"]


def test_the_path_that_sets_the_date_is_heavy_and_on_top() -> None:
    line = sample_shop.configure()["line"]
    svg = promise_line(line["branches"], critical=0, join_at=line["join_at"], trunk=line["trunk"], title="t")
    assert svg.count('class="ln-main"') >= 4
    assert svg.count('class="ln-wait"') == 2
    swapped = promise_line(line["branches"], critical=1, join_at=line["join_at"])
    assert re.search(r'class="ln-main" x1="[^"]+" x2="[^"]+" y1="46"', swapped)
    assert re.search(r'class="ln-side" x1="[^"]+" x2="[^"]+" y1="92"', swapped)


def test_a_line_without_branches_is_solid_to_now_and_dotted_after() -> None:
    svg = promise_line([], trunk=[{"at": 0.2, "label": "Formed", "state": "done"}], now=0.5, flag="Fri")
    assert 'class="jn-rest" x1="50%" x2="100%"' in svg
    assert 'class="ln-main" x1="0%" x2="50%"' in svg


def test_labels_that_would_collide_are_left_out_not_overprinted() -> None:
    ticks = [{"at": i / 100, "label": f"Tick {i}"} for i in range(100)]
    svg = promise_line([], ticks=ticks, flag="Friday 26 June")
    assert 5 < len(texts(svg)) < 20
    assert "Friday 26 June" in texts(svg)


@given(st.lists(st.tuples(part, part), max_size=4), part, part, st.integers(0, 3))
def test_any_line_is_well_formed(
    branches: list[tuple[float, float]], join_at: float, now: float, critical: int
) -> None:
    given_branches = [
        {"label": NASTY, "nodes": [{"at": a, "label": NASTY}, {"at": b, "label": ""}], "wait": "w"}
        for a, b in branches
    ]
    svg = promise_line(
        given_branches,
        critical=min(critical, max(len(branches) - 1, 0)),
        join_at=join_at,
        now=now,
        title=NASTY,
    )
    ElementTree.fromstring(svg)
    assert "<b>" not in svg


def test_the_journey_shows_each_stage_and_the_promise() -> None:
    j = sample_shop.track()["journey"]
    words = texts(
        journey(j["stages"], now=j["now"], goal=j["goal"], cut=j["cut"], bands=j["bands"], title="t")
    )
    for stage in j["stages"]:
        assert stage["label"] in words
    assert "In Hamburg" in words
    assert "until Tue 23 June, 12:00" in words


def test_crowded_stages_drop_to_a_second_row_and_then_into_a_title() -> None:
    stages = [{"at": 0.5 + i / 1000, "label": f"Stage {i}", "when": "now", "state": "done"} for i in range(5)]
    svg = journey(stages, now=0.6, goal={"label": "There", "when": "Fri"})
    assert [t for t in texts(svg) if t.startswith("Stage")] == ["Stage 0", "Stage 1"]
    assert svg.count("<title>") == 3
    assert 'height="306"' in svg
    assert svg.index("jn-drop") < svg.index("Stage 0"), "no line goes through the words above it"


def test_the_line_is_whole_once_the_goal_is_reached() -> None:
    stages = [{"at": 0.5, "label": "Shipped", "when": "Thu", "state": "done"}]
    for reached, rest in ((False, "50%"), (True, "100%")):
        svg = journey(stages, now=1.0, goal={"label": "There", "when": "Fri", "reached": reached})
        assert f'class="jn-rest" x1="{rest}"' in svg


def test_the_kiln_is_solid_to_now_and_dotted_after() -> None:
    k = sample_shop.kiln()
    svg = kiln_curve(k["points"], now=k["now"], now_label=k["now_label"], hold=k["hold"], labels=k["labels"])
    past, rest = (
        re.search(rf'<polyline points="([^"]+)"[^>]*class="{c}"', svg) for c in ("kc-past", "kc-rest")
    )
    assert past
    assert rest
    assert past.group(1).split()[-1] == rest.group(1).split()[0]
    assert texts(svg)[-3:] == ["Lit 06:40", "Cools from 16:40", "Opens Thu 06:40"]


@given(st.lists(st.tuples(part, part), min_size=1, max_size=6), part)
def test_any_firing_draws(points: list[tuple[float, float]], now: float) -> None:
    ElementTree.fromstring(kiln_curve(sorted(points), now=now))


def test_the_board_is_as_high_as_its_rows_and_names_agree() -> None:
    b = sample_plant.plan()["board"]
    high = sum(HEIGHTS[r.get("kind", "line")] for r in b["rows"]) + 1
    svg = rows(b["rows"], days=b["days"], now=b["now"], moves=b["moves"], title=b["title"])
    assert f'height="{high}"' in svg
    assert f'height="{high}"' in names(b["rows"])
    assert 'height="112"' in head(b["days"], b["loads"], b["now"])
    assert 'height="112"' in load_names(b["loads"])
    words = texts(svg)
    assert "97%" in words
    assert "Lost until Fri 20:50" in words
    assert "572 mugs" in words


def test_a_block_says_its_state_by_glyph_and_a_full_kiln_by_number() -> None:
    block = {"x": 0.1, "width": 0.1, "label": "24902", "state": "late", "id": "b1"}
    svg = rows([{"label": "Glaze", "blocks": [block]}])
    assert 'href="#i-late"' in svg
    assert 'data-block="b1"' in svg
    assert "bk-late" in svg
    assert "<a " in rows([{"label": "Glaze", "blocks": [block | {"href": "/plant/orders/1"}]}])


def test_loads_above_a_hundred_carry_a_sign_besides_the_colour() -> None:
    loads = [
        {
            "label": "Kilns",
            "cells": [{"x": 0, "width": 0.5, "percent": 104}, {"x": 0.5, "width": 0.5, "percent": 84}],
        }
    ]
    assert texts(head([], loads, None)) == ["104!", "84"]


@given(st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(0, 0.5), st.floats(0, 140)), max_size=8))
def test_any_load_draws(kilns: list[tuple[float, float, float]]) -> None:
    blocks = [
        {
            "x": x,
            "width": w,
            "kind": "kiln",
            "percent": round(p),
            "firing": (x, x + w / 2),
            "cooling": (x + w / 2, x + w),
        }
        for x, w, p in kilns
    ]
    ElementTree.fromstring(rows([{"label": NASTY, "kind": "kiln", "blocks": blocks}]))


def test_a_late_promise_is_a_square_a_kept_one_a_dot() -> None:
    late = risk_line(promised=0.2, plan=0.4, before=0.6, label="promised Wed 24", state="late")
    kept = risk_line(promised=0.4, plan=0.3, state="kept")
    assert "rk-plan is-late" in late
    assert "<rect" in late
    assert "<rect" not in kept
    assert texts(late) == ["promised Wed 24"]


def test_demand_keeps_certainty_in_the_pattern() -> None:
    d = sample_supplier.supplier()["demand"]
    svg = demand_bars(d["weeks"], capacity=7, capacity_label="Your capacity", ticks=d["ticks"])
    assert svg.count("dm-bar dm-firm") == 6
    assert svg.count("url(#dm-held)") == 8
    assert svg.count("dm-likely") == 11
    assert "Your capacity" in texts(svg)
    assert len({key(k) for k in ("firm", "held", "likely")}) == 3


@given(st.lists(st.tuples(*[st.floats(0, 1e6)] * 3), max_size=14), st.floats(0, 1e6))
def test_any_demand_draws(weeks: list[tuple[float, float, float]], capacity: float) -> None:
    made = [{"label": NASTY, "firm": a, "held": b, "likely": c, "total": "t"} for a, b, c in weeks]
    ElementTree.fromstring(demand_bars(made, capacity=capacity))


def test_shelves_keep_labels_apart() -> None:
    shelf = Shelf(8)
    assert shelf.take(0, 50)
    assert not shelf.take(40, 50)
    assert not shelf.take(55, 10)
    assert shelf.take(60, 10)
    assert text_width("二号窑") > text_width("abc")


def test_loose_reads_what_is_there_and_none_for_the_rest() -> None:
    value: Any = loose({"a": {"values": [1]}, "b": [{"c": 1}]})
    assert value["a"]["values"] == [1]
    assert value["nothing"] is None
    assert value["b"][0]["gone"] is None
