"""Promises over a simulated month, made in several ways, to the same customers and under the same mishaps.

The web, the database and the modules' handlers are not run: the product's lots, search, repair, learner and
scheduler are, by a floor in simulated time (`seeds.bench.month`). All data is synthetic.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean, median

from modules.manufacturing.times import DAY
from scheduler.bench.plots import ecdf, plot
from scheduler.compiling import load
from seeds.bench.month.asking import Cosmo, FirstCome
from seeds.bench.month.fixed import live_fixed
from seeds.bench.month.hindsight import hindsight
from seeds.bench.month.outcome import Outcome, Run
from seeds.bench.month.shop import Shop
from seeds.bench.month.world import World, draw_world
from seeds.bench.table import Table

KEPT_GOAL, LEAD_GOAL = 0.98, 1.25
HALF_GOAL, MOST_GOAL = (0.4, 0.6), (0.85, 0.95)
HEAD = (
    "policy", "asked", "ordered", "lost", "kept on the first date", "promise moved",
    "promised lead, mean", "median", "hindsight, mean", "promised / hindsight", "the same at the gate",
    "done by p50", "done by p90",
    "by month",
)  # fmt: skip
HOW = """
All data is synthetic: Lu Ceramics as its file says, {months} months of {measured} days, each after
{before} days that do not count. The web, the database and the modules' handlers are not run; lots,
search, repair and learner are the product's.

Load: what customers ask for takes {load} of the room and time that the kilns have (glost, decal and
roller kilns, each by itself), losses as planned; who goes away takes none.

Mishaps of these months: {broke} breakdowns, {late} customers whose material slips; minutes, losses and
slips are thrown as in the demo.

Dates are calls of the standard carrier, Monday to Friday at {hour}:00, as the product promises them
(the days in transit come on top of all alike): a promise is the first call after the planned end and
its buffer, kept if all was done by that call and it never moved. Hindsight: the policy's own orders
planned afterwards with everything known, verified, each collected by the first call after its end; it is
searched for, for the least sum of lead times to the minute, not proven, so the true best is sooner and
the true ratio larger. At the gate: planned end and buffer over hindsight's end, to the minute, without
any carrier. By month: kept, promised / hindsight.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """So many months, drawn from `seed` on, each with `days` of customers of which the last `measured` count,
    at this kiln `load`; `rounds` of search for the best in hindsight."""

    months: int = 3
    seed: int = 1
    days: int = 60
    measured: int = 30
    rounds: int = 300_000
    load: float = 0.85


USUAL = Sizes()
QUICK = Sizes(months=1, days=36, measured=14, rounds=100_000)
POLICIES: tuple[Callable[[World], Run], ...] = (
    lambda world: Shop(world, Cosmo()).live(),
    lambda world: Shop(world, FirstCome()).live(),
    live_fixed,
)


@dataclass(slots=True)
class Tally:
    """What one policy did with the customers that count, over all months."""

    policy: str
    asked: list[Outcome] = field(default_factory=list)
    best: list[int] = field(default_factory=list)
    """Minutes that each order would have taken until its collection in the best plan of hindsight."""
    ends: list[int] = field(default_factory=list)
    """The same until it is ready at the plant's gate."""
    months: list[str] = field(default_factory=list)

    @property
    def taken(self) -> list[Outcome]:
        return [one for one in self.asked if one.taken]

    def add(self, world: World, run: Run, best: dict[str, int]) -> None:
        """One month more."""
        asked = [one for one in run.outcomes.values() if one.at >= world.begins]
        taken = [one for one in asked if one.taken]
        ends = [best[one.id] for one in taken]
        calls = [world.plant.collected(one.at + lead) - one.at for one, lead in zip(taken, ends, strict=True)]
        self.asked, self.best, self.ends = self.asked + asked, self.best + calls, self.ends + ends
        share = mean(one.kept for one in taken)
        ratio = mean(one.lead for one in taken) / mean(calls)
        self.months.append(f"{100 * share:.1f} %, {ratio:.3f}")

    @property
    def kept(self) -> float:
        """Share of the orders done by their first date, which never moved."""
        return mean(one.kept for one in self.taken)

    @property
    def ratio(self) -> float:
        """Mean promised lead over mean lead of hindsight."""
        return mean(one.lead for one in self.taken) / mean(self.best)

    @property
    def ratio_at_gate(self) -> float:
        """The same of the ends that promises reckon with, before the carrier's call."""
        return mean(one.safe for one in self.taken) / mean(self.ends)

    def by(self, told: Callable[[Outcome], int | None]) -> float | None:
        """The share of orders done by a moment that was told with the promise; None where it never was."""
        pairs = [(one.ended, at) for one in self.taken if (at := told(one)) is not None]
        return mean(ended is not None and ended <= at for ended, at in pairs) if pairs else None


