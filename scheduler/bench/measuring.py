"""Every measurement runs in a process of its own: cold, alone with its memory, and stopped when it hangs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
"""Where `scheduler` is imported from."""
SPARE = 180.0
"""Seconds over its time limit after which a measurement is given up."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task found, or in `failed` why it found nothing, in one sentence."""

    values: dict[str, Any] = field(default_factory=dict)
    failed: str = ""


def measure(task: str, *, python: str | None = None, patience: float = SPARE, **arguments: Any) -> Measured:
    """Run a task of `scheduler.bench.tasks` in a fresh process; its arguments and answer are JSON."""
    command = [python or sys.executable, "-m", "scheduler.bench.child"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps({"task": task, **arguments}),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=float(arguments.get("seconds", 0)) + patience,
        )
    except subprocess.TimeoutExpired as over:
        return Measured(failed=f"given up after {over.timeout:.0f} s")
    except OSError as error:
        return Measured(failed=f"{command[0]} does not run: {error.strerror}")
    return _answer(done)


def _answer(done: subprocess.CompletedProcess[str]) -> Measured:
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return Measured(failed=last[0][:200])
    answer = json.loads(lines[-1])
    return Measured(failed=answer["failed"]) if "failed" in answer else Measured(answer)
