"""Figures of the bench: medians, goals, the table, the machine's name, and the plots."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from scheduler.bench.findings import OURS, Finding, Sample, notes
from scheduler.bench.machine import machine, sentence
from scheduler.bench.plots import ecdf, plot
from scheduler.bench.statistics import median, percentile
from scheduler.bench.table import figure, markdown, shown

# ---- figures ----


def test_medians_and_percentiles() -> None:
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert percentile(list(range(1, 101)), 99) == 99
    assert percentile([5], 99) == 5
    assert percentile([1, 2, 3], 50) == 2


def finding(*samples: Sample, goal: float | None = 2.0) -> Finding:
    return Finding("row", "tardiness", "plant-1", "h", goal, samples)


def test_a_goal_is_met_by_the_median_and_the_ratio_is_to_the_best_peer() -> None:
    one = finding(
        Sample(OURS, (1.0, 9.0, 1.5)), Sample("EDD", (6.0,)), Sample("FIFO", (3.0,)), Sample("CP", (), "no")
    )
    assert one.met is True
    assert one.ratio() == (0.5, "FIFO")
    assert finding(Sample(OURS, (2.1,))).met is False
    assert finding(Sample(OURS, (), "failed")).met is None
    assert finding(Sample(OURS, (1.0,)), Sample("EDD", (0.0,))).ratio() is None
    assert finding(Sample(OURS, (1.0,)), goal=None).met is None


def test_the_table_shows_goals_reached_and_says_what_is_missing() -> None:
    found = [
        finding(Sample(OURS, (1.0, 2.0, 1.5)), Sample("EDD", (3.0,))),
        finding(Sample(OURS, (), "nothing found"), Sample("EDD", (3.0,))),
    ]
    lines = markdown(found, "2 cores", "quick form").splitlines()
    assert lines[2] == "| tardiness | plant-1 | 2 h | **1.5 h (1 to 2)** | EDD 3 h | 0.50 x EDD |"
    assert lines[3] == "| tardiness | plant-1 | 2 h | - | EDD 3 h |  |"
    assert "1 of 2 goals reached" in lines[5]
    assert lines[7:] == [f"- plant-1, {OURS}: nothing found"]
    assert notes(found) == [f"plant-1, {OURS}: nothing found"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0 s"), (0.124, "0.12 s"), (9.999, "10 s"), (12.34, "12.3 s"), (1234.5, "1,234 s")],
)
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert figure(value, "s") == text
    assert shown(Sample("x", (value,)), "s") == text


def test_the_machine_is_named() -> None:
    told = machine()
    assert int(told["cores"]) >= 1
    assert told["ortools"].startswith("9.")
    text = sentence(told, told)
    assert f"{told['cores']} cores, {told['processor']}" in text
    assert "load average" in text


# ---- plots ----


def test_plots_are_well_formed_and_within_their_frame() -> None:
    curves = {"a <b>": [(0.1, 5.0), (10.0, 2.0)], "c": [(1.0, 3.0)]}
    for log in (False, True):
        root = ET.fromstring(plot("t & t", "x", "y", curves, log_x=log, steps=True))
        paths = [e.get("d", "") for e in root.iter() if (e.get("class") or "") == "c1"]
        numbers = [float(n) for n in re.findall(r"[\d.]+", paths[0])]
        assert max(numbers) <= 640
        assert min(numbers) >= 40
    assert "a <b>" in [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    ET.fromstring(plot("nothing", "x", "y", {"none": []}))


def test_an_ecdf_ends_at_all_of_them() -> None:
    assert ecdf([3.0, 1.0]) == [(1.0, 50.0), (3.0, 100.0)]


def test_an_ecdf_of_many_keeps_its_shape_and_its_slowest() -> None:
    drawn = ecdf([float(n) for n in range(5000)])
    assert len(drawn) < 700
    assert drawn[-3:] == [(4997.0, 99.96), (4998.0, 99.98), (4999.0, 100.0)]
    assert all(percent == pytest.approx(100 * (value + 1) / 5000) for value, percent in drawn)
    assert max(b - a for (a, _), (b, _) in pairwise(drawn)) <= 13
