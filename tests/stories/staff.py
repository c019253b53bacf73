"""Those who supply, make and carry an order, over HTTP, with the clock moved from one act to the next."""

import itertools
import json
import time as wall
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from http.cookiejar import CookieJar
from typing import Any

import httpx2
from sqlmodel import col, select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.outbox import UNFINISHED, Delivery
from tests.browser.houses import House
from tests.browser.stopwatch import PATIENCE

LU = "lu-ceramics"
MOST_ACTS = 400


@dataclass(slots=True)
class Installation:
    """`a` and `b` are the addresses of the two web processes."""

    house: House
    a: str
    b: str
    database: Database


@dataclass(slots=True)
class Everybody:
    """People with their keys; their requests go to the web processes in turns."""

    house: House
    bases: tuple[str, ...]
    now: datetime
    clients: list[httpx2.Client] = field(init=False)
    refused: list[str] = field(default_factory=list)
    asked: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        jar = CookieJar()  # a guest is the same guest at each of them
        self.clients = [httpx2.Client(base_url=base, cookies=jar, timeout=120) for base in self.bases]

    def keys(self, role: str, plant: str = "") -> list[str]:
        told = json.loads((self.house.home / "demo.json").read_text())["accounts"]
        return [a["api_key"] for a in told if a["role"] == role and a["plant"] == plant]

    def send(self, method: str, path: str, key: str = "", **rest: Any) -> Any:
        """What the next web process answers; a refusal is noted and answered with None."""
        client = self.clients[next(self.asked) % len(self.clients)]
        headers = {**rest.pop("headers", {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        answer = client.request(method, f"/api/v1{path}", headers=headers, **rest)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            self.refused.append(f"{path}: {answer.text}")
            return None
        return answer.json()

    def jump(self, to: datetime) -> None:
        self.now = to
        self.house.set_clock(to)

    def work(self) -> None:
        """Everybody does what is to be done now, then time goes to the next thing planned."""
        planned = [*self._supply(), *self._make(), *self._carry()]
        later = [at for at in planned if at > self.now]
        self.jump(min([*later, self.now + timedelta(hours=6)]))

    def _supply(self) -> Iterator[datetime]:
        """Suppliers confirm as asked and deliver in the morning of the day."""
        for key in self.keys("supplier"):
            for order in self.send("GET", "/suppliers/me/orders", key, params={"open": "true"}):
                lines = [line for line in order["lines"] if line["state"] not in ("received", "withdrawn")]
                path = f"/suppliers/me/orders/{order['id']}"
                if any(line["state"] == "asked" for line in lines):
                    self.send("POST", f"{path}/confirmation", key, json={})
                elif lines:
                    due = max(_morning(line["due"]) for line in lines)
                    if due <= self.now:
                        self.send("POST", f"{path}/delivery", key, json={})
                    yield due

    def _make(self) -> Iterator[datetime]:
        """The operator ends what is done, then begins what is due, also what just became free."""
        (key,) = self.keys("operator", LU)
        jobs = self._jobs(key)
        ends = [(job, _instant(job["end"])) for job in jobs if job["state"] == "running"]
        done = [job for job, end in ends if end <= self.now]
        for job in done:
            self._scan(key, "finish", job)
        firsts = _first_of_each_lot(self._jobs(key) if done else jobs)
        starts = [(job, _instant(job["start"])) for job in firsts]
        for job, start in starts:
            if start <= self.now:
                self._scan(key, "start", job)
        yield from (at for _, at in [*ends, *starts])
        yield from (_instant(job["end"]) for job in firsts)

    def _jobs(self, key: str) -> list[dict[str, Any]]:
        """The plant's operations that are not over, as planned now."""
        jobs: list[dict[str, Any]] = self.send("GET", f"/plants/{LU}/schedule", key)["operations"]
        return jobs

    def _scan(self, key: str, action: str, job: dict[str, Any]) -> None:
        target = {"firing": job["firing"]} if job["firing"] else {"job": job["id"]}
        scan = {"client_id": f"{action}-{job['id']}-{self.now:%d%H%M}", "action": action, **target}
        (result,) = self.send("POST", "/scans", key, json={"scans": [scan]})["results"]
        if result.get("error"):
            self.refused.append(f"{action} {job['operation']}: {result['error']['detail']}")

    def _carry(self) -> Iterator[datetime]:
        """Carriers collect at once and deliver when expected."""
        for key in self.keys("carrier"):
            for shipment in self.send("GET", "/carriers/me/shipments", key):
                path = f"/shipments/{shipment['id']}"
                if shipment["state"] == "packed":
                    self.send("POST", f"{path}/pickup", key, json={})
                elif shipment["state"] == "picked_up":
                    expected = _instant(shipment["expected_at"])
                    if expected <= self.now:
                        self.send("POST", f"{path}/delivery", key, json={"received_by": "Ada"})
                    yield expected


def _first_of_each_lot(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    first: dict[tuple[str, int], dict[str, Any]] = {}
    for job in sorted(jobs, key=lambda job: job["position"]):
        if job["state"] in ("firm", "running"):
            first.setdefault((job["order_id"], job["lot"]), job)
    return [job for job in first.values() if job["state"] == "firm"]


def _morning(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(9), UTC)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def carry_on(people: Everybody, reached: Callable[[], bool]) -> None:
    """Act after act, until it is `reached`."""
    for _ in range(MOST_ACTS):
        if reached():
            return
        people.work()
    raise AssertionError("\n".join(people.refused[-10:]))


def until(done: Callable[[], bool], what: str) -> None:
    """Wait for what other processes do; `what` is said if it does not come."""
    end = wall.monotonic() + PATIENCE
    while not done():
        assert wall.monotonic() < end, what
        wall.sleep(0.02)


def stage_of(database: Database, order_id: str) -> str:
    with database.read() as session:
        return session.get_one(Order, order_id).stage


def worked_off(database: Database) -> bool:
    """The workers have done what is due by now."""
    due = select(Delivery.id).where(col(Delivery.state).in_(UNFINISHED), Delivery.next_at <= wall_time())
    with database.read() as session:
        return session.exec(due.limit(1)).first() is None
