"""`why PROBLEM SCHEDULE JOB`: the chain of causes behind a job's finish."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from scheduler.commands.files import add_files, read_files

if TYPE_CHECKING:
    from scheduler.explaining import Cause
    from scheduler.model import Job, Problem


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Make the command known."""
    parser = commands.add_parser("why", help="tell why a job ends when it does")
    parser.set_defaults(run=run)
    add_files(parser)
    parser.add_argument("job", metavar="JOB", help="the job's id")
    parser.add_argument("--json", action="store_true", help="the causes as data")


def run(options: argparse.Namespace) -> int:
    """Print the causes, the last one first."""
    from scheduler.explaining import why

    problem, schedule = read_files(options)
    causes = why(problem, schedule, options.job)
    if options.json:
        print(json.dumps([asdict(cause) | {"minutes": cause.minutes} for cause in causes], indent=1))
        return 0
    job = next(j for j in problem.jobs if j.id == options.job)
    for line in _told(problem, job, causes):
        print(line)
    return 0


def _told(problem: Problem, job: Job, causes: tuple[Cause, ...]) -> list[str]:
    from scheduler.saying import Calendar, span

    calendar = Calendar(problem.origin)
    widest = max(len(span(cause.minutes)) for cause in causes)
    head = f"Job {job.id} ends {calendar.moment(causes[0].end)}{_lateness(problem, job, causes[0].end)}."
    steps = [f"  {span(cause.minutes):>{widest}}  {cause.sentence}" for cause in causes]
    return [head, _sums(causes), "Back from its end:", *steps]


def _lateness(problem: Problem, job: Job, end: int) -> str:
    from scheduler.saying import span

    if problem.goal == "makespan":
        return ""
    over = end - job.due
    return f", {span(over)} late" if over > 0 else f", {span(-over)} before it is due"


def _sums(causes: tuple[Cause, ...]) -> str:
    """How its time divides: work, and the waits by kind, the longest first."""
    from scheduler.explaining import WORK
    from scheduler.saying import span

    minutes: Counter[str] = Counter()
    for cause in causes:
        minutes["work" if cause.kind in WORK else cause.kind] += cause.minutes
    work = minutes.pop("work", 0)
    waits = ", ".join(f"{kind} {span(count)}" for kind, count in minutes.most_common())
    return f"It takes {span(work + minutes.total())}: work {span(work)}{'; waits: ' if waits else ''}{waits}."
