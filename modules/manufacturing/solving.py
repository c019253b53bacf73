"""Run as a process of its own: reads a problem with its standing schedule, writes a better schedule.

`python -m modules.manufacturing.solving ASKED ANSWERED`
"""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from scheduler.compiling import load
from scheduler.errors import SchedulerError
from scheduler.formats import problem_from_dict, schedule_from_dict, schedule_to_dict
from scheduler.model import Problem, Schedule
from scheduler.rescheduling import Repair, repair
from scheduler.search import load_model
from scheduler.solver import solve


def main(asked: str, answered: str) -> None:
    """Improve for the seconds the question grants, preferring few moves."""
    os.nice(10)  # pages and scans come first
    load_model()  # takes longer than the seconds granted, which are for solving
    load()
    body = json.loads(Path(asked).read_text())
    problem, schedule = problem_from_dict(body["problem"]), schedule_from_dict(body["schedule"])
    better = _better(problem, schedule, body["now"], body["seconds"])
    by_rules = _by_rules(problem_from_dict(body["promised"]), body["now"])
    answer = {"schedule": schedule_to_dict(better.schedule), "by_rules": by_rules}
    Path(answered).write_text(json.dumps(answer))


def _better(problem: Problem, schedule: Schedule, now: int, seconds: float) -> Repair:
    """Improved; where what stands must be mended first, somebody may have to end later than planned."""
    try:
        return repair(problem, schedule, now=now, time_limit=seconds, workers=2)
    except SchedulerError:
        free = tuple(replace(job, deadline=None) for job in problem.jobs)
        return repair(replace(problem, jobs=free), schedule, now=now, time_limit=seconds, workers=2)


def _by_rules(problem: Problem, now: int) -> int | None:
    """What dispatch rules alone would reach, starting from nothing; None where they find no plan."""
    try:
        return solve(problem, time_limit=0, frozen_before=now).objective
    except SchedulerError:
        return None


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
