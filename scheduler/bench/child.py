"""The process of one measurement: a task as JSON on standard input, its answer as the last line of output."""

from __future__ import annotations

import json
import os
import resource
import sys

from scheduler.commands.solving import BEGAN
from scheduler.errors import SchedulerError


def main() -> None:
    """Run the task and print what it measured, with the process's peak memory in MB."""
    from scheduler.bench.tasks import TASKS

    asked = json.load(sys.stdin)
    try:
        answer = TASKS[asked.pop("task")](began=BEGAN, **asked)
        answer["memory"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    except (SchedulerError, ImportError, MemoryError) as error:
        answer = {"failed": str(error) or type(error).__name__}
    print(json.dumps(answer), flush=True)
    os._exit(0)  # nothing that still loads beside is waited for


if __name__ == "__main__":
    main()
