"""Operators and machines: they follow the plan, sometimes slower, sometimes with scrap; machines break."""

import logging
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from seeds.simulator.client import Person, instant
from seeds.simulator.world import World

_log = logging.getLogger(__name__)
BEAT = 10.0
LOOK_AHEAD = timedelta(minutes=1)
MOST_SCANS = 400
BAD_LOTS = 0.004
"""The share of jobs at which something goes wrong with the pieces."""


@dataclass(slots=True)
class Floor:
    """One plant's floor as its people remember it: when what runs will really end."""

    world: World
    plant: str
    operator: Person
    yields: dict[str, float] = field(default_factory=dict)
    """Operation code -> share of pieces that come out good, as planned."""
    ends: dict[str, datetime] = field(default_factory=dict)
    free: dict[str, datetime] = field(default_factory=dict)

    def work(self) -> Generator[Any, Any, None]:
        """Look at the plan, begin what is due, end what is done; again and again."""
        while True:
            self.step()
            yield from self.world.beat(BEAT)

    def step(self) -> None:
        """One look at the plan; everything due by now is sent in order of time, ends before beginnings."""
        told = self.world.attempt("plan read", self._read)
        if told is None:
            return
        jobs = told["operations"]
        scans = self._endings([j for j in jobs if j["state"] == "running"])
        for lot in _by_lot(jobs):
            self._go_on(lot, scans)
        if scans:
            due = sorted(scans.values(), key=lambda s: (s["event_time"], s["action"]))
            self._send(due[:MOST_SCANS])

    def _read(self) -> Any:
        until = (self.world.now + LOOK_AHEAD).isoformat()
        return self.operator.get(f"/api/v1/plants/{self.plant}/schedule", until=until)

    def _endings(self, running: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        scans: dict[str, dict[str, Any]] = {}
        for job in running:
            target = job["firing"] or job["id"]
            end = self.ends.get(target) or self._will_end(target, job, instant(job["actual_start"]))
            if end <= self.world.now:
                self._end(job, end, scans)
        return scans

    def _end(self, job: dict[str, Any], end: datetime, scans: dict[str, dict[str, Any]]) -> None:
        key = f"finish {job['firing'] or job['id']}"
        scans.setdefault(key, self._scan("finish", job, end))
        if job["firing"] is None:
            scans[key]["scrap"] = self._scrap(job)
        else:
            scans[key].setdefault("scrap_by_job", {})[job["id"]] = self._scrap(job)

    def _go_on(self, lot: list[dict[str, Any]], scans: dict[str, dict[str, Any]]) -> None:
        """Begin what is due in a lot; what is short is over by now, and the next can begin as well."""
        free = None
        for job in lot:
            target = job["firing"] or job["id"]
            if job["state"] == "firm":
                at = instant(job["start"])
                if at > self.world.now or (free is not None and at < free):
                    return
                scans.setdefault(f"start {target}", self._scan("start", job, at))
                if job["firing"] is None and self._will_end(target, job, at) <= self.world.now:
                    self._end(job, self.ends[target], scans)
            if f"finish {target}" not in scans:
                return
            free = self.ends[target]

    def _will_end(self, target: str, job: dict[str, Any], start: datetime) -> datetime:
        """Machines keep their time to a few percent, kilns to the minute."""
        planned = instant(job["end"]) - instant(job["start"])
        factor = pace(self.world.random)
        if job["firing"] is not None:
            factor = 1.0  # a kiln follows its curve
        end = start + max(planned * factor, timedelta(minutes=1))
        self.ends[target] = end
        return end

    def _scan(self, action: str, job: dict[str, Any], at: datetime) -> dict[str, Any]:
        target = {"firing": job["firing"]} if job["firing"] else {"job": job["id"]}
        stamp = int(at.timestamp())
        key = f"{action}-{job['firing'] or job['id']}-{stamp}"[-80:]
        return {"client_id": key, "action": action, "event_time": at.isoformat(), **target}

    def _scrap(self, job: dict[str, Any]) -> int:
        return lost(self.world.random, job["pieces"], self.yields.get(job["operation"], 1.0))

    def _send(self, scans: list[dict[str, Any]]) -> None:
        body = {"plant": self.plant, "scans": scans}
        answer = self.world.attempt("scans sent", lambda: self.operator.post("/api/v1/scans", body))
        for scan, result in zip(scans, (answer or {}).get("results", []), strict=False):
            error = result.get("error")
            self.world.done[f"{scan['action']} refused, {error['type']}" if error else scan["action"]] += 1
            if error:
                self.ends.pop(str(scan.get("firing") or scan["job"]), None)
                _log.info("%s refused: %s %s", scan["action"], error["title"], error["detail"])


def pace(random: Random) -> float:
    """How long something takes, of what was planned: about as long, now and then a fifth longer."""
    slow = random.random() < 0.02
    factor = random.gauss(0.985, 0.012) if not slow else random.uniform(1.05, 1.2)
    return max(0.9, factor)


def lost(random: Random, pieces: int, planned: float) -> int:
    """Pieces lost where the share `planned` should come out good: mostly a little less than that allows, so
    that few orders begin again; once in a while a bad lot."""
    rate = (1 - planned) * random.uniform(0.7, 1.0)
    if random.random() < BAD_LOTS:
        rate += random.uniform(0.04, 0.12)
    return min(pieces // 4, int(pieces * rate))


def _by_lot(jobs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """What runs or is firm, lot by lot in the order of the route."""
    lots: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for job in sorted(jobs, key=lambda j: j["position"]):
        if job["state"] in ("firm", "running"):
            lots.setdefault((job["order_id"], job["lot"]), []).append(job)
    return list(lots.values())


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
