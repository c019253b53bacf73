"""One bench run: where the instances are, how long to measure, and what every row needs again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scheduler.bench.findings import OURS, Sample
from scheduler.bench.measuring import Measured, measure
from scheduler.formats import read_problem, write_problem
from scheduler.generating import plant

KINDS = {"plant": ("cosmo", ".json.gz"), "fjsp": ("fjsp", ".txt"), "jsp": ("jsp", ".txt")}


@dataclass
class Bench:
    """Settings of a run. `full` measures as the goals say; otherwise all is cut to fit four minutes."""

    instances: Path
    out: Path
    full: bool = False
    seeds: int = 1
    peer_seeds: int | None = None
    """Seeds a figure of the peers; None means as many as this library's."""
    workers: int = 2
    pyjobshop: str = sys.executable
    say: Callable[[str], None] = print
    scale: float = 1.0
    """Time limits are multiplied by it; tests use a small one."""
    measure: Callable[..., Measured] = measure
    """How a task is run: in a process of its own."""
    made: dict[str, Path] = field(default_factory=dict)

    def seconds(self, full: float, quick: float) -> float:
        """A time limit, by the form of the run."""
        return (full if self.full else quick) * self.scale

    def path(self, name: str) -> Path:
        """An instance's file: "plant-5000", "mk01", "ta21", or "generated-20000"."""
        for folder, (_, suffix) in KINDS.items():
            found = self.instances / folder / f"{name}{suffix}"
            if found.exists():
                return found
        return self._generated(name)

    def fmt(self, name: str) -> str:
        """The format of an instance's file."""
        return KINDS.get(self.path(name).parent.name, ("cosmo", ""))[0]

    def _generated(self, name: str) -> Path:
        """A plant in a size that is not there, made once a run."""
        if name not in self.made:
            orders = int(name.rpartition("-")[2])
            folder = self.out / "made"
            folder.mkdir(parents=True, exist_ok=True)
            write_problem(plant(orders, 1), folder / f"{name}.json")
            self.made[name] = folder / f"{name}.json"
        return self.made[name]

    def plan(self, name: str, seconds: float, seed: int = 0) -> Path | None:
        """A plan of this library for an instance, made once a run and seed; None if it finds none."""
        key = f"plan-{name}-{seconds:g}-{seed}"
        if key not in self.made:
            file = self.out / "made" / f"{key}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            done = self.measure(
                "solve", problem=str(self.path(name)), seconds=seconds, workers=self.workers, seed=seed,
                out=str(file),
            )  # fmt: skip
            if done.failed:
                self.say(f"  {name}: {done.failed}")
                return None
            self.made[key] = file
        return self.made[key]

    # ---- samples ----

    def run(self, task: str, name: str, seconds: float, seed: int = 0, **more: Any) -> Measured:
        """One plan by one method, checked by the verifier and, where it can be, by the published checker."""
        out = self.out / "made" / "checked.json"
        out.parent.mkdir(parents=True, exist_ok=True)
        more.setdefault("workers", self.workers)
        python = self.pyjobshop if task == "pyjobshop" else None
        if task == "by_rule":
            more.pop("workers")
        else:
            more |= {"seconds": seconds, "seed": seed}
        found = self.measure(
            task, python=python, problem=str(self.path(name)), fmt=self.fmt(name), out=str(out), **more
        )
        wrong = "" if found.failed else self.check(name, out)
        return Measured(failed=wrong) if wrong else found

    def first_plan(self, name: str) -> Measured:
        """The first plan of an instance, warm."""
        return self.measure("first_plan", problem=str(self.path(name)), repeats=5 if self.full else 2)

    def grow(self, name: str) -> Measured:
        """The first plan of an instance, and the memory it takes."""
        return self.measure("grow", problem=str(self.path(name)), patience=600)

    def check(self, name: str, plan: Path) -> str:
        """What shared/bench/check_schedule.py finds wrong with a plan; nothing where it is not there."""
        checker = self.instances / "check_schedule.py"
        if not checker.exists():
            return ""
        problem = self.path(name)
        if self.fmt(name) != "cosmo":
            problem = self.out / "made" / f"{name}.cosmo.json"
            if not problem.exists():
                write_problem(read_problem(self.path(name), self.fmt(name)), problem)
        command = [sys.executable, str(checker), str(problem), str(plan)]
        done = subprocess.run(command, capture_output=True, text=True)
        return "" if done.returncode == 0 else f"check_schedule.py: {_first_violation(done.stdout)}"

    def samples(
        self,
        method: str,
        task: str,
        name: str,
        seconds: float,
        value: Callable[[dict[str, Any]], float],
        **more: Any,
    ) -> tuple[Sample, list[dict[str, Any]]]:
        """One method's figures over all seeds, and the answers they come from."""
        answers, failed = [], ""
        for seed in range(self._seeds(method, task)):
            done = self.run(task, name, seconds, seed, **more)
            if done.failed:
                failed = done.failed
                break
            answers.append(done.values)
        return Sample(method, tuple(value(a) for a in answers), failed), answers

    def _seeds(self, method: str, task: str) -> int:
        """How often to measure: once what knows no chance, a peer perhaps less often than this library."""
        if task == "by_rule":
            return 1
        return self.seeds if method == OURS or self.peer_seeds is None else self.peer_seeds


def _first_violation(text: str) -> str:
    try:
        found = json.loads(text)["violations"]
        return ", ".join(f"{kind} ({what['count']})" for kind, what in found.items())
    except (ValueError, KeyError):
        return text.strip()[:120]
