"""Operators and machines: they follow the plan, sometimes slower, sometimes with scrap; machines break."""

import logging
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from seeds.simulator.client import Person, instant
from seeds.simulator.world import World

_log = logging.getLogger(__name__)
BEAT = 10.0
LOOK_AHEAD = timedelta(minutes=1)
MOST_SCANS = 400


@dataclass(slots=True)
class Floor:
    """One plant's floor as its people remember it: when what runs will really end."""

    world: World
    plant: str
    operator: Person
    ends: dict[str, datetime] = field(default_factory=dict)
    free: dict[str, datetime] = field(default_factory=dict)

    def work(self) -> Generator[Any, Any, None]:
        """Look at the plan, begin what is due, end what is done; again and again."""
        while True:
            self.step()
            yield from self.world.beat(BEAT)

    def step(self) -> None:
        """One look at the plan; ends are sent before beginnings, and in order of time."""
        told = self.world.attempt("plan read", self._read)
        if told is None:
            return
        jobs = told["operations"]
        ended = self._endings([j for j in jobs if j["state"] == "running"])
        begun = self._beginnings(_next_of_each_lot(jobs))
        scans = sorted([*ended, *begun], key=lambda s: (s["event_time"], s["action"]))
        if scans:
            self._send(scans[:MOST_SCANS])

    def _read(self) -> Any:
        until = (self.world.now + LOOK_AHEAD).isoformat()
        return self.operator.get(f"/api/v1/plants/{self.plant}/schedule", until=until)

    def _endings(self, running: list[dict[str, Any]]) -> list[dict[str, Any]]:
        scans: dict[str, dict[str, Any]] = {}
        for job in running:
            target = job["firing"] or job["id"]
            end = self.ends.get(target) or self._will_end(target, job)
            if end <= self.world.now:
                scans.setdefault(target, self._scan("finish", job, end))
                if job["firing"] is None:
                    scans[target]["scrap"] = self._scrap(job["pieces"])
                else:
                    scans[target].setdefault("scrap_by_job", {})[job["id"]] = self._scrap(job["pieces"])
        return list(scans.values())

    def _will_end(self, target: str, job: dict[str, Any]) -> datetime:
        """Machines keep their time to a few percent; now and then something takes a fifth longer."""
        start = instant(job["actual_start"] or job["start"])
        planned = instant(job["end"]) - instant(job["start"])
        slow = self.world.random.random() < 0.02
        factor = self.world.random.gauss(0.985, 0.012) if not slow else self.world.random.uniform(1.05, 1.2)
        if job["firing"] is not None:
            factor = 1.0  # a kiln follows its curve
        end = start + max(planned * max(0.9, factor), timedelta(minutes=1))
        self.ends[target] = end
        return end

    def _beginnings(self, firm: list[dict[str, Any]]) -> list[dict[str, Any]]:
        scans: dict[str, dict[str, Any]] = {}
        for job in sorted(firm, key=lambda j: j["start"]):
            at = instant(job["start"])
            if at <= self.world.now:
                target = job["firing"] or job["id"]
                scans.setdefault(target, self._scan("start", job, at))
        return list(scans.values())

    def _scan(self, action: str, job: dict[str, Any], at: datetime) -> dict[str, Any]:
        target = {"firing": job["firing"]} if job["firing"] else {"job": job["id"]}
        stamp = int(at.timestamp())
        key = f"{action}-{job['firing'] or job['id']}-{stamp}"[-80:]
        return {"client_id": key, "action": action, "event_time": at.isoformat(), **target}

    def _scrap(self, pieces: int) -> int:
        """Mostly less than was planned for, so that few orders begin again; once in a while a bad lot."""
        rate = 0.08 if self.world.random.random() < 0.004 else 0.008
        lost = self.world.random.gauss(pieces * rate, (pieces * rate) ** 0.5)
        return max(0, min(pieces // 4, int(lost)))

    def _send(self, scans: list[dict[str, Any]]) -> None:
        body = {"scans": scans}
        answer = self.world.attempt("scans sent", lambda: self.operator.post("/api/v1/scans", body))
        for scan, result in zip(scans, (answer or {}).get("results", []), strict=False):
            error = result.get("error")
            self.world.done[f"{scan['action']} refused, {error['type']}" if error else scan["action"]] += 1
            if error:
                _log.info("%s refused: %s %s", scan["action"], error["title"], error["detail"])


def _next_of_each_lot(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is firm and has nothing before it that is still to be done."""
    first: dict[tuple[str, int], dict[str, Any]] = {}
    for job in sorted(jobs, key=lambda j: j["position"]):
        if job["state"] in ("firm", "running"):
            first.setdefault((job["order_id"], job["lot"]), job)
    return [job for job in first.values() if job["state"] == "firm"]


def breakdowns(
    world: World, plant: str, planner: Person, centre: dict[str, Any]
) -> Generator[Any, Any, None]:
    """One machine's breakdowns, after its own rate; the planner reports each."""
    hazards = centre.get("hazards") or {}
    weekly = float(hazards.get("breakdowns_a_week", 0))
    while weekly > 0:
        yield world.env.timeout(world.random.expovariate(weekly / (7 * 1440)))
        minutes = round(world.random.uniform(0.5, 1.5) * float(hazards["repair_minutes"]))
        body = {"resource": centre["code"], "minutes": max(10, minutes), "reason": "breakdown"}
        path = f"/api/v1/plants/{plant}/disruptions"
        world.attempt("breakdown", lambda path=path, body=body: planner.post(path, body))  # type: ignore[misc]
