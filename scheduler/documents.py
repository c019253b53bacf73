"""The documents cosmo-problem/1 and cosmo-schedule/1 to and from the model.

Keys at their defaults are left out, so that a problem which does not use the second depth (needs, pauses,
least loads, loading and cooling, promises, deadlines, several dimensions) is written as it always was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from scheduler.errors import FormatError
from scheduler.model import (
    EPOCH,
    Amount,
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    Schedule,
    SetupMatrix,
)

PROBLEM = "cosmo-problem/1"
SCHEDULE = "cosmo-schedule/1"

_Made = TypeVar("_Made")


def problem_from_dict(data: dict[str, Any]) -> Problem:
    """A problem from what cosmo-problem/1 holds. Raises FormatError naming what is missing or wrong."""
    if not isinstance(data, dict) or data.get("format") != PROBLEM:
        raise FormatError(f"this is not a {PROBLEM} document")
    return _guarded("problem", PROBLEM, lambda: _problem(data))


def schedule_from_dict(data: dict[str, Any]) -> Schedule:
    """A schedule from what cosmo-schedule/1 holds. Raises FormatError naming what is missing or wrong."""
    if not isinstance(data, dict) or data.get("format") != SCHEDULE:
        raise FormatError(f"this is not a {SCHEDULE} document")
    return _guarded("schedule", SCHEDULE, lambda: _schedule(data))


def _guarded(what: str, form: str, make: Callable[[], _Made]) -> _Made:
    try:
        return make()
    except KeyError as missing:
        raise FormatError(f"the {what} lacks {missing.args[0]!r}") from None
    except FormatError:
        raise
    except (TypeError, AttributeError, ValueError) as wrong:
        raise FormatError(f"the {what} is not built as {form} asks: {wrong}") from None


# ---- reading ----


def _problem(data: dict[str, Any]) -> Problem:
    modes: dict[Any, Any] = {}
    return Problem(
        name=_text(data["name"], "name"),
        origin=_text(data.get("origin", EPOCH), "origin"),
        horizon=_whole(data["horizon"], "horizon"),
        resources=tuple(_resource(r) for r in data["resources"]),
        setups={name: _matrix(name, m) for name, m in data.get("setups", {}).items()},
        jobs=tuple(_job(j, modes) for j in data["jobs"]),
        fixed=tuple(_assignment(a) for a in data.get("fixed", ())),
        goal=data.get("goal", "weighted_tardiness"),
    )


def _schedule(data: dict[str, Any]) -> Schedule:
    return Schedule(
        problem=_text(data["problem"], "problem"),
        objective=_whole(data["objective"], "objective"),
        lower_bound=_perhaps(data.get("lower_bound"), "lower_bound"),
        status=_text(data["status"], "status"),
        seconds=float(data["seconds"]),
        assignments=tuple(_assignment(a) for a in data["assignments"]),
    )


def _what(where: str, name: str) -> str:
    return f"{where} {name}" if name else where


def _whole(value: Any, where: str, name: str = "") -> int:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or int(value) != value:
        raise FormatError(f"{_what(where, name)} is {value!r}, not a whole number")
    return int(value)


def _perhaps(value: Any, where: str, name: str = "") -> int | None:
    return None if value is None else _whole(value, where, name)


def _amount(value: Any, where: str, name: str) -> Amount:
    """A whole number, or a list of them, one a dimension."""
    if not isinstance(value, list):
        return _whole(value, where, name)
    if not value:
        raise FormatError(f"{_what(where, name)} is an empty list, not a number a dimension")
    return tuple(_whole(number, where, name) for number in value)


def _text(value: Any, where: str, name: str = "") -> str:
    """A text; the same object for the same text, since ids are looked up again and again."""
    if not isinstance(value, str):
        raise FormatError(f"{_what(where, name)} is {value!r}, not a text")
    return sys.intern(value)


def _word(value: Any, where: str, name: str) -> str | None:
    return None if value is None else _text(value, where, name)


def _flag(value: Any, where: str, name: str) -> bool:
    if not isinstance(value, bool):
        raise FormatError(f"{_what(where, name)} is {value!r}, not true or false")
    return value


def _rows(value: Any, where: str, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise FormatError(f"{_what(where, name)} are {value!r}, not a list")
    return value


def _resource(data: dict[str, Any]) -> Resource:
    name = _text(data["id"], "a resource's id")
    capacity = data.get("capacity")
    return Resource(
        id=name,
        kind=data["kind"],
        calendar=tuple(
            (_whole(a, "a window of", name), _whole(b, "a window of", name)) for a, b in data["calendar"]
        ),
        capacity=None if capacity is None else _amount(capacity, "the capacity of", name),
        setup=_word(data.get("setup"), "the setup matrix of", name),
        least_load=_whole(data.get("least_load", 0), "the least load of", name),
        loading=_whole(data.get("loading", 0), "the loading of", name),
        cooling=_whole(data.get("cooling", 0), "the cooling of", name),
    )


def _matrix(name: str, data: dict[str, Any]) -> SetupMatrix:
    rows = tuple(tuple(_whole(m, "a setup in", name) for m in row) for row in data["minutes"])
    return SetupMatrix(tuple(_text(f, "a family of", name) for f in data["families"]), rows)


def _job(data: dict[str, Any], modes: dict[Any, Any]) -> Job:
    name = _text(data["id"], "a job's id")
    return Job(
        id=name,
        release=_whole(data["release"], "the release of job", name),
        due=_whole(data["due"], "the due time of job", name),
        weight=_whole(data["weight"], "the weight of job", name),
        operations=tuple(_operation(o, modes) for o in data["operations"]),
        promised=_perhaps(data.get("promised"), "the promise of job", name),
        deadline=_perhaps(data.get("deadline"), "the deadline of job", name),
    )


def _operation(data: dict[str, Any], modes: dict[Any, Any]) -> Operation:
    name = _text(data["id"], "an operation's id")
    return Operation(
        id=name,
        modes=_modes(data["modes"], name, modes),
        family=_word(data.get("family"), "the family of", name),
        size=_amount(data.get("size", 1), "the size of", name),
        min_lag=_whole(data.get("min_lag", 0), "the smallest lag of", name),
        max_lag=_perhaps(data.get("max_lag"), "the largest lag of", name),
        release=_whole(data.get("release", 0), "the release of", name),
        may_pause=_flag(data.get("may_pause", False), "may_pause of", name),
    )


def _modes(data: list[Any], name: str, known: dict[Any, Any]) -> tuple[Mode, ...]:
    """The modes; one object for all that are alike, of which a plant has many."""
    modes = tuple([_mode(m, name, known) for m in data])
    shared: tuple[Mode, ...] = known.setdefault(tuple(map(id, modes)), modes)
    return shared


def _mode(data: dict[str, Any], name: str, known: dict[Any, Any]) -> Mode:
    resource = _text(data["resource"], "a resource of", name)
    minutes = _whole(data["minutes"], "the minutes of", name)
    needs: tuple[Need, ...] = ()
    if "needs" in data:
        needs = tuple(_need(n, name) for n in _rows(data["needs"], "the needs of", name))
    key = (resource, minutes, needs) if needs else (resource, minutes)
    mode: Mode | None = known.get(key)
    if mode is None:
        mode = known[key] = Mode(resource, minutes, needs)
    return mode


def _need(data: Any, name: str) -> Need:
    if not isinstance(data, dict):
        raise FormatError(f"a need of {name} is {data!r}, not a resource and an amount")
    resource = _text(data["resource"], "a need's resource of", name)
    return Need(resource, _whole(data.get("amount", 1), f"the amount of {resource} for", name))


def _assignment(data: dict[str, Any]) -> Assignment:
    name = _text(data["operation"], "an assignment's operation")
    return Assignment(
        name,
        _text(data["resource"], "the resource of", name),
        _whole(data["start"], "the start of", name),
        _whole(data["end"], "the end of", name),
    )


# ---- writing ----


def problem_to_dict(problem: Problem) -> dict[str, Any]:
    """What cosmo-problem/1 holds."""
    data: dict[str, Any] = {
        "format": PROBLEM,
        "name": problem.name,
        "time_unit": "minute",
        "origin": problem.origin,
        "horizon": problem.horizon,
        "resources": [_resource_dict(r) for r in problem.resources],
        "setups": {
            name: {"families": list(m.families), "minutes": [list(row) for row in m.minutes]}
            for name, m in problem.setups.items()
        },
        "jobs": [_job_dict(j) for j in problem.jobs],
    }
    if problem.fixed:
        data["fixed"] = [_assignment_dict(a) for a in problem.fixed]
    if problem.goal != "weighted_tardiness":
        data["goal"] = problem.goal
    return data


def schedule_to_dict(schedule: Schedule) -> dict[str, Any]:
    """What cosmo-schedule/1 holds."""
    return {
        "format": SCHEDULE,
        "problem": schedule.problem,
        "objective": schedule.objective,
        "lower_bound": schedule.lower_bound,
        "status": schedule.status,
        "seconds": round(schedule.seconds, 3),
        "assignments": [_assignment_dict(a) for a in schedule.assignments],
    }


def _set(data: dict[str, Any], default: Any, **values: Any) -> None:
    """Add the values that are not at their default."""
    for key, value in values.items():
        if value != default:
            data[key] = list(value) if isinstance(value, tuple) else value


def _assignment_dict(a: Assignment) -> dict[str, Any]:
    return {"operation": a.operation, "resource": a.resource, "start": a.start, "end": a.end}


def _resource_dict(r: Resource) -> dict[str, Any]:
    data: dict[str, Any] = {"id": r.id, "kind": r.kind, "calendar": [list(w) for w in r.calendar]}
    _set(data, None, capacity=r.capacity, setup=r.setup)
    _set(data, 0, least_load=r.least_load, loading=r.loading, cooling=r.cooling)
    return data


def _job_dict(j: Job) -> dict[str, Any]:
    operations = [_operation_dict(o) for o in j.operations]
    data = {"id": j.id, "release": j.release, "due": j.due, "weight": j.weight, "operations": operations}
    _set(data, None, promised=j.promised, deadline=j.deadline)
    return data


def _operation_dict(o: Operation) -> dict[str, Any]:
    data: dict[str, Any] = {"id": o.id, "modes": [_mode_dict(m) for m in o.modes]}
    _set(data, None, family=o.family)
    _set(data, 1, size=o.size)
    _set(data, 0, min_lag=o.min_lag)
    _set(data, None, max_lag=o.max_lag)
    _set(data, 0, release=o.release)
    _set(data, False, may_pause=o.may_pause)
    return data


def _mode_dict(m: Mode) -> dict[str, Any]:
    data: dict[str, Any] = {"resource": m.resource, "minutes": m.minutes}
    if m.needs:
        data["needs"] = [{"resource": n.resource, "amount": n.amount} for n in m.needs]
    return data
