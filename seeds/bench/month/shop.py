"""The floor in simulated time: it follows the plan, and where reality departs from it the plan is repaired.

Nothing waits and nothing sleeps: the clock jumps from one thing that happens to the next. What happens comes
from the `World`; what the plan makes of it is the product's: its lots, its search, its repair, its learner.
"""

from dataclasses import replace
from heapq import heappop, heappush
from typing import Any

from cosmo.promise import MOST
from cosmo.spec import start_quantity
from modules.manufacturing.keeping import pressed
from modules.manufacturing.learning import Finished, History
from modules.manufacturing.shortfall import ALLOWANCE
from modules.manufacturing.times import DAY
from scheduler.model import Operation
from scheduler.offers import Offer
from seeds.bench.month.lots import Batch, batches_of, dates, fitting
from seeds.bench.month.outcome import Outcome, Run
from seeds.bench.month.planning import Broken, Policy, StandingPlan
from seeds.bench.month.world import Breakdown, Customer, World
from seeds.simulator.customers import CHOICES, LIKELY

KEPT_DAYS = 2
"""What is done stays in the plan for so long: the next setup depends on it."""
IMPROVE_EVERY, IMPROVE_ROUNDS = 240, 3000
"""Minutes between two looks for a better plan, and rounds of ruin and recreate each time."""
CHECK_EVERY = 100
"""At every so many things that happen the whole plan is put to the verifier."""
END, LATER, NEWS, ASK, LOOK = range(5)
"""What comes first of what happens in the same minute."""


