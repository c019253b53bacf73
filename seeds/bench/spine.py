"""The whole thread under load: configuring, placing, following, planning; SQLite and, if named, PostgreSQL.

All figures are of one server process on this machine, its clients beside it, data synthetic.
"""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from random import Random
from statistics import median
from typing import Any

import httpx2

from scheduler.formats import problem_from_dict
from scheduler.model import Problem
from scheduler.search import load_model
from scheduler.solver import solve
from seeds.bench.placing import follow_up, place_all, placed_row
from seeds.bench.serving import Served, served
from seeds.bench.table import Table, milliseconds
from seeds.bench.watching import event_latencies
from seeds.wishes import mug

CUSTOMER = "Café Wiese"
PLANT = "lu-ceramics"
EARLIER = 10 * 1440
"""Minutes by which promises are pulled forward for the comparison of planning methods."""
HOME = {
    "name": CUSTOMER,
    "street": "Schulterblatt 12",
    "city": "Hamburg",
    "postal_code": "20357",
    "country": "DE",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How often each thing is done, how many watch, how many seconds of search are compared."""

    configures: int
    orders: int
    clients: int
    events: int
    watchers: tuple[int, ...] = (1, 100, 1000)
    search: float = 10.0
    past: bool = True
    """On the demo's plant with its open orders; else on one without a past, planned last."""


USUAL = Sizes(configures=400, orders=300, clients=32, events=20)
QUICK = Sizes(configures=60, orders=60, clients=32, events=5, past=False)


def run(sizes: Sizes) -> Table:
    """Measure all rows; PostgreSQL's are left out, and say so, where COSMO_BENCH_POSTGRES names none."""
    table = Table()
    with served(small=not sizes.past) as server:
        if sizes.past:
            _plan(server, sizes, table)
        _configure(server, sizes, table)
        orders = _place(server, sizes, table, "SQLite")
        _follow(server, orders[0], sizes, table)
        if not sizes.past:  # there is nothing to plan before
            _plan(server, sizes, table)
    address = os.environ.get("COSMO_BENCH_POSTGRES")
    if address is None:
        table.add("orders placed, PostgreSQL", "left out", "COSMO_BENCH_POSTGRES names no database")
        return table
    with served(address) as server:
        _place(server, sizes, table, "PostgreSQL")
    return table


def _defaults(client: httpx2.Client) -> dict[str, Any]:
    told = client.get("/api/v1/families/mug").raise_for_status().json()
    return dict(told["defaults"])


def _configure(server: Served, sizes: Sizes, table: Table) -> None:
    random, took = Random(1), []
    with server.client("customer", CUSTOMER) as client:
        defaults = _defaults(client)
        for n in range(sizes.configures + 5):
            body = {
                "selections": {**defaults, **mug(random).selections},
                "quantity": 240,
                "ship_to": {"city": "Hamburg"},
            }
            began = time.perf_counter()
            client.post("/api/v1/families/mug/configure", json=body).raise_for_status()
            if n >= 5:
                took.append(time.perf_counter() - began)
    table.add(
        "configure, valid values with price and date",
        milliseconds(took),
        f"{len(took)} clicks on the mug, one client",
    )


def _place(server: Served, sizes: Sizes, table: Table, name: str) -> list[dict[str, Any]]:
    with server.client("customer", CUSTOMER) as client:
        defaults = _defaults(client)
    with ThreadPoolExecutor(sizes.clients) as pool:
        quotes = list(pool.map(lambda n: _quote(server, defaults, n), range(sizes.clients + sizes.orders)))
    key = server.keys["customer", CUSTOMER]
    place_all(server, key, quotes[: sizes.clients], sizes.clients)  # a server's first orders are not counted
    took, elapsed, orders = place_all(server, key, quotes[sizes.clients :], sizes.clients)
    placed_row(took, elapsed, name, sizes.clients, table)
    follow_up(server, name, sizes.orders, table)
    return orders


def _quote(server: Served, defaults: dict[str, Any], n: int) -> str:
    wish = mug(Random(n))
    body = {"family": "mug", "selections": {**defaults, **wish.selections}, "quantity": 48, "ship_to": HOME}
    with server.client("customer", CUSTOMER) as client:
        return str(client.post("/api/v1/quotes", json=body).raise_for_status().json()["id"])


def _follow(server: Served, order: dict[str, Any], sizes: Sizes, table: Table) -> None:
    token = str(order["tracking_url"]).rsplit("/", 1)[1]
    for watchers in sizes.watchers:
        took = asyncio.run(event_latencies(server.url, str(order["id"]), token, watchers, sizes.events))
        table.add(
            f"event to browser, {watchers} watching",
            milliseconds(took),
            f"{sizes.events} events, HTML fragment each",
        )


def _plan(server: Served, sizes: Sizes, table: Table) -> None:
    with server.client("planner", PLANT) as client:
        path = f"/api/v1/plants/{PLANT}/schedule"
        told = client.get(path, params={"format": "cosmo"}).raise_for_status().json()
        began = time.perf_counter()
        client.post(f"/api/v1/plants/{PLANT}/replan", json={}).raise_for_status()
        seconds = time.perf_counter() - began
    problem = problem_from_dict(told["problem"])
    operations = len(problem.operations())
    table.add(
        "plan size", f"{len(problem.jobs)} lots, {operations} operations", "what has not started, Lu Ceramics"
    )
    table.add("replanned", f"{seconds:.1f} s", "solver's process started, 3 s of search, verified, rebased")
    _objectives(problem, sizes.search, table)


def _objectives(problem: Problem, seconds: float, table: Table) -> None:
    """Rules, search without and with CP-SAT on the same plan; promises pulled forward so that they bind."""
    load_model()  # both get the same seconds of search
    jobs = tuple(replace(job, due=max(0, job.due - EARLIER)) for job in problem.jobs)
    tight = replace(problem, jobs=jobs)
    rules = solve(tight, time_limit=0).objective
    without = [solve(tight, time_limit=seconds, seed=s, exact=False).objective for s in range(3)]
    with_it = [solve(tight, time_limit=seconds, seed=s).objective for s in range(3)]
    each = len(jobs) * 60
    note = f"hours late a lot, promises pulled forward by {EARLIER // 1440} days; median of 3 seeds"
    table.add("rules alone", f"{rules / each:.2f}", note)
    table.add(f"{seconds:g} s of search without CP-SAT", _ratio(without, rules, each), "ratio to rules")
    table.add(f"{seconds:g} s of search with CP-SAT", _ratio(with_it, rules, each), "ratio to rules")


def _ratio(objectives: list[int], rules: int, each: int) -> str:
    found = median(objectives)
    return f"{found / each:.2f} ({found / rules:.2f})" if rules else f"{found / each:.2f}"
