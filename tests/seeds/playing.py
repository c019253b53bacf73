"""The simulated people on the real app in this process, under a clock that the test moves."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from fastapi import FastAPI

from cosmo import clock
from cosmo.db import Database
from cosmo.jobs import module_jobs
from cosmo.registry import Job
from cosmo.relay import drain
from cosmo.settings import Settings
from seeds import demo
from seeds.simulator import run
from seeds.simulator.client import Person
from seeds.simulator.world import World
from tests.web_fixtures import Visitor, app_on

STEP = timedelta(minutes=30)
"""What the plan does not hear of for longer it takes for late."""
TO = {
    "name": "Ada Gast", "street": "Ring 1", "city": "Hamburg", "postal_code": "20357", "country": "DE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a simulated person: who, what, and the body it sent."""

    who: str
    method: str
    path: str
    body: Any
    status: int


class Wire(Visitor):
    """The way to the app; writes down what goes over it."""

    def __init__(self, app: FastAPI, keys: dict[str, str]) -> None:
        super().__init__(app)
        self.log: list[Request] = []
        self._names = {f"Bearer {key}": email for email, key in keys.items()}

    def request(self, method: Any, url: Any, **options: Any) -> Any:
        answer = super().request(method, url, **options)
        who = self._names[options["headers"]["Authorization"]]
        self.log.append(Request(who, method, str(url), options.get("json"), answer.status_code))
        return answer


@dataclass
class Play:
    """A seeded house whose clock stands; `live` moves it on, and everybody acts."""

    database: Database
    wire: Wire
    people: dict[tuple[str, str], Person]
    world: World
    at: datetime
    jobs: list[Job] = field(default_factory=list)

    @classmethod
    def open(cls, database: Database, settings: Settings, seed: int) -> Self:
        """On a database that `cosmo seed --small` has written."""
        told = json.loads(demo.write_demo(database, settings).read_text(encoding="utf-8"))
        wire = Wire(app_on(settings, database), {a["email"]: a["api_key"] for a in told["accounts"]})
        people = run._people(wire, told["accounts"], lambda: False)
        platform = next(person for (role, _), person in people.items() if role == "platform")
        world = run._world(people, platform, seed)
        jobs = [one.job for one in module_jobs() if isinstance(one.job, Job) and one.module == "procurement"]
        return cls(database, wire, people, world, world.epoch, jobs)

    def live(self, span: timedelta, step: timedelta = STEP) -> None:
        """Let so much business time pass, a step after the other."""
        end = self.at + span
        while self.at < end:
            self.at += step
            with self.database.write() as session:
                clock.set_clock(session, speed=0.0, business=self.at)
            self._house_keeping()
            self.world._read = float("-inf")  # the clock has just moved
            run._catch_up(self.world)
            drain(self.database)

    def live_until(self, order_id: str, event: str, at_most: timedelta, step: timedelta = STEP) -> None:
        """Until it has happened to the order; fails where it takes longer than `at_most`.

        An event stays told, where a stage may have been passed between two looks.
        """
        end = self.at + at_most
        while event not in (told := self.events(order_id)):
            assert self.at < end, f"{told[-1:]} after {at_most}; {self.world.done}"
            self.live(step * 6, step)

    def events(self, order_id: str) -> list[str]:
        customer = self.people["customer", "Café Wiese"]
        return [event["type"] for event in customer.get(f"/api/v1/orders/{order_id}/events")]

    def _house_keeping(self) -> None:
        """What the house does by itself: buying."""
        with self.database.write() as session:
            now = clock.read_now(session)
            for job in self.jobs:
                job.run(session, now)
        drain(self.database)

    def order(self, family: str, quantity: int, **chosen: Any) -> dict[str, Any]:
        """One order of the first plant's first customer, as another program would place it."""
        customer = self.people["customer", "Café Wiese"]
        selections = {**customer.get(f"/api/v1/families/{family}")["defaults"], **chosen}
        body = {"family": family, "selections": selections, "quantity": quantity, "ship_to": TO}
        quote = customer.post("/api/v1/quotes", body)
        order = {"quote_id": quote["id"], "customer": {"name": TO["name"], "email": "ada@example.test"}}
        placed: dict[str, Any] = customer.post("/api/v1/orders", order, key=quote["id"])
        drain(self.database)
        return placed

    def sent(self, part: str) -> list[Request]:
        """What was posted to paths with `part` in them."""
        return [one for one in self.wire.log if one.method == "POST" and part in one.path]
