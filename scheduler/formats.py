"""Reading and writing files: cosmo-problem/1, cosmo-schedule/1, and the FJSP and JSP text formats."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from scheduler.collecting import uncollected
from scheduler.documents import (
    PROBLEM,
    SCHEDULE,
    problem_from_dict,
    problem_to_dict,
    schedule_from_dict,
    schedule_to_dict,
)
from scheduler.errors import FormatError, SchedulerError
from scheduler.model import Problem, Schedule
from scheduler.shops import flexible_shop, job_shop

__all__ = [
    "PROBLEM",
    "SCHEDULE",
    "problem_from_dict",
    "problem_to_dict",
    "read_problem",
    "read_schedule",
    "schedule_from_dict",
    "schedule_to_dict",
    "write_problem",
    "write_schedule",
]


def read_problem(path: str | Path, fmt: str = "cosmo") -> Problem:
    """Read a problem file in format "cosmo", "fjsp" or "jsp"; a name in .gz is unpacked."""
    text = _read_text(Path(path))
    if fmt == "cosmo":
        with uncollected():
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
