"""The pictures in README.md: each shows a plan that keeps the rules, and is the one that the code draws."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from scheduler.drawing import pictures
from scheduler.drawing.pictures import FOLDER, PICTURES, pottery
from scheduler.model import Problem, Schedule
from scheduler.verifier import verify

README = Path(__file__).resolve().parents[2] / "scheduler" / "README.md"


@pytest.mark.parametrize("name", PICTURES)
def test_the_file_is_what_the_code_draws(name: str) -> None:
    """After a change: python3 -m scheduler.drawing.pictures"""
    assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8") == PICTURES[name]()
    ET.fromstring(PICTURES[name]())


def test_every_picture_is_in_the_readme_and_every_one_there_exists() -> None:
    shown = set(re.findall(r"pictures/([\w-]+)\.svg", README.read_text(encoding="utf-8")))
    assert shown == set(PICTURES) == {path.stem for path in FOLDER.iterdir()}


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_shown_keeps_the_rules(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Problem, Schedule]] = []
    real = pictures.view_of

    def watched(problem: Problem, plan: Schedule, *more: Any) -> Any:
        made.append((problem, plan))
        return real(problem, plan, *more)

    monkeypatch.setattr(pictures, "view_of", watched)
    PICTURES[name]()
    ((problem, plan),) = made
    assert verify(problem, plan).violations == {}


def test_the_pottery_has_one_late_job() -> None:
    assert verify(*pottery()).late_jobs == 1
