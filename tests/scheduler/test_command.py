"""The command line: files in, files out, exit codes, one line for what is wrong."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from scheduler.__main__ import main
from scheduler.formats import read_schedule, write_problem, write_schedule
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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["solve", "nowhere.json"], "scheduler: nowhere.json cannot be read: No such file or directory"),
        (["solve", "PROBLEM", "--format", "jsp"], "scheduler: line 1 "),
        (["solve", "PROBLEM", "--workers", "0"], "there is at least one worker"),
        (["solve", "PROBLEM", "--time-limit", "0", "--out", "/nowhere/x"], "scheduler: x cannot be written"),
        (["verify", "PROBLEM", "PROBLEM"], "scheduler: this is not a cosmo-schedule/1 document"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], sentence: str, problem: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(problem) if a == "PROBLEM" else a for a in arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
