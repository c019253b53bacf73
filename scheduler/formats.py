"""Reading and writing: cosmo-problem/1, cosmo-schedule/1, and the FJSP and JSP text formats."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from scheduler.errors import FormatError, SchedulerError
from scheduler.model import EPOCH, Assignment, Job, Mode, Operation, Problem, Resource, Schedule, SetupMatrix
from scheduler.shops import flexible_shop, job_shop

PROBLEM = "cosmo-problem/1"
SCHEDULE = "cosmo-schedule/1"


def read_problem(path: str | Path, fmt: str = "cosmo") -> Problem:
    """Read a problem file in format "cosmo", "fjsp" or "jsp"; a name in .gz is unpacked."""
    text = _read_text(Path(path))
    if fmt == "cosmo":
        return problem_from_dict(_json(text, path))
    name = Path(path).name.removesuffix(".gz").removesuffix(".txt")
    if fmt == "fjsp":
        return flexible_shop(name, text)
    if fmt == "jsp":
        return job_shop(name, text)
    raise FormatError(f"there is no format {fmt!r}; choose cosmo, fjsp or jsp")


def read_schedule(path: str | Path) -> Schedule:
    """Read a cosmo-schedule/1 file; a name in .gz is unpacked."""
    return schedule_from_dict(_json(_read_text(Path(path)), path))


def write_problem(problem: Problem, path: str | Path) -> None:
    """Write cosmo-problem/1, packed if the name ends in .gz."""
    _write_text(Path(path), json.dumps(problem_to_dict(problem)))


def write_schedule(schedule: Schedule, path: str | Path) -> None:
    """Write cosmo-schedule/1, packed if the name ends in .gz."""
    _write_text(Path(path), json.dumps(schedule_to_dict(schedule)))


def problem_from_dict(data: dict[str, Any]) -> Problem:
    """A problem from what cosmo-problem/1 holds. Raises FormatError naming what is missing or wrong."""
    if not isinstance(data, dict) or data.get("format") != PROBLEM:
        raise FormatError(f"this is not a {PROBLEM} document")
    try:
        return Problem(
            name=_text(data["name"], "name"),
            origin=_text(data.get("origin", EPOCH), "origin"),
            horizon=_whole(data["horizon"], "horizon"),
            resources=tuple(_resource(r) for r in data["resources"]),
            setups={name: _matrix(name, m) for name, m in data.get("setups", {}).items()},
            jobs=tuple(_job(j) for j in data["jobs"]),
            fixed=tuple(_assignment(a) for a in data.get("fixed", ())),
            goal=data.get("goal", "weighted_tardiness"),
        )
    except KeyError as missing:
        raise FormatError(f"the problem lacks {missing.args[0]!r}") from None
    except FormatError:
        raise
    except (TypeError, AttributeError, ValueError) as wrong:
        raise FormatError(f"the problem is not built as {PROBLEM} asks: {wrong}") from None


def schedule_from_dict(data: dict[str, Any]) -> Schedule:
    """A schedule from what cosmo-schedule/1 holds."""
    if not isinstance(data, dict) or data.get("format") != SCHEDULE:
        raise FormatError(f"this is not a {SCHEDULE} document")
    try:
        bound = data.get("lower_bound")
        return Schedule(
            problem=_text(data["problem"], "problem"),
            objective=_whole(data["objective"], "objective"),
            lower_bound=None if bound is None else _whole(bound, "lower_bound"),
            status=_text(data["status"], "status"),
            seconds=float(data["seconds"]),
            assignments=tuple(_assignment(a) for a in data["assignments"]),
        )
    except KeyError as missing:
        raise FormatError(f"the schedule lacks {missing.args[0]!r}") from None
    except FormatError:
        raise
    except (TypeError, AttributeError, ValueError) as wrong:
        raise FormatError(f"the schedule is not built as {SCHEDULE} asks: {wrong}") from None


def problem_to_dict(problem: Problem) -> dict[str, Any]:
    """What cosmo-problem/1 holds; `fixed`, `goal` and an operation's `release` only where needed."""
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


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    except OSError as error:
        raise FormatError(f"{path.name} cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, EOFError, zlib.error):
        raise FormatError(f"{path.name} is damaged or not text") from None


def _write_text(path: Path, text: str) -> None:
    raw = text.encode()
    try:
        path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    except OSError as error:
        raise SchedulerError(f"{path.name} cannot be written: {error.strerror or error}") from None


def _json(text: str, path: str | Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise FormatError(f"{Path(path).name} is not JSON: {error}") from None


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or int(value) != value:
        raise FormatError(f"{where} is {value!r}, not a whole number")
    return int(value)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise FormatError(f"{where} is {value!r}, not a text")
    return value


def _resource(data: dict[str, Any]) -> Resource:
    name = _text(data["id"], "a resource's id")
    capacity = data.get("capacity")
    return Resource(
        id=name,
        kind=data["kind"],
        calendar=tuple(
            (_whole(a, f"a window of {name}"), _whole(b, f"a window of {name}")) for a, b in data["calendar"]
        ),
        capacity=None if capacity is None else _whole(capacity, f"the capacity of {name}"),
        setup=data.get("setup"),
    )


def _matrix(name: str, data: dict[str, Any]) -> SetupMatrix:
    rows = tuple(tuple(_whole(m, f"a setup in {name}") for m in row) for row in data["minutes"])
    return SetupMatrix(tuple(data["families"]), rows)


def _job(data: dict[str, Any]) -> Job:
    name = _text(data["id"], "a job's id")
    return Job(
        id=name,
        release=_whole(data["release"], f"the release of job {name}"),
        due=_whole(data["due"], f"the due time of job {name}"),
        weight=_whole(data["weight"], f"the weight of job {name}"),
        operations=tuple(_operation(o) for o in data["operations"]),
    )


def _operation(data: dict[str, Any]) -> Operation:
    name = _text(data["id"], "an operation's id")
    lag = data.get("max_lag")
    return Operation(
        id=name,
        modes=tuple(
            Mode(m["resource"], _whole(m["minutes"], f"the minutes of {name}")) for m in data["modes"]
        ),
        family=data.get("family"),
        size=_whole(data.get("size", 1), f"the size of {name}"),
        min_lag=_whole(data.get("min_lag", 0), f"the smallest lag of {name}"),
        max_lag=None if lag is None else _whole(lag, f"the largest lag of {name}"),
        release=_whole(data.get("release", 0), f"the release of {name}"),
    )


def _assignment(data: dict[str, Any]) -> Assignment:
    name = _text(data["operation"], "an assignment's operation")
    return Assignment(
        name,
        _text(data["resource"], f"the resource of {name}"),
        _whole(data["start"], f"the start of {name}"),
        _whole(data["end"], f"the end of {name}"),
    )


def _assignment_dict(a: Assignment) -> dict[str, Any]:
    return {"operation": a.operation, "resource": a.resource, "start": a.start, "end": a.end}


def _resource_dict(r: Resource) -> dict[str, Any]:
    data: dict[str, Any] = {"id": r.id, "kind": r.kind, "calendar": [list(w) for w in r.calendar]}
    if r.capacity is not None:
        data["capacity"] = r.capacity
    if r.setup is not None:
        data["setup"] = r.setup
    return data


def _job_dict(j: Job) -> dict[str, Any]:
    operations = [_operation_dict(o) for o in j.operations]
    return {"id": j.id, "release": j.release, "due": j.due, "weight": j.weight, "operations": operations}


def _operation_dict(o: Operation) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": o.id,
        "modes": [{"resource": m.resource, "minutes": m.minutes} for m in o.modes],
    }
    if o.family is not None:
        data["family"] = o.family
    if o.size != 1:
        data["size"] = o.size
    if o.min_lag:
        data["min_lag"] = o.min_lag
    if o.max_lag is not None:
        data["max_lag"] = o.max_lag
    if o.release:
        data["release"] = o.release
    return data
