"""Plants like the published instances, for any number of orders."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from random import Random

from scheduler.generating import reference as plant_of
from scheduler.generating.chance import between, by_deciles, normal, one_of, some_of, weighted
from scheduler.generating.reference import AREAS, DAY, GROUPS, Area, Group
from scheduler.model import Job, Mode, Operation, Problem, Resource, Schedule, SetupMatrix

ORIGIN = "2026-01-05T00:00:00Z"
Calendar = tuple[tuple[int, int], ...]


def plant(orders: int, seed: int = 0) -> Problem:
    """The reference plant with so many orders, spread over as many days as it takes to make them.

    56 resources and about 8.5 operations an order, as in shared instances `plant-50` to `plant-5000`; those
    themselves are not reproduced.
    """
    random = Random(f"plant {seed}")
    days = math.ceil(orders / plant_of.ORDERS_A_DAY)
    horizon = (days + plant_of.RUN_OUT) * DAY
    return Problem(
        name=f"plant-{orders}-seed-{seed}",
        origin=ORIGIN,
        horizon=horizon,
        resources=tuple(_resources(random, horizon)),
        setups=_setups(),
        jobs=tuple(_order(random, str(n), orders) for n in range(orders)),
    )


def planted(problem: Problem, schedule: Schedule, spare: int = 120) -> Problem:
    """The problem with each job due `spare` minutes after the plan ends it: its best objective is then 0."""
    ends = {a.operation: a.end for a in schedule.assignments}
    jobs = tuple(replace(job, due=ends[job.operations[-1].id] + spare) for job in problem.jobs)
    return replace(problem, name=f"{problem.name}-planted", jobs=jobs)


# ---- what there is ----


def _resources(random: Random, horizon: int) -> list[Resource]:
    made = []
    for group in GROUPS:
        for n in range(len(group.speeds)):
            shifts = _shifts(random, group, horizon)
            made.append(Resource(f"{group.name}{n + 1}", "machine", shifts, setup=group.setup))
        if group.name == "FORM_TW":
            made += [
                Resource(f"DRY{n + 1}", "pool", ((0, horizon),), capacity=plant_of.DRYER_ROOM)
                for n in range(plant_of.DRYERS)
            ]
            made += [
                Resource(f"KILN{n + 1}", "batch", _kiln_time(random, horizon), capacity=room, setup="KILN")
                for n, room in enumerate(plant_of.KILNS)
            ]
    return made


def _shifts(random: Random, group: Group, horizon: int) -> Calendar:
    """The week's shifts, without the hours of maintenance that fall into them."""
    start, end = group.shift
    windows = [(day * DAY + start, day * DAY + end) for day in range(horizon // DAY) if day % 7 < group.days]
    every = plant_of.SERVICE_EVERY
    at = between(random, 0, every)
    while (window := next((w for w in windows if w[0] >= at), None)) is not None:
        minutes = one_of(random, plant_of.SERVICE)
        begin = window[0] + 60 * between(random, 0, max(0, window[1] - window[0] - minutes) // 60)
        windows = _without(windows, begin, begin + minutes)
        at += every * between(random, 50, 150) // 100
    return tuple(windows)


def _kiln_time(random: Random, horizon: int) -> Calendar:
    windows = [(0, horizon)]
    every = plant_of.KILN_SERVICE_EVERY
    at = between(random, 0, every)
    while at < horizon:
        begin = at - at % 60
        windows = _without(windows, begin, begin + one_of(random, plant_of.KILN_SERVICE))
        at += every * between(random, 80, 180) // 100
    return tuple(windows)


def _without(windows: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    parts = [(a, min(b, start)) for a, b in windows] + [(max(a, end), b) for a, b in windows]
    return sorted((a, b) for a, b in set(parts) if a < b)


def _setups() -> dict[str, SetupMatrix]:
    shapes = _matrix("f", 24, lambda i, j: 0 if i == j else 15 if i // 4 == j // 4 else 40)
    return {
        "PREP": _matrix("p", 4, lambda i, j: 0 if i == j else 15),
        "FORM_TILE": shapes,
        "FORM_TW": shapes,
        "KILN": _matrix("P", 8, lambda i, j: 60 if i == j else 120),
        "GLAZE": _matrix("g", 20, _glaze_change),
    }


def _glaze_change(i: int, j: int) -> int:
    """From light to dark is quick; from dark to light the line is washed, the longer the darker it was."""
    if i == j:
        return 0
    return 8 + (j - i) // 2 if i < j else min(45, 15 + 2 * (i - j))


def _matrix(letter: str, count: int, minutes: Callable[[int, int], int]) -> SetupMatrix:
    rows = tuple(tuple(minutes(i, j) for j in range(count)) for i in range(count))
    return SetupMatrix(tuple(f"{letter}{n}" for n in range(count)), rows)


# ---- what is ordered ----


def _order(random: Random, name: str, orders: int) -> Job:
    """One order: what it is, when it comes, when it is wanted."""
    operations = _route(random, name)
    came = int(random.random() * orders / plant_of.ORDERS_A_DAY * DAY) - plant_of.BACKLOG
    release = max(0, came)
    alone = sum(min(m.minutes for m in op.modes) + op.min_lag for op in operations)
    slack = int(by_deciles(random, plant_of.SLACK) * DAY)
    weight = plant_of.WEIGHTS[weighted(random, [share for _, share in plant_of.WEIGHTS])][0]
    return Job(name, release, release + alone + slack, weight, operations)


def _route(random: Random, name: str) -> tuple[Operation, ...]:
    """Prepare, form, dry, fire, glaze, decorate, fire again, maybe paint and fire a third time, pack."""
    area = AREAS[weighted(random, [a.share for a in AREAS])]
    mean, deviation = area.size
    size = max(1, min(plant_of.LARGEST, round(math.exp(mean + deviation * normal(random)))))
    shape, glaze = weighted(random, plant_of.SHAPES), weighted(random, plant_of.GLAZES)
    steps = [
        _step(random, area, "PREP", size, f"p{weighted(random, plant_of.CLAYS)}"),
        replace(_step(random, area, area.former, size, f"f{shape}"), max_lag=plant_of.WET),
        _drying(one_of(random, area.drying), size),
    ]
    if random.random() >= area.unfired:
        recipe, minutes, _ = plant_of.BISQUE[weighted(random, [b[2] for b in plant_of.BISQUE])]
        steps.append(_firing(recipe, minutes, size, "bisque"))
    steps.append(_step(random, area, "GLAZE", size, f"g{glaze}"))
    how = plant_of.DECORATION[weighted(random, [d[1] for d in plant_of.DECORATION])][0]
    if how:
        steps.append(_step(random, area, how, size, None))
    recipe, minutes, _ = plant_of.GLOSS[weighted(random, [g[2] for g in plant_of.GLOSS])]
    steps.append(_firing(recipe, minutes, size, "gloss"))
    if random.random() < plant_of.THIRD_FIRING:
        steps.append(_step(random, area, "PAINT", size, None))
        steps.append(_firing(*plant_of.LUSTRE, size, "lustre"))
    steps += [_step(random, area, "INSPECT", size, None), _step(random, area, "PACK", size, None)]
    return tuple(replace(step, id=f"{name}.{n}") for n, step in enumerate(steps))


def _step(random: Random, area: Area, group_name: str, size: int, family: str | None) -> Operation:
    group = next(g for g in GROUPS if g.name == group_name)
    minutes = _painting(random, area, size) if group_name == "PAINT" else _minutes(area, group_name, size)
    machines = _machines(random, group)
    modes = tuple(Mode(f"{group_name}{n + 1}", max(1, round(minutes * group.speeds[n]))) for n in machines)
    return Operation("", modes, family, min_lag=plant_of.LAG_AFTER.get(group_name, 0))


def _minutes(area: Area, group: str, size: int) -> float:
    fixed, each = area.minutes[group]
    return fixed + each * size


def _painting(random: Random, area: Area, size: int) -> float:
    least, most = area.painting
    each = least + (most - least) * random.random() ** 2
    return min(size * each, between(random, *plant_of.PAINTED_AT_MOST))


def _machines(random: Random, group: Group) -> list[int]:
    """Which of the group this order may use: painters in neighbouring pairs, others as they come."""
    everyone = range(len(group.speeds))
    if group.name == "PAINT":
        first = 2 * between(random, 0, len(everyone) // 2 - 1)
        return sorted((first + k) % len(everyone) for k in range(4))
    return some_of(random, everyone, one_of(random, group.eligible)) if group.eligible else list(everyone)


def _drying(minutes: int, size: int) -> Operation:
    modes = tuple(Mode(f"DRY{n + 1}", minutes) for n in range(plant_of.DRYERS))
    return Operation("", modes, size=size, max_lag=plant_of.DRIED)


def _firing(recipe: str, minutes: int, size: int, which: str) -> Operation:
    first = 2 if recipe in plant_of.LARGE_KILNS_ONLY else 0
    modes = tuple(Mode(f"KILN{n + 1}", minutes) for n in range(first, len(plant_of.KILNS)))
    return Operation("", modes, recipe, size, min_lag=plant_of.LAG_AFTER_FIRING[which])
