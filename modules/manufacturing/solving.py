"""Run as a process of its own: reads a problem with its standing schedule, writes a better schedule.

`python -m modules.manufacturing.solving ASKED ANSWERED`
"""

import json
import os
import sys
from pathlib import Path

from scheduler.formats import problem_from_dict, schedule_from_dict, schedule_to_dict
from scheduler.rescheduling import repair


def main(asked: str, answered: str) -> None:
    """Improve for the seconds the question grants, preferring few moves."""
    os.nice(10)  # pages and scans come first
    body = json.loads(Path(asked).read_text())
    problem, schedule = problem_from_dict(body["problem"]), schedule_from_dict(body["schedule"])
    better = repair(problem, schedule, now=body["now"], time_limit=body["seconds"], workers=2)
    Path(answered).write_text(json.dumps(schedule_to_dict(better.schedule)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
