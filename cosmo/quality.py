"""`cosmo test`: the checks and the tests, the same on a desk and in CI."""

import importlib.util
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cosmo", "web", "modules", "scheduler", "seeds")
CHECKS = {
    "style": ["-m", "ruff", "check", "--quiet", "--output-format", "concise", "."],
    "imports": ["-c", "from importlinter.cli import lint_imports_command as main; main()"],
    "types": ["-m", "mypy", "--strict", *(word for name in PACKAGES for word in ("-p", name))],
}
"""Name to what Python runs; each exits 0 when all is well."""
MOST_WORKERS = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended, with its output."""

    name: str
    passed: bool
    output: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.name:<8} {'passed' if self.passed else 'failed'} after {self.seconds:.0f} s"


def test(argv: list[str]) -> int:
    """Run the tests, beside them check style, import contracts and types. With arguments: only pytest.

    Tests whose service (PostgreSQL, RabbitMQ, Redis, a browser) is not there are left out and one line says
    so; with `CI=true` they fail.
    """
    if importlib.util.find_spec("pytest") is None:
        print("cosmo test: the test tools are missing. `python3 -m cosmo test` installs them.")
        return 2
    if argv:
        return _pytest(argv)
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    with ThreadPoolExecutor() as beside:
        checking = beside.submit(run_checks)
        status = _pytest(["-n", str(workers), "--dist", "worksteal", "--durations=20", "--durations-min=5"])
        failed = [outcome.name for outcome in checking.result() if not outcome.passed]
    if failed:
        print(f"cosmo test: failed: {', '.join(failed)} (see above)")
    return status or int(bool(failed))


def run_checks(root: Path = ROOT) -> list[Outcome]:
    """Run all checks at `root` side by side; print how each ended, and its output if it failed."""
    with ThreadPoolExecutor() as side_by_side:
        running = [side_by_side.submit(_check, name, root) for name in CHECKS]
        outcomes = [each.result() for each in running]
    for outcome in outcomes:
        print(outcome, flush=True)
        if not outcome.passed:
            print(outcome.output, flush=True)
    return outcomes


def _check(name: str, root: Path) -> Outcome:
    began = time.monotonic()
    command = ["nice", sys.executable, *CHECKS[name]]  # tests that count seconds go first
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return Outcome(name, done.returncode == 0, done.stdout.strip(), time.monotonic() - began)


def _pytest(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT).returncode
