"""The configurator by the clock: customers who click once a second each, open loop, on one server process.

Latencies count from the moment a click was due. All data is synthetic; the plant is the demo's, the large
family is drawn from a seed.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import median

import httpx2

from scheduler.bench.plots import ecdf, plot
from seeds.bench.clicks.customers import (
    CONFLICT,
    DATED,
    LINES,
    LINES_AFTER,
    PRICED,
    ApiCustomer,
    Insisting,
    Locked,
    PageCustomer,
    read_form,
)
from seeds.bench.clicks.first_view import usable_after, weigh
from seeds.bench.clicks.large_family import SLUG, Large, draw_family
from seeds.bench.clicks.offering import offer_family
from seeds.bench.clicks.open_loop import Customer, Heard, open_loop
from seeds.bench.serving import Served, served
from seeds.bench.table import Table, milliseconds, quantile

HEAD = ("measure", "goal", "measured", "reached", "how")
MUG = "mug"
GOALS = {"price": 0.025, "date": 0.060, "large": 0.050, "conflict": 0.050, "lines": 1.5}
"""Seconds, of the 99th percentile."""
HOW = """
{customers} customers click once a second each, whether or not the last click was answered; latency counts
from when a click was due. {clicks} clicks of each count in every row, after {warm} that do not. Choices are
drawn from what the last answer gave as possible; an answer that leaves something open is taken back.

The lines are asked for {after} s after each answer, as the page does, and count from the click.

The measuring process itself was late by {late:.0f} ms at most.

All data is synthetic.
"""
FIRST_VIEW, USABLE = 120_000, 1.0
"""Bytes, and seconds on a slow phone."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many customers click how often, after so many clicks that do not count; `visits`: of a page on a
    slow phone."""

    clicks: int = 60
    warm: int = 4
    customers: int = 8
    visits: int = 5
    seed: int = 1
    past: bool = True
    """On the demo's plant with its open orders; else on one without a past."""


USUAL = Sizes()
QUICK = Sizes(clicks=5, visits=3, past=False)


def run(sizes: Sizes) -> Table:
    """All rows; the family is offered before the server starts."""
    table, large = Table(head=HEAD), draw_family(sizes.seed)
    _space(table, large)
    with served(small=not sizes.past, also=partial(offer_family, large=large)) as server:
        _first_views(server, sizes, table)
        clicks = _Clicks(server, sizes, table)
        for name, family, goal in (("mug", MUG, "price"), ("60 x 12, 400 rules", SLUG, "large")):
            clicks.answers(name, family, goal)
        clicks.page()
    table.pictures = clicks.pictures()
    table.notes = _notes(sizes, clicks)
    return table


def _space(table: Table, large: Large) -> None:
    combinations, valid = large.combinations, large.at_least_valid()
    how = f"{valid:.1e} of {combinations:.1e} combinations lie in a box in which no rule is broken"
    _row(table, "option space of the large family", "over 1e30", f"at least {valid:.1e}", valid > 10**30, how)


def _row(table: Table, what: str, goal: str, figure: str, met: bool | None, how: str) -> None:
    reached = "-" if met is None else "yes" if met else "no"
    table.rows.append((what, goal, figure, reached, how))
    print(f"{what}: {figure} (goal {goal}; reached: {reached})", flush=True)


