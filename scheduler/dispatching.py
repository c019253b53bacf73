"""A first plan by rules, and a short search for the rules that suit the problem (see `kernel.rules`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scheduler.columns import Columns
from scheduler.engine import Pure
from scheduler.errors import Unsolvable
from scheduler.kernel import rules as kernels
from scheduler.kernel.desks import A_LOAD, BLOCK, DESK, DESKS, DESKS_N, HEAD, HEAP, LATEST, LOADS
from scheduler.kernel.memory import DIMS, FAR, OPERATION
from scheduler.model import Problem, objective_of
from scheduler.plan import Plan


@dataclass(frozen=True, slots=True)
class Rules:
    """How urgency is weighed. Minutes, except `fill`: the part of a kiln's capacity worth a firing."""

    slack: float = 3000.0
    setup: float = 10.0
    fill: float = 0.6
    patience: float = 600.0


CHOICES = (Rules(), Rules(slack=6000.0), Rules(slack=1500.0), Rules(fill=0.8), Rules(patience=1200.0))
"""What `tuned` tries, in this order."""


def dispatch(
    problem: Problem, rules: Rules | None = None, *, frozen_before: int = 0, engine: Pure | None = None
) -> Plan:
    """A feasible plan. Raises Unsolvable when the calendars run out."""
    plan = Plan(problem, frozen_before=frozen_before, engine=engine)
    run_rules(plan, rules or Rules())
    return plan


def run_rules(plan: Plan, rules: Rules) -> None:
    """Place all that is not placed. Raises Unsolvable, naming the operation."""
    failed = attempt(plan, rules)
    if failed:
        op = plan.operations[(failed - plan.first) // OPERATION]
        names = ", ".join(mode.resource for mode in op.modes)
        raise Unsolvable(op.id, f"no free place left in the calendars of {names}")


def attempt(plan: Plan, rules: Rules) -> int:
    """Place all that is not placed. Returns 0, or where the operation lies that has no place."""
    jobs = plan.problem.jobs
    ints, floats = plan.engine.ints, plan.engine.floats
    longest = max((len(job.operations) for job in jobs), default=0)
    ops, square = len(plan.operations), 3 * longest * longest
    failed: int = plan.run(
        kernels.dispatch, _desk(plan), floats([0.0] * ops),
        floats([rules.slack, rules.setup, rules.fill, rules.patience]), plan.jobs, len(jobs),
        floats([0.0] * (ops + 1)), ints(2 * ops), ints(square), ints(square),
    )  # fmt: skip
    return failed


def _desk(plan: Plan) -> Any:
    """The rules' list: its head, the desks, the queues, the heap, and what is known of operations."""
    demand, ops = plan.board.demand, len(plan.operations)
    numbers = [0] * HEAD
    numbers[DESKS], numbers[DESKS_N] = HEAD, len(demand)
    at = HEAD + DESK * len(demand)
    for wanted in demand:
        numbers += FAR, 0, -1, at, 0, 0
        at += 2 * wanted
    heap = 4 * (ops + sum(demand) + len(demand) + 1)
    loads = 1 + int(plan.board.memory[DIMS]) + A_LOAD * max([1, *demand])
    for place, length in ((HEAP, heap), (BLOCK, ops), (LATEST, ops), (LOADS, loads)):
        numbers[place] = at
        at += length
    desk = plan.engine.ints(at)
    plan.engine.write(desk, 0, numbers)
    return desk


def tuned(
    problem: Problem,
    choices: Iterable[Rules] = CHOICES,
    *,
    frozen_before: int = 0,
    engine: Pure | None = None,
    columns: Columns | None = None,
) -> Plan:
    """The best of the plans that these rules make. `columns`: as `Plan` takes them."""
    empty = Plan(problem, frozen_before=frozen_before, engine=engine, columns=columns)
    first, *others = choices
    if not others:
        run_rules(empty, first)
        return empty
    best: Plan | None = None
    least = FAR
    for rules in (first, *others):
        plan = empty.copy()
        run_rules(plan, rules)
        cost = objective_of(problem, plan.last_ends())
        if best is None or cost < least:
            best, least = plan, cost
    assert best is not None
    return best
