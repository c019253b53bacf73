"""Fixed lead times, as plants quote them that have no plan: one for each family, and a floor that goes by due
dates. The first month's is the trade's; then it is what nineteen of twenty orders of that month have taken.
"""

from collections.abc import Mapping
from dataclasses import replace

from cosmo.spec import start_quantity
from modules.manufacturing.shortfall import ALLOWANCE
from modules.manufacturing.times import DAY
from scheduler.bench.rules import Floor, Task, edd, tasks_of
from scheduler.bench.statistics import percentile
from scheduler.model import Assignment, Problem, Resource
from seeds.bench.month.lots import Batch, batches_of, dates, fitting
from seeds.bench.month.outcome import Outcome, Run
from seeds.bench.month.plant import ORIGIN, SPAN
from seeds.bench.month.world import Breakdown, Customer, World
from seeds.simulator.customers import CHOICES, LIKELY

NAME = "fixed lead times"
TRADE = 14 * DAY
"""What the trade quotes for a stock shape (S)."""
FILL, PATIENCE = 0.85, DAY
"""A kiln waits until it is so full, or until one of its pieces has only so many minutes to spare."""
SHARE = 95


def live_fixed(world: World) -> Run:
    """Both months, the second with the lead times of the first."""
    first = _Dispatching(world, dict.fromkeys(world.plant.products, TRADE)).live(until=world.begins)
    leads = dict.fromkeys(world.plant.products, TRADE)
    for family in leads:
        if flows := _flows(first, family, world.begins):
            leads[family] = round(percentile(flows, SHARE))
    return _Dispatching(world, leads).live()


def _flows(run: Run, family: str, before: int) -> list[int]:
    return [
        o.ended - o.at
        for o in run.outcomes.values()
        if o.family == family and o.ended is not None and o.ended <= before
    ]


class _Dispatching(Floor):
    """A floor that looks at what waits whenever a work centre is free, and at nothing else."""

    def __init__(self, world: World, leads: Mapping[str, int]) -> None:
        self.world, self.leads = world, leads
        setups = dict(world.plant.floor.setups)
        problem = Problem("fixed", ORIGIN.isoformat(), SPAN, world.plant.resources({}), setups, ())
        super().__init__(problem, edd, FILL, PATIENCE, False)
        self.result = Run(NAME)
        self.batches: dict[str, Batch] = {}
        self.orders: dict[str, list[Batch]] = {}
        self.holes: dict[str, list[Breakdown]] = {}
        for one in world.breakdowns:
            self.holes.setdefault(one.resource, []).append(one)

    def live(self, until: int = SPAN) -> Run:
        """Everybody who comes before `until` is told the same, and stays or goes."""
        for customer in self.world.customers:
            if customer.at < until:
                self._told(customer)
        super().run()
        for outcome in self.result.outcomes.values():
            mine = self.orders.get(outcome.id, [])
            ends = [self.result.real[batch.job.operations[-1].id].end for batch in mine]
            outcome.ended = max(ends, default=None)
            for batch in mine:
                own = replace(batch.job, release=outcome.at, operations=tuple(batch.real))
                self.result.jobs[batch.id] = own
        return self.result

    def _told(self, customer: Customer) -> None:
        lead = self.leads[customer.family] if customer.at >= self.world.begins else TRADE
        ready = customer.at + lead
        promised = self.world.plant.collected(ready)
        outcome = Outcome(customer.id, customer.family, customer.at, promised, ready)
        outcome.taken = outcome.lead <= customer.tolerance
        self.result.outcomes[customer.id] = outcome
        if outcome.taken:
            self._release(batches_of(self.world, customer, customer.at), promised)

    def _release(self, fresh: list[Batch], due: int) -> None:
        """Lots come onto the floor; their material comes when it comes."""
        for batch in fresh:
            known = dates(batch.customer, known=True)
            operations = tuple(
                replace(op, release=known.get(step.code, 0))
                for op, step in zip(batch.job.operations, batch.steps, strict=True)
            )
            batch.job = replace(batch.job, due=due, operations=operations)
            self.batches[batch.id] = batch
            self.orders.setdefault(batch.customer.id, []).append(batch)
            self.tasks[batch.id] = tasks = tasks_of(batch.job)
            self._push(max(batch.job.release, operations[0].release), "", tasks[0])

    # ---- reality ----

    def _decide(self, name: str, now: int) -> None:
        hole = next((h for h in self.holes.get(name, ()) if h.start <= now < h.end), None)
        if hole is None:
            super()._decide(name, now)
        else:
            self._push(hole.end, name, None)

    def _start(self, load: list[Task], resource: Resource, start: int, minutes: int) -> None:
        last = start
        for task in load:
            task.done = True
            end = self._lived(task, resource, start, minutes)
            last = max(last, end)
            self._follow(task, end)
        if resource.kind != "pool":
            self.free_at[resource.id] = last
            self.before[resource.id] = load[0].op
            self._push(last, resource.id, None)

    def _lived(self, task: Task, resource: Resource, start: int, minutes: int) -> int:
        """One operation as it really went; returns its end."""
        batch, k = self.batches[task.job.id], task.place
        customer, step = batch.customer, batch.steps[k]
        real = self.world.minutes(customer.id, batch.number, step, resource.id, minutes)
        end = self._through(resource.id, start, real)
        modes = tuple(replace(mode, minutes=real) for mode in task.op.modes)
        batch.real.append(replace(task.op, modes=modes))
        self.result.real[task.op.id] = Assignment(task.op.id, resource.id, start, end)
        batch.pieces -= self.world.scrap(customer.id, batch.number, step, batch.pieces)
        batch.at = k + 1
        for after in self.tasks[batch.id][k + 1 :]:
            after.op = fitting(after.op, batch.steps[after.place], batch.pieces)
        self._count_order(batch, end)
        return end

    def _through(self, resource: str, start: int, minutes: int) -> int:
        """The end of what begins then and waits out every breakdown."""
        end = start + minutes
        for hole in self.holes.get(resource, ()):
            if hole.start < end and hole.end > start:
                end += hole.end - max(hole.start, start)
        return end

    def _count_order(self, batch: Batch, now: int) -> None:
        """Too few good pieces are begun again."""
        mine, spec = self.orders[batch.customer.id], batch.customer.spec
        missing = spec.quantity - int(sum(one.expected for one in mine) + 0.0001)
        allowed = 0 if all(one.done for one in mine) else spec.quantity * float(ALLOWANCE)
        dice = self.world.random("fewer", batch.customer.id)
        if missing <= allowed or (spec.one_shade and dice.choices(CHOICES, LIKELY)[0] == "fewer"):
            return
        self.result.outcomes[batch.customer.id].remade += missing
        own, number = replace(batch.customer, supplies=()), max(one.number for one in mine) + 1
        pieces = start_quantity(missing, spec.routing)
        fresh = batches_of(self.world, own, now, first=number, pieces=pieces)
        self._release(fresh, self.result.outcomes[batch.customer.id].promised)