def run(sizes: Sizes) -> Table:
    """All policies over all months; every row is said as it is known."""
    load()
    tallies: dict[str, Tally] = {}
    seeds = range(sizes.seed, sizes.seed + sizes.months)
    worlds = [draw_world(seed, sizes.days, sizes.measured, sizes.load) for seed in seeds]
    for world in worlds:
        for live in POLICIES:
            lived = live(world)
            tally = tallies.setdefault(lived.policy, Tally(lived.policy))
            tally.add(world, lived, hindsight(world, lived, sizes.rounds))
            print(f"month {world.seed}, {lived.policy}: kept, ratio {tally.months[-1]}", flush=True)
    found = list(tallies.values())
    table = Table([cells(tally) for tally in found], HEAD)
    table.notes = notes(sizes, worlds, found)
    table.pictures = pictures(found)
    return table


def cells(tally: Tally) -> tuple[str, ...]:
    """One policy's row."""
    leads = [one.lead / DAY for one in tally.taken]
    half, most = tally.by(_half), tally.by(_most)
    return (
        tally.policy, str(len(tally.asked)), str(len(leads)), str(len(tally.asked) - len(leads)),
        f"{100 * tally.kept:.1f} %", str(sum(one.moved > 0 for one in tally.taken)),
        f"{mean(leads):.2f} d", f"{median(leads):.2f} d", f"{mean(tally.best) / DAY:.2f} d",
        f"{tally.ratio:.3f}", f"{tally.ratio_at_gate:.3f}", _percent(half), _percent(most),
        "; ".join(tally.months),
    )  # fmt: skip


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def notes(sizes: Sizes, worlds: Sequence[World], tallies: Sequence[Tally]) -> list[str]:
    """How it was measured, and whether the goals are reached."""
    broke = sum(world.begins <= one.start < world.ends for world in worlds for one in world.breakdowns)
    late = sum(
        any(supply.real > supply.told for supply in one.supplies)
        for world in worlds for one in world.customers if one.at >= world.begins
    )  # fmt: skip
    before = sizes.days - sizes.measured
    load = f"{100 * sizes.load:.0f} %"
    figures = {
        "months": sizes.months, "measured": sizes.measured, "before": before, "load": load, "broke": broke,
        "late": late, "hour": worlds[0].plant.pickup_hour,
    }  # fmt: skip
    lines = [" ".join(text.split()) for text in HOW.format(**figures).strip().split("\n\n")]
    lines += [f"{tally.policy}: {_missed(tally)}" for tally in tallies]
    lines += [f"{tally.policy}: {_goals(tally)}" for tally in tallies if tally.by(_half) is not None]
    return [f"- {line}" for line in lines]


def _half(one: Outcome) -> int | None:
    return one.half


def _most(one: Outcome) -> int | None:
    return one.most


def _missed(tally: Tally) -> str:
    missed = [one for one in tally.taken if not one.kept]
    why = Counter(_why(one) for one in missed)
    told = ", ".join(f"{n} {name}" for name, n in sorted(why.items(), key=lambda item: (-item[1], item[0])))
    return f"{len(missed)} missed{f' ({told})' if told else ''}."


def _why(one: Outcome) -> str:
    return "scrap" if one.remade else one.why or "late"


def _goals(tally: Tally) -> str:
    half, most = tally.by(_half), tally.by(_most)
    assert half is not None
    assert most is not None
    checks = {
        f"{100 * KEPT_GOAL:.0f} % kept": tally.kept >= KEPT_GOAL,
        f"promised lead at most {LEAD_GOAL} of hindsight": tally.ratio <= LEAD_GOAL,
        "40-60 % done by p50": HALF_GOAL[0] <= half <= HALF_GOAL[1],
        "85-95 % done by p90": MOST_GOAL[0] <= most <= MOST_GOAL[1],
    }
    return "; ".join(f"{name}: {'reached' if met else 'not reached'}" for name, met in checks.items()) + "."


def pictures(tallies: Sequence[Tally]) -> dict[str, str]:
    """Promised lead against hindsight, and how late or early orders are, as shares of all orders."""
    leads = {tally.policy: ecdf([one.lead / DAY for one in tally.taken]) for tally in tallies}
    leads[f"hindsight, {tallies[0].policy}"] = ecdf([minutes / DAY for minutes in tallies[0].best])
    late = {
        tally.policy: ecdf([((one.ended or one.promised) - one.promised) / DAY for one in tally.taken])
        for tally in tallies
    }
    percent = "percent of orders"
    return {
        "promise-lead": plot("Promised lead, and what was possible", "days", percent, leads, steps=True),
        "promise-late": plot("Days after the promise", "days", percent, late, steps=True),
    }
