"""A plan in a few sentences and numbers: what stands above and beside the board."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.drawing.view import View
from scheduler.verifier import Report, verify


@dataclass(frozen=True, slots=True)
class Late:
    """A late job: when it was due, when it ends, in minutes; `cost` is weight times minutes late."""

    id: str
    due: int
    end: int
    cost: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The title, one sentence under it, what the verifier finds wrong, and the late jobs, worst first."""

    title: str
    sentence: str
    wrong: str
    late: tuple[Late, ...]
    on_time: int


def summary_of(view: View) -> Summary:
    """Everything that is told about a plan, recomputed from its places."""
    report = verify(view.problem, view.schedule)
    late = sorted(_late(view), key=lambda job: (-job.cost, -job.end, job.id))
    return Summary(
        _title(view, report, len(late)),
        _sentence(view, report),
        _wrong(report),
        tuple(late),
        len(view.problem.jobs) - len(late),
    )


def _late(view: View) -> list[Late]:
    places = view.plan.places
    jobs = [job for job in view.problem.jobs if job.id in view.late]
    ends = {job.id: places[job.operations[-1].id].end for job in jobs}
    return [Late(job.id, job.due, ends[job.id], job.weight * view.late[job.id]) for job in jobs]


def _title(view: View, report: Report, late: int) -> str:
    name, jobs = view.problem.name, len(view.problem.jobs)
    if view.problem.goal == "makespan":
        return f"{name}: {jobs} jobs done in {report.objective:,} minutes"
    if not late:
        return f"{name}: all {jobs:,} jobs are on time"
    return f"{name}: {late:,} of {jobs:,} jobs {'is' if late == 1 else 'are'} late"


def _sentence(view: View, report: Report) -> str:
    bound = view.schedule.lower_bound
    firings = f", {report.firings:,} firings" if report.firings else ""
    parts = [
        f"{len(view.plan.places):,} operations on {len(view.rows):,} resources{firings}",
        f"{view.calendar.moment(view.start)} to {view.calendar.moment(view.end)}",
        *([view.schedule.status] if report.feasible else []),
    ]
    if view.problem.goal == "weighted_tardiness":
        parts.insert(0, f"weighted tardiness {_hours(view, report.objective)} a job")
    if bound:
        shown = f"{bound:,} min" if view.problem.goal == "makespan" else f"{_hours(view, bound)} a job"
        parts.append(f"no plan is below {shown}")
    text = "; ".join(parts)
    return text[0].upper() + text[1:] + "."


def _hours(view: View, minutes: int) -> str:
    """Weighted minutes as hours a job."""
    return f"{minutes / 60 / max(len(view.problem.jobs), 1):,.1f} h"


def _wrong(report: Report) -> str:
    if report.feasible:
        return ""
    kinds = [f"{kind} ({report.counts[kind]:,}): {found[0]}" for kind, found in report.violations.items()]
    return "Not feasible: " + "; ".join(kinds) + "."
