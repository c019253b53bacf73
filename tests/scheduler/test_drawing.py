"""A plan as a picture: well formed, everything in it, at the right place, and few pieces for many runs."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.drawing import render
from scheduler.drawing.board import used
from scheduler.drawing.families import paints_of
from scheduler.drawing.levels import levels
from scheduler.drawing.look import DARK, LIGHT, mixed
from scheduler.drawing.machines import thinned
from scheduler.drawing.scale import Scale, ticks
from scheduler.drawing.summary import summary_of
from scheduler.drawing.view import view_of
from scheduler.errors import SchedulerError
from scheduler.generating import plant
from scheduler.model import (
    EPOCH,
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    Schedule,
    SetupMatrix,
    objective_of,
)
from scheduler.occupancy import Occupancy
from scheduler.saying import Calendar
from scheduler.solver import solve
from tests.scheduler.plants import small_plant

SVG = "{http://www.w3.org/2000/svg}"
DAY = 1440
WIDE = {"width": 1176, "start": 0, "end": 1000}
"""A pixel a minute: 1,000 of each beside the names and margins."""
NASTY = '<b a="1">&\'\x07\ud800</b>'


def planned(problem: Problem, *places: tuple[str, str, int, int]) -> Schedule:
    found = tuple(Assignment(*place) for place in places)
    ends = {a.operation: a.end for a in found}
    return Schedule(problem.name, objective_of(problem, ends), None, "feasible", 0.0, found)


def pots() -> tuple[Problem, Schedule]:
    problem = small_plant()
    return problem, solve(problem, time_limit=0)


def picture(problem: Problem, plan: Schedule, **options: Any) -> ET.Element:
    return ET.fromstring(render(problem, plan, fmt="svg", **options))


def classed(root: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in root.iter() if name in (e.get("class") or "").split() and "translate" not in name]


def texts(root: ET.Element) -> list[str]:
    return [e.text or "" for e in root.iter(f"{SVG}text")]


def drawings(page: str) -> list[ET.Element]:
    """Every SVG in a page, parsed."""
    return [ET.fromstring(piece) for piece in re.findall(r"<svg.*?</svg>", page, flags=re.S)]


def data_of(page: str) -> Any:
    found = re.search(r'id="runs">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


# ---- the whole ----


def test_every_resource_is_named_and_has_its_row() -> None:
    problem, plan = pots()
    root = picture(problem, plan)
    assert {"press", "dryer", "kiln", "pack"} <= set(texts(root))
    assert "holds 6" in texts(root)
    page = render(problem, plan)
    names = [svg for svg in drawings(page) if svg.get("class") == "names"]
    assert {"press", "dryer", "kiln", "pack"} <= {t.text for t in names[0].iter("text")}


def test_a_page_loads_nothing_and_its_parts_are_well_formed() -> None:
    page = render(*pots())
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    assert re.findall(r"https?://", page) == []
    assert re.findall(r"@import|url\((?!#)", page) == []
    assert len(drawings(page)) >= 4
    assert page.count("<script") == 2


def test_whatever_ids_hold_the_picture_is_well_formed() -> None:
    problem = Problem(
        NASTY,
        "2026-01-05T00:00:00Z",
        500,
        (Resource(NASTY, "machine", ((0, 500),), setup=NASTY),),
        {NASTY: SetupMatrix((NASTY,), ((0,),))},
        (Job(NASTY, 0, 0, 1, (Operation(NASTY, (Mode(NASTY, 90),), NASTY),)),),
        (Assignment(NASTY + "!", NASTY, 200, 400),),
    )
    plan = planned(problem, (NASTY, NASTY, 0, 90))
    shown = '<b a="1">&\'��</b>'
    assert shown in texts(picture(problem, plan))
    page = render(problem, plan)
    assert "<b a" not in page
    assert shown in {t.text for svg in drawings(page) for t in svg.iter("text")}
    assert data_of(page)["names"] == [NASTY]


def test_both_themes_are_in_the_file_and_differ() -> None:
    assert LIGHT.keys() == DARK.keys()
    style = render(*pots(), fmt="svg").split("<style>")[1].split("</style>")[0]
    light, dark = style.split("@media(prefers-color-scheme:dark)")
    assert f"--surface:{LIGHT['surface']};" in light
    assert f"--surface:{DARK['surface']};" in dark
    used_names = set(re.findall(r"var\(--([\w-]+)\)", render(*pots())))
    assert used_names <= set(re.findall(r"--([\w-]+):", style))
    assert mixed("#ff0000", "#0000ff", 0.5) == "#800080"


def test_a_wrong_plan_says_so() -> None:
    problem, plan = pots()
    wrong = replace(plan, assignments=plan.assignments[1:])
    assert summary_of(view_of(problem, plan)).wrong == ""
    assert "Not feasible: operation missing (1): " in render(problem, wrong)
    assert "Not feasible" not in render(problem, plan)


def test_the_title_tells_how_many_are_late_and_the_list_by_how_much() -> None:
    problem, plan = pots()
    problem = replace(problem, jobs=tuple(replace(j, due=0 if j.id == "x" else 2000) for j in problem.jobs))
    plan = replace(plan, objective=objective_of(problem, {a.operation: a.end for a in plan.assignments}))
    summary = summary_of(view_of(problem, plan))
    assert summary.title == "pots: 1 of 3 jobs is late"
    assert [(job.id, job.due, job.end) for job in summary.late] == [
        ("x", 0, plan.by_operation()["x.pack"].end)
    ]
    assert "<aside><h2>Late <span>1 late, 2 on time</span></h2><ul><li><p><b>x</b>" in render(problem, plan)
    relaxed = replace(problem, jobs=tuple(replace(j, due=2000) for j in problem.jobs))
    assert "<aside>" not in render(relaxed, replace(plan, objective=0))


def test_a_shop_has_minutes_and_a_makespan() -> None:
    problem = replace(small_plant(), goal="makespan")
    plan = solve(problem, time_limit=0)
    summary = summary_of(view_of(problem, plan))
    assert summary.title == f"pots: 3 jobs done in {plan.objective} minutes"
    assert "minute 0 to minute" in summary.sentence
    assert summary.late == ()


def test_what_cannot_be_drawn_is_refused() -> None:
    problem, plan = pots()
    with pytest.raises(SchedulerError, match="nothing lies between minutes 50 and 50"):
        render(problem, plan, start=50, end=50)
    with pytest.raises(SchedulerError, match="no drawing as 'png'"):
        render(problem, plan, fmt="png")
    with pytest.raises(SchedulerError, match="the origin 'yesterday' is not a date"):
        render(replace(problem, origin="yesterday"), plan)


def test_an_empty_plan_is_drawn_too() -> None:
    problem = replace(small_plant(), jobs=())
    assert {"press", "kiln"} <= set(texts(picture(problem, planned(problem))))


# ---- rows ----


def one_machine(**changes: Any) -> tuple[Problem, Schedule]:
    """Two runs of different families with a setup between, on a machine that closes at 300."""
    machine = Resource("m", "machine", ((0, 300), (400, 1000)), setup="s")
    jobs = tuple(
        Job(n, 0, 1000 if n == "a" else 100, 1, (Operation(n, (Mode("m", 100),), f"family {n}"),))
        for n in "ab"
    )
    matrix = SetupMatrix(("family a", "family b"), ((0, 50), (50, 0)))
    problem = Problem("p", "2026-01-05T00:00:00Z", 1000, (machine,), {"s": matrix}, jobs)
    problem = replace(problem, **changes)
    return problem, planned(problem, ("a", "m", 0, 100), ("b", "m", 150, 250))


def inside(root: ET.Element, name: str) -> list[tuple[float, float]]:
    """x and width of the rectangles of a class that are as large as a block."""
    found = [e for e in classed(root, name) if e.tag == f"{SVG}rect" and e.get("width") not in ("20", "18.8")]
    return [(float(e.get("x", 0)), float(e.get("width", 0))) for e in found]


def test_runs_setups_and_late_jobs_are_where_they_are() -> None:
    problem, plan = one_machine()
    root = picture(problem, plan, **WIDE)
    assert inside(root, "f1") + inside(root, "f2") == [(0.0, 99.0)]
    assert inside(root, "late") == [(150.0, 99.0)]
    setup = [e.get("d") for e in classed(root, "setup") if e.tag == f"{SVG}path"]
    assert setup == ["M100 8h50v28h-50z"]
    assert [e.get("href") for e in root.iter(f"{SVG}use")].count("#glyph-late") == 2, (
        "in the row and the legend"
    )
    closed = [e.get("d") for e in classed(root, "closed") if e.tag == f"{SVG}path"]
    assert closed == ["M300 0h100v44h-100z"]


def test_a_setup_does_not_begin_before_the_run_before_it_ends() -> None:
    problem, plan = one_machine()
    near = tuple(replace(a, start=120, end=220) if a.operation == "b" else a for a in plan.assignments)
    root = picture(problem, replace(plan, assignments=near), **WIDE)
    assert [e.get("d") for e in classed(root, "setup") if e.tag == f"{SVG}path"] == ["M100 8h20v28h-20z"]


def test_facts_stand_on_a_line_and_losses_are_hatched() -> None:
    problem, plan = one_machine(fixed=(Assignment("a", "m", 0, 100), Assignment("burner", "m", 500, 800)))
    root = picture(problem, plan, **WIDE)
    assert [e.get("d") for e in classed(root, "fact")] == ["M0 38H100", "M0 12L20 12"]
    assert inside(root, "lost") == [(500.0, 300.0)]
    assert "burner until Mon 5 Jan 13:20" in texts(root)


def test_a_pausing_run_is_drawn_in_its_open_parts() -> None:
    problem, _ = one_machine()
    op = Operation("a", (Mode("m", 200),), "family a", may_pause=True)
    problem = replace(problem, jobs=(Job("a", 0, 1000, 1, (op,)),))
    plan = planned(problem, ("a", "m", 200, 500))
    root = picture(problem, plan, width=136 + 40 + 300)
    assert inside(root, "f1") == [(0.0, 99.0), (200.0, 99.0)]
    assert [e.get("d") for e in classed(root, "rest")] == ["M100 22H200", "M1 7L19 7"]


def test_a_pausing_run_that_a_wrong_plan_has_in_closed_time_is_only_a_rest() -> None:
    problem, _ = one_machine()
    op = Operation("a", (Mode("m", 50),), "family a", may_pause=True)
    problem = replace(problem, jobs=(Job("a", 0, 1000, 1, (op,)),))
    root = picture(problem, planned(problem, ("a", "m", 310, 360)), **WIDE)
    assert inside(root, "f1") == []
    assert [e.get("d") for e in classed(root, "rest")] == ["M310 22H360", "M1 7L19 7"]


def fired() -> tuple[Problem, Schedule]:
    kiln = Resource("kiln", "batch", ((0, 1000),), capacity=(10, 4), loading=20, cooling=100)
    ops = [Operation(n, (Mode("kiln", 80),), "hot", (2, 1)) for n in "ab"]
    jobs = tuple(Job(op.id, 0, 1000, 1, (op,)) for op in ops)
    problem = Problem("p", "2026-01-05T00:00:00Z", 1000, (kiln,), {}, jobs)
    return problem, planned(problem, ("a", "kiln", 0, 200), ("b", "kiln", 0, 200))


def test_a_firing_is_a_container_filled_by_its_fullest_dimension() -> None:
    root = picture(*fired(), width=136 + 40 + 400)
    (container,) = [e for e in classed(root, "sunken") if e.get("width") not in ("20",)]
    (fill,) = [e for e in classed(root, "block") if e.tag == f"{SVG}rect" and e.get("width") != "20"]
    assert float(fill.get("height", 0)) == pytest.approx(float(container.get("height", 0)) * 0.5, abs=0.1)
    assert {"50%", "hot · 2 lots"} <= set(texts(root))


def test_the_strip_shows_loading_firing_and_cooling() -> None:
    root = picture(*fired(), width=136 + 40 + 400)
    strips = {n: classed(root, n)[0].get("d") for n in ("loading", "firing", "cooling")}
    assert [d.split("H")[0].split()[0] for d in strips.values() if d] == ["M0", "M40", "M200"]
    assert [float(d.split("H")[1]) for d in strips.values() if d] == [38, 198, 398]


def test_a_pool_is_the_profile_of_its_load_needs_included() -> None:
    machine, pool = Resource("m", "machine", ((0, 200),)), Resource("crew", "pool", ((0, 200),), capacity=4)
    need = Operation("a", (Mode("m", 50, (Need("crew", 3),)),))
    own = Operation("b", (Mode("crew", 100),), size=1)
    problem = Problem(
        "p", EPOCH, 200, (machine, pool), {}, (Job("a", 0, 0, 1, (need,)), Job("b", 0, 0, 1, (own,)))
    )
    plan = planned(problem, ("a", "m", 50, 100), ("b", "crew", 50, 150))
    assert Occupancy(problem, plan).load("crew") == [(50, (4,)), (100, (1,)), (150, (0,))]
    root = picture(problem, plan, width=136 + 40 + 400, start=0, end=200)
    (profile,) = [e.get("d") for e in classed(root, "level")]
    assert profile == "M0 86V86H100V50H200V77H300V86H400V86"


def test_only_what_is_asked_for_is_drawn() -> None:
    problem, plan = one_machine()
    root = picture(problem, plan, width=1176, start=120, end=400)
    assert inside(root, "f1") == []
    assert len(inside(root, "late")) == 1
    page = render(problem, plan, start=120, end=400)
    assert [run for run in data_of(page)["runs"][0] if isinstance(run, str)] == ["b"]


# ---- many ----


def crowded(runs: int) -> tuple[Problem, Schedule]:
    """One machine with so many runs of two minutes, a minute between each two."""
    machine = Resource("m", "machine", ((0, 3 * runs),), setup="s")
    jobs = tuple(Job(str(n), 0, 10**6, 1, (Operation(str(n), (Mode("m", 2),), "x"),)) for n in range(runs))
    matrix = SetupMatrix(("x",), ((0,),))
    problem = Problem("p", "2026-01-05T00:00:00Z", 3 * runs, (machine,), {"s": matrix}, jobs)
    return problem, planned(problem, *((str(n), "m", 3 * n, 3 * n + 2) for n in range(runs)))


def test_below_a_pixel_runs_are_drawn_together() -> None:
    view = view_of(*crowded(20_000))
    scale, row = view.whole(500), view.rows[0]
    pieces = list(thinned(view, row, scale, view.plan.stays["m"]))
    assert len(pieces) <= 500
    assert sum(p.width for p in pieces) == pytest.approx(500 * 2 / 3, rel=0.01), (
        "two thirds of the time is worked"
    )
    close = list(thinned(view, row, view.whole(200_000), view.plan.stays["m"]))
    assert len(close) == 20_000


def test_a_late_job_below_a_pixel_still_leaves_its_mark() -> None:
    problem, plan = crowded(3000)
    jobs = tuple(replace(j, due=0) if j.id == "1500" else j for j in problem.jobs)
    late = replace(problem, jobs=jobs)
    assert classed(picture(problem, plan, width=676), "latemark") == []
    (mark,) = classed(picture(late, plan, width=676), "latemark")
    assert (mark.get("d") or "").count("M") == 1


def test_a_picture_of_a_large_plan_stays_small() -> None:
    problem = plant(400, 1)
    plan = solve(problem, time_limit=0)
    text = render(problem, plan, fmt="svg")
    assert len(text) < 300_000
    assert len(list(ET.fromstring(text).iter())) < 4000


def test_levels_come_closer_until_runs_have_names() -> None:
    problem = plant(60, 1)
    view = view_of(problem, solve(problem, time_limit=0))
    found = levels(view, 1000)
    assert found[0].name == "All"
    widths = [level.scale.width for level in found]
    assert widths == sorted(widths)
    assert widths[0] == 1000
    assert len(found) > 1
    few = view_of(*one_machine())
    assert [level.name for level in levels(few, 1000)] == ["All"]


def test_a_page_has_one_drawing_of_rows_a_level_and_shows_the_first() -> None:
    problem = plant(60, 1)
    page = render(problem, solve(problem, time_limit=0))
    rows = [svg for svg in drawings(page) if (svg.get("class") or "").startswith("rows")]
    assert len(rows) == page.count('type="radio"')
    assert [svg.get("hidden") is None for svg in rows] == [True] + [False] * (len(rows) - 1)


def test_the_pointer_knows_every_run() -> None:
    problem, plan = pots()
    data = data_of(render(problem, plan))
    runs = {runs[i + 2]: runs[i : i + 2] for runs in data["runs"] for i in range(0, len(runs), 4)}
    assert runs == {a.operation: [a.start, a.end] for a in plan.assignments}
    assert [name for name, _ in data["jobs"]] == ["x", "y", "z"]
    assert data["zero"] is None, "a problem without an origin of its own has no dates"


# ---- time and colour ----


def test_ticks_stand_at_midnights_and_mondays_of_the_problem() -> None:
    calendar = Calendar("2026-01-07T09:30:00+01:00")
    week = ticks(Scale(0, 7 * DAY, 1000), calendar)
    assert [t.label for t in week[:2]] == ["Thu 8 Jan", "Fri 9 Jan"]
    assert {calendar.at(t.minute).strftime("%H:%M") for t in week} == {"00:00"}
    months = ticks(Scale(0, 60 * DAY, 1000), calendar)
    assert {calendar.at(t.minute).weekday() for t in months} == {0}
    hours = ticks(Scale(0, DAY, 1000), calendar)
    assert hours[0].label == "12:00"
    assert [t.label for t in hours if t.strong] == ["Thu 8 Jan"]


@pytest.mark.parametrize(
    ("minutes", "first"), [(37, ["0", "5"]), (1000, ["0", "100"]), (70_000, ["0", "10,000"])]
)
def test_without_dates_ticks_are_round_numbers(minutes: int, first: list[str]) -> None:
    assert [t.label for t in ticks(Scale(0, minutes, 1000), Calendar(EPOCH))][:2] == first


def test_the_five_most_worked_families_have_colours_then_stripes_then_none() -> None:
    families = tuple(f"f{n:02d}" for n in range(12))
    machine = Resource("m", "machine", ((0, 9999),), setup="s")
    jobs = tuple(Job(f, 0, 0, 1, (Operation(f, (Mode("m", 100 - n),), f),)) for n, f in enumerate(families))
    matrix = SetupMatrix(families, ((0,) * 12,) * 12)
    problem = Problem("p", EPOCH, 9999, (machine,), {"s": matrix}, jobs)
    places = [(f, "m", 100 * n, 200 * n + 100 - n - 100 * n) for n, f in enumerate(families)]
    paints = paints_of(Occupancy(problem, planned(problem, *places)))
    ops = {j.id: j.operations[0] for j in jobs}
    assert [paints.paint(machine, ops[f]) for f in families] == [*range(1, 11), 0, 0]
    assert paints.paint(replace(machine, setup=None), ops["f00"]) == 0


def test_the_load_is_what_is_used_of_the_open_time() -> None:
    problem, plan = one_machine()
    assert used(view_of(problem, plan), "machine", [0, 100, 200, 400, 1000]) == [1.0, 0.5, 0.5, 0.0]
    assert used(view_of(*fired()), "batch", [0, 200, 400]) == [pytest.approx(0.5), 0.0]


# ---- in a browser ----


def test_the_page_zooms_and_answers_the_pointer(browser: Any, tmp_path: Path) -> None:
    problem = plant(60, 1)
    plan = solve(problem, time_limit=0)
    (tmp_path / "plan.html").write_text(render(problem, plan), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((tmp_path / "plan.html").as_uri())
    row = page.locator("svg.rows.z0").bounding_box()
    page.mouse.move(row["x"] + 2, row["y"] + 13)
    operation, job = page.locator("#tip b").inner_text().split(" of job ")
    assert plan.by_operation()[operation].resource == "PREP1", "the first row"
    page.mouse.click(row["x"] + 2, row["y"] + 13)
    steps = len(next(j for j in problem.jobs if j.id == job).operations)
    assert page.locator(".z0 .pick").count() == steps
    page.locator(".zoom label").last.click()
    assert page.locator("svg.rows.z0").is_hidden()
    assert page.locator("svg.rows:visible").count() == 1
    assert page.locator("svg.rows:visible .pick").count() == steps
    page.keyboard.press("Escape")
    assert page.locator(".pick").count() == steps, "those of the hidden level wait for its turn"
    page.close()
    assert said == []