class _Clicks:
    """Runs one kind of customer after the other and notes what they met."""

    def __init__(self, server: Served, sizes: Sizes, table: Table) -> None:
        self.server, self.sizes, self.table = server, sizes, table
        self.heard: dict[str, list[float]] = {}
        self.late = 0.0

    def answers(self, name: str, family: str, goal: str) -> None:
        """Valid values with the price alone and with the date, and conflicts, through the API."""
        how = "values and price, JSON API"
        self._row(f"{name}: {how}", goal, self._clicked(self._buyers(family, promise=False)), PRICED)
        dated, within = self._buyers(family), "date" if family == MUG else goal
        heard = self._clicked(dated)
        self._row(f"{name}: values, price and date, JSON API", within, heard, DATED)
        locked = [one for customer in dated for one in customer.locked]
        heard = self._clicked(self._insisting(family, locked))
        self._row(f"{name}: smallest conflicts, ranked repairs", "conflict", heard, CONFLICT)

    def page(self) -> None:
        """The page's own part, with the counterfactual lines that it loads after each answer."""
        heard = self._clicked(list(self._visitors(lines=False)))
        self._row("mug: the page's answer with date", "date", heard, DATED)
        heard = self._clicked(list(self._visitors(lines=True)))
        self._row("mug: all counterfactual lines there", "lines", heard, LINES)
        self._row("mug: the page's answer beside the lines", "date", heard, DATED)

    def _randoms(self) -> Iterator[Random]:
        yield from (Random(f"{self.sizes.seed}-{n}") for n in range(self.sizes.customers))

    def _buyers(self, family: str, *, promise: bool = True) -> list[ApiCustomer]:
        told = httpx2.get(f"{self.server.url}/api/v1/families/{family}", timeout=60).raise_for_status().json()
        return [ApiCustomer(random, family, told["defaults"], promise) for random in self._randoms()]

    def _insisting(self, family: str, locked: Sequence[Locked]) -> list[Insisting]:
        return [Insisting(random, family, list(locked)) for random in self._randoms()]

    def _visitors(self, *, lines: bool) -> Iterator[PageCustomer]:
        for random in self._randoms():
            address = f"{self.server.url}/configure/{MUG}"
            page = httpx2.get(address, timeout=60).raise_for_status()
            form = read_form(page.text)
            yield PageCustomer(random, address, dict(page.cookies), form, form, lines)

    def _clicked(self, customers: Sequence[Customer]) -> Heard:
        heard = asyncio.run(_clicks(self.server.url, customers, self.sizes))
        self.late = max(self.late, heard.late)
        return heard

    def _row(self, what: str, goal: str, heard: Heard, kind: str) -> None:
        took = self.heard[what] = heard.took.get(kind, [])
        if not took:
            _row(self.table, what, "-", "nothing was answered", False, "")
            return
        beside = "".join(f", {len(v)} {k}" for k, v in heard.took.items() if k not in (kind, LINES))
        met = quantile(took, 0.99) <= GOALS[goal]
        wanted = f"p99 {GOALS[goal] * 1000:g} ms"
        _row(self.table, what, wanted, milliseconds(took), met, f"{len(took)} answers{beside}")


    def pictures(self) -> dict[str, str]:
        """How latencies spread, at most five lines in a picture."""
        curves = {name: ecdf([s * 1000 for s in took]) for name, took in self.heard.items() if took}
        mug = {name: one for name, one in curves.items() if name.startswith("mug")}
        large = {name: one for name, one in curves.items() if name not in mug}
        title, axes = "From a click to its answer", ("milliseconds", "percent of answers")
        return {
            "configure-mug": plot(title, *axes, dict(list(mug.items())[:5]), log_x=True),
            "configure-large": plot(title, *axes, large, log_x=True),
        }


async def _clicks(url: str, customers: Sequence[Customer], sizes: Sizes) -> Heard:
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=200)
    headers = {"Accept-Encoding": "gzip"}
    async with httpx2.AsyncClient(base_url=url, timeout=120.0, limits=limits, headers=headers) as client:
        await open_loop(client, customers, sizes.warm)
        return await open_loop(client, customers, sizes.clicks)


def _first_views(server: Served, sizes: Sizes, table: Table) -> None:
    views = {"the shop": "/", "the configurator": f"/configure/{MUG}"}
    for name, path in views.items():
        with httpx2.Client(base_url=server.url, timeout=60.0) as client:
            weight = weigh(client, path)
        how = f"{len(weight.parts)} files, compressed, with their headers; without 3D"
        figure = f"{weight.total / 1000:.1f} kB"
        _row(table, f"first view of {name}", "120 kB", figure, weight.total <= FIRST_VIEW, how)
    usable = usable_after(server.url, list(views.values()), sizes.visits)
    for name, path in views.items():
        what = f"{name} on a slow phone, usable"
        if usable is None:
            _row(table, what, "1 s", "left out", None, "no Chromium, or no playwright, on this machine")
            continue
        how = f"median of {sizes.visits} cold visits; CPU 4 times slower, 150 ms, 1.6 Mbit/s"
        _row(table, what, "1 s", f"{median(usable[path]):.2f} s", median(usable[path]) <= USABLE, how)


def _notes(sizes: Sizes, clicks: _Clicks) -> list[str]:
    lines = HOW.format(
        customers=sizes.customers, clicks=sizes.clicks, warm=sizes.warm, after=LINES_AFTER,
        late=clicks.late * 1000,
    )  # fmt: skip
    return [f"- {' '.join(text.split())}" for text in lines.strip().split("\n\n")]