class Shop:
    """One policy's run."""

    def __init__(self, world: World, policy: Policy, *, check_every: int = CHECK_EVERY) -> None:
        self.world, self.policy, self.check_every = world, policy, check_every
        self.run, self.plan, self.history = Run(policy.name), StandingPlan(world, policy), History()
        self.batches: dict[str, Batch] = {}
        self.orders: dict[str, list[Batch]] = {}
        self.open: dict[str, Outcome] = {}
        self.running: dict[str, int] = {}
        """Operation -> when it will really end."""
        self.stale = False
        """Whether the floor knows something that the plan does not, and that disturbs nobody."""
        self._done: list[tuple[int, str]] = []
        self._events: list[tuple[int, int, int, str, Any]] = []
        self._starts: list[tuple[int, str]] = []
        self._planned_at = (-1, -1)
        self._count = self._happened = 0
        self._foresee()

    # ---- the clock ----

    def live(self) -> Run:
        """Until everything that was ordered is done."""
        while self.step():
            pass
        self.plan.check()
        self.run.counts = self.plan.counts
        return self.run

    def _foresee(self) -> None:
        """Who will come, what will break: nobody at the plant knows."""
        for customer in self.world.customers:
            self._at(customer.at, ASK, "ask", customer)
        for breakdown in self.world.breakdowns:
            self._at(breakdown.start, NEWS, "break", breakdown)
        if self.policy.improves:
            self._at(0, LOOK, "improve", None)

    def _at(self, minute: int, rank: int, what: str, which: Any) -> None:
        self._count += 1
        heappush(self._events, (minute, rank, self._count, what, which))

    def step(self) -> bool:
        """The next thing that happens, a planned start among them; False if nothing does any more."""
        if self._planned_at != self.plan.version:
            self._starts, self._planned_at = self.plan.starts(), self.plan.version
        if self._starts and self._starts[0][0] < self._events[0][0]:
            self._begin(*heappop(self._starts))
            return True
        if self._events[0][0] >= self.world.ends and not self.open:
            return False
        now, _, _, what, which = heappop(self._events)
        getattr(self, f"_{what}")(now, which)
        self._happened += 1
        if self._happened % self.check_every == 0:
            self.plan.check()
        return True

    # ---- the floor ----

    def _begin(self, now: int, name: str) -> None:
        place, (batch, k) = self.plan.place(name), self._batch_of(name)
        if k != batch.at or name in self.plan.facts:
            raise Broken(f"operation {name} begins out of turn")
        planned, step = place.end - place.start, batch.steps[k]
        minutes = self.world.minutes(batch.customer.id, batch.number, step, place.resource, planned)
        self.plan.facts[name], self.running[name] = place, now + minutes
        batch.real.append(_really(batch, k, minutes))
        self._expect(name)

    def _expect(self, name: str) -> None:
        """It is looked at when it should have ended, or when it ends before that."""
        end, expected = self.running[name], self.plan.facts[name].end
        if end <= expected:
            self._at(end, END, "end", name)
        else:
            self._at(expected, LATER, "overrun", name)

    def _overrun(self, now: int, name: str) -> None:
        """It should have ended and has not: now it is known when it will."""
        if self.running.get(name, 0) <= now or self.plan.facts[name].end != now:
            return
        self.plan.facts[name] = replace(self.plan.facts[name], end=self.running[name])
        self._expect(name)
        self.repair(now, "overrun")

    def _end(self, now: int, name: str) -> None:
        if self.running.get(name) != now:  # a breakdown has come between
            return
        del self.running[name]
        batch, k = self._batch_of(name)
        fact = self.run.real[name] = replace(self.plan.facts[name], end=now)
        lost = self.world.scrap(batch.customer.id, batch.number, batch.steps[k], batch.pieces)
        self.stale = self.stale or lost > 0 or fact != self.plan.facts[name]
        self.plan.facts[name] = fact
        batch.pieces, batch.at = batch.pieces - lost, k + 1
        if lost:
            batch.shrink()
            self.plan.jobs[batch.id] = batch.job
        self._count_order(now, batch)

    def _batch_of(self, name: str) -> tuple[Batch, int]:
        job, _, k = name.rpartition("/")
        return self.batches[job], int(k)

    def _count_order(self, now: int, batch: Batch) -> None:
        """Too few good pieces are begun again; an order that has all is finished."""
        if batch.done:
            self._done.append((now, batch.id))
        mine, outcome = self.orders[batch.customer.id], self.run.outcomes[batch.customer.id]
        owed, done = batch.customer.spec.quantity, all(one.done for one in mine)
        missing = owed - int(sum(one.expected for one in mine) + 0.0001)
        if missing > (0 if done else owed * float(ALLOWANCE)) and not self._fewer(batch.customer):
            self._again(now, batch.customer, missing, max(one.number for one in mine) + 1)
        elif done and outcome.ended is None:
            self._finish(now, outcome)

    def _fewer(self, customer: Customer) -> bool:
        """Who wants one shade lot may say that fewer pieces are enough; everybody else gets the rest."""
        dice = self.world.random("fewer", customer.id)
        return customer.spec.one_shade and dice.choices(CHOICES, LIKELY)[0] == "fewer"

    def _finish(self, now: int, outcome: Outcome) -> None:
        outcome.ended = now
        del self.open[outcome.id]
        lead, late = outcome.planned - outcome.at, now - outcome.planned
        self.history.tell(Finished(lead, late, outcome.room))
        for batch in self.orders[outcome.id]:
            self.run.jobs[batch.id] = replace(batch.job, release=outcome.at, operations=tuple(batch.real))

    def _again(self, now: int, customer: Customer, missing: int, number: int) -> None:
        """New lots for what is missing, in the next place there is; their material is at hand."""
        outcome, pieces = self.run.outcomes[customer.id], start_quantity(missing, customer.spec.routing)
        outcome.remade += missing
        own = replace(customer, supplies=())
        fresh = batches_of(self.world, own, now, first=number, pieces=pieces)
        self.repair(now, "scrap")
        offer = self._offer(fresh, now)
        if self.policy.improves:
            offer = pressed(self.plan.book, offer, outcome.limit, self.plan.limits)
        self._take(fresh, offer, outcome)
        self._look_at(outcome, "scrap")

    # ---- customers ----

    def _ask(self, now: int, customer: Customer) -> None:
        if self.stale:
            self.repair(now, "late")
        self.plan.book.advance(now)
        fresh = batches_of(self.world, customer, now)
        offer = self._offer(fresh, now)
        outcome = self._told(customer, offer.completion)
        self.run.outcomes[customer.id] = outcome
        if not outcome.taken:
            return
        self.open[customer.id] = outcome
        self._take(fresh, offer, outcome)
        for supply in customer.supplies:
            if supply.real > supply.told:
                self._at(supply.told, NEWS, "late", (customer.id, supply.operation, supply.real))

    def _told(self, customer: Customer, planned: int) -> Outcome:
        """The date: the planned end, what the plant's own past says comes on top, and the carrier's next
        call."""
        learnt, least = self.history.learn(planned - customer.at), self.world.plant.buffer
        buffer = max(least, learnt.buffer) if learnt else least
        promised = self.world.plant.collected(planned + buffer)
        outcome = Outcome(customer.id, customer.family, customer.at, promised, planned, buffer)
        outcome.taken = outcome.lead <= customer.tolerance
        if learnt is not None:
            most = planned + learnt.most
            outcome.most = min(most, promised) if learnt.kept >= MOST else most
            outcome.half = min(planned + learnt.half, outcome.most)
        return outcome

    def _offer(self, fresh: list[Batch], now: int) -> Offer:
        return self.policy.offer(self.plan.book, [batch.job for batch in fresh], now)

    def _take(self, fresh: list[Batch], offer: Offer, outcome: Outcome) -> None:
        until = min(offer.completion + self.policy.lent(self.world.plant.buffer), outcome.limit)
        self.plan.take(offer, [batch.job for batch in fresh], max(offer.completion, until), outcome.limit)
        for batch in fresh:
            batch.job = self.plan.jobs[batch.id]
            self.batches[batch.id] = batch
            self.orders.setdefault(outcome.id, []).append(batch)

    # ---- what goes wrong ----

    def _late(self, now: int, told: tuple[str, str, int]) -> None:
        """The supplier's day is over and nothing has come: now the real day is known."""
        order, code, real = told
        for batch in self.orders[order]:
            batch.wait(code, real)
            self.plan.jobs[batch.id] = batch.job
        self.repair(now, "material")

    def _break(self, now: int, breakdown: Breakdown) -> None:
        """What runs there waits it out and goes on; what was planned there moves."""
        self.plan.close(breakdown.resource, (now, breakdown.end))
        for name, end in self.running.items():
            fact = self.plan.facts[name]
            if fact.resource == breakdown.resource and end > now:
                self.running[name] = end + breakdown.minutes
                self.plan.facts[name] = replace(fact, end=fact.end + breakdown.minutes)
                self._expect(name)
        self.repair(now, "breakdown")

    # ---- the plan ----

    def repair(self, now: int, why: str) -> None:
        """Let the plan follow the floor; who is planned to end after the promise is told a later date."""
        while self._done and self._done[0][0] < now - KEPT_DAYS * DAY:
            self.plan.forget(self.batches[self._done.pop(0)[1]].job)
        self.plan.repair(now)
        self.stale = False
        for outcome in self.open.values():
            self._look_at(outcome, why)

    def _improve(self, now: int, _: None) -> None:
        self._at(now + IMPROVE_EVERY, LOOK, "improve", None)
        self.repair(now, "late")
        self.plan.improve(now, IMPROVE_ROUNDS)

    def _look_at(self, outcome: Outcome, why: str) -> None:
        mine = [batch for batch in self.orders.get(outcome.id, ()) if not batch.done]
        end = max((self.plan.end(batch.job) for batch in mine), default=0)
        if end <= outcome.limit:
            return
        outcome.moved, outcome.why = outcome.moved + 1, outcome.why or why
        outcome.limit = self.world.plant.collected(end + outcome.buffer)
        for batch in mine:
            batch.job = replace(batch.job, due=end, promised=end)
            self.plan.jobs[batch.id], self.plan.limits[batch.id] = batch.job, outcome.limit


def _really(batch: Batch, k: int, minutes: int) -> Operation:
    """An operation as it is, now that it is known how long it takes and how much goes in."""
    op, step = fitting(batch.job.operations[k], batch.steps[k], batch.pieces), batch.steps[k]
    modes = tuple(replace(mode, minutes=minutes) for mode in op.modes)
    return replace(op, modes=modes, release=dates(batch.customer, known=True).get(step.code, 0))
