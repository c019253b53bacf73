"""The command line: files in, files out, exit codes, one line for what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.__main__ import main
from scheduler.formats import read_problem, read_schedule, write_problem, write_schedule
from tests.scheduler.plants import small_plant

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    write_problem(small_plant(), tmp_path / "pots.json.gz")
    return tmp_path / "pots.json.gz"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scheduler", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)


def test_solve_writes_a_plan_that_verify_passes(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    began = time.monotonic()
    done = run("solve", problem, "--time-limit", "3", "--workers", "1", "--seed", "2", "--out", out)
    assert time.monotonic() - began < 6, "three seconds, one over, and two for a busy machine to start Python"
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pots: ")
    checked = run("verify", problem, out)
    assert checked.returncode == 0
    assert checked.stdout.startswith("feasible: objective ")


def test_verify_tells_what_is_wrong(
    problem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.json"
    assert main(["solve", str(problem), "--time-limit", "0", "--out", str(out)]) == 0
    plan = read_schedule(out)
    write_schedule(type(plan)("pots", plan.objective, None, "x", 0.0, plan.assignments[1:]), out)
    capsys.readouterr()
    assert main(["verify", str(problem), str(out)]) == 1
    assert "operation missing (1): " in capsys.readouterr().out


@pytest.fixture
def plan(problem: Path, tmp_path: Path) -> Path:
    assert main(["solve", str(problem), "--time-limit", "0", "--out", str(tmp_path / "plan.json")]) == 0
    return tmp_path / "plan.json"


def test_render_writes_a_page_or_a_picture(problem: Path, plan: Path, tmp_path: Path) -> None:
    for name, begins in (("plan.html", "<!doctype html>"), ("plan.svg", "<?xml")):
        assert main(["render", str(problem), str(plan), "--out", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_render_takes_minutes_and_dates(problem: Path, plan: Path, tmp_path: Path) -> None:
    dated = replace(read_problem(problem), origin="2026-01-05T00:00:00Z")
    write_problem(dated, problem)
    pictures = []
    for start, end in (("60", "120"), ("2026-01-05T01:00", "2026-01-05T03:00+01:00")):
        out = tmp_path / "plan.svg"
        words = ["render", str(problem), str(plan), "--out", str(out), "--from", start, "--until", end]
        assert main(words) == 0
        pictures.append(out.read_text(encoding="utf-8"))
    assert pictures[0] == pictures[1]
    assert "Mon 5 Jan 01:00 to Mon 5 Jan 02:00" in pictures[0]


def test_why_tells_the_causes_in_words_and_as_data(
    problem: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["why", str(problem), str(plan), "x"]) == 0
    said = capsys.readouterr().out.splitlines()
    places = read_schedule(plan).by_operation()
    assert said[0].startswith(f"Job x ends minute {places['x.pack'].end}, ")
    assert said[1].startswith("It takes ")
    assert said[3].endswith(f"pack works on x.pack until minute {places['x.pack'].end}.")
    assert main(["why", str(problem), str(plan), "x", "--json"]) == 0
    causes = json.loads(capsys.readouterr().out)
    assert sum(cause["minutes"] for cause in causes) == places["x.pack"].end
    assert causes[0]["kind"] == "work"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["solve", "nowhere.json"], "scheduler: nowhere.json cannot be read: No such file or directory"),
        (["solve", "PROBLEM", "--format", "jsp"], "scheduler: line 1 "),
        (["solve", "PROBLEM", "--workers", "0"], "there is at least one worker"),
        (["solve", "PROBLEM", "--time-limit", "0", "--out", "/nowhere/x"], "scheduler: x cannot be written"),
        (["why", "PROBLEM", "PLAN", "q"], "scheduler: there is no job q in problem pots"),
        (["render", "PROBLEM", "PLAN", "--out", "x.png"], "x.png ends in neither .html nor .svg"),
        (["render", "PROBLEM", "PLAN", "--out", "/nowhere/x.svg"], "scheduler: x.svg cannot be written"),
        (["render", "PROBLEM", "PLAN", "--out", "x.svg", "--from", "noon"], "'noon' is neither a minute nor"),
        (["render", "PROBLEM", "PLAN", "--out", "x.svg", "--width", "9"], "9 pixels are too few"),
        (["verify", "PROBLEM", "PROBLEM"], "scheduler: this is not a cosmo-schedule/1 document"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], sentence: str, problem: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"PROBLEM": str(problem), "PLAN": str(plan)}
    assert main([files.get(a, a) for a in arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
