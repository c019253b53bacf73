"""The bench of the configurator: its large family, its clock, its customers, and its command."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product as combinations
from pathlib import Path
from random import Random
from typing import TypeVar

import httpx2
import pytest

from modules.rnd.checking import check
from modules.rnd.engine import Engine
from modules.rnd.family import read_files
from modules.rnd.selections import read_state
from seeds.bench.clicks.customers import read_form
from seeds.bench.clicks.first_view import weigh
from seeds.bench.clicks.large_family import PLANT, SLUG, Forbidden, Large, draw_family, write_family
from seeds.bench.clicks.open_loop import Following, Heard, open_loop
from seeds.bench.table import quantile


@pytest.fixture(scope="module")
def large() -> Large:
    return draw_family(5)


@pytest.fixture(scope="module")
def engine(large: Large, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """As the loader takes it: nothing in it may block a release."""
    files = read_files(write_family(large, tmp_path_factory.mktemp("large") / SLUG))
    found = check(files, SLUG, PLANT)
    assert not [one for one in found.findings if one.blocks]
    assert found.engine is not None
    return found.engine


def _walked(large: Large, random: Random, steps: int) -> dict[str, str]:
    """A valid configuration some way from the defaults, by the plain reading of the rules alone."""
    chosen = dict(large.defaults)
    for _ in range(steps):
        option = random.choice(list(large.options))
        other = {**chosen, option: random.choice(large.options[option])}
        chosen = other if large.allows(other) else chosen
    return chosen


def test_the_same_seed_draws_the_same_family_of_the_asked_size(large: Large) -> None:
    assert (len(large.options), len(large.rules)) == (60, 400)
    assert {len(values) for values in large.options.values()} == {12}
    assert draw_family(5) == large
    assert draw_family(6) != large
    assert large.allows(large.defaults)


def test_more_than_ten_to_the_thirty_configurations_are_proven_valid() -> None:
    assert draw_family(1).at_least_valid() > 10**30
    small = draw_family(3, options=6, values=4, rules=14)
    every = combinations(*small.options.values())
    valid = sum(small.allows(dict(zip(small.options, values, strict=True))) for values in every)
    assert 1 < small.at_least_valid() <= valid < small.combinations


def test_its_live_answer_is_what_the_rules_say_value_by_value(large: Large, engine: Engine) -> None:
    """All but two options chosen: what is possible is counted out, by what was drawn and not by the texts."""
    random, shut = Random(9), 0
    for _ in range(4):
        chosen = _walked(large, random, 60)
        open_ = random.sample(list(large.options), 2)
        rest = {name: value for name, value in chosen.items() if name not in open_}
        reply = engine.answer(read_state(engine.product, rest, 240))
        for name in [*open_, *random.sample(list(rest), 12)]:
            for reading in reply.domains[name]:
                right = _possible(large, {**rest, name: reading.value}, open_)
                assert reading.available == right, (name, reading)
                shut += not right
    assert shut > 50


def _possible(large: Large, chosen: dict[str, str], open_: list[str]) -> bool:
    left = [name for name in open_ if name not in chosen]
    if not large.allows(chosen):  # what is not chosen breaks nothing, and cures nothing
        return False
    rules = [rule for rule in large.rules if not set(left).isdisjoint(rule.options)]
    ways = (dict(zip(left, way, strict=True)) for way in combinations(*(large.options[n] for n in left)))
    return any(not any(rule.broken_by({**chosen, **way}) for rule in rules) for way in ways)


def test_the_check_notices_a_rule_that_the_engine_does_not_have(large: Large, tmp_path: Path) -> None:
    """The negative control."""
    fewer = Large(large.options, large.rules[1:], large.defaults)
    found = check(read_files(write_family(fewer, tmp_path / SLUG)), SLUG, PLANT)
    assert found.engine is not None
    with pytest.raises(AssertionError):
        _compare_at(large, found.engine, large.rules[0])


def _compare_at(large: Large, engine: Engine, rule: Forbidden) -> None:
    values = [sorted(some)[-1] for some in rule.values]
    chosen = {**large.defaults, **dict(zip(rule.options, values, strict=True))}
    only = {name: chosen[name] for name in rule.options}
    state = read_state(engine.product, only, 240)
    assert bool(engine.clashes(state)) == rule.broken_by(only)


class _Clicking:
    """Asks for a page, and hears nothing in it."""

    def ask(self, client: httpx2.AsyncClient) -> httpx2.Request:
        return client.build_request("GET", "/")

    def hear(self, response: httpx2.Response) -> tuple[str, Following | None]:
        return "answer", None


class _Jumping(asyncio.SelectorEventLoop):
    """A loop whose clock goes on to the next thing that is due, so that a second of waiting takes none."""

    _now = 0.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._now = max(self._now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


T = TypeVar("T")


def apart(work: Callable[[], T]) -> T:
    """In a thread of its own: this one's may have a browser's event loop running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def _heard(stall: float) -> Heard:
    """Eight customers at a server that answers one after the other, at once; the fifth takes `stall`."""

    async def go() -> Heard:
        turn, served = asyncio.Lock(), 0

        async def answer(request: httpx2.Request) -> httpx2.Response:
            nonlocal served
            async with turn:
                served += 1
                await asyncio.sleep(stall if served == 5 else 0)
            return httpx2.Response(200)

        transport = httpx2.MockTransport(answer)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await open_loop(client, [_Clicking() for _ in range(8)], clicks=4, every=0.2)

    def run() -> Heard:
        with asyncio.Runner(loop_factory=_Jumping) as runner:
            return runner.run(go())

    return apart(run)


def test_the_clock_counts_who_waits_behind_a_stalled_answer() -> None:
    """A stall hits all who were due meanwhile, not only who asked, and no click waits for the one before it;
    without it nobody waits: the negative control. The clock is the loop's, and jumps."""
    took = sorted(_heard(stall=0.6).took["answer"])
    behind = [0.6 - 0.025 * k for k in range(24)]
    assert took[-24:] == pytest.approx(sorted(behind))
    assert took[:-24] == pytest.approx([0.0] * 8)
    assert quantile(took, 0.99) == pytest.approx(0.6)
    assert _heard(stall=0.0).took["answer"] == pytest.approx([0.0] * 32)


def test_a_form_is_read_as_a_browser_would_send_it() -> None:
    form = read_form(
        '<div class="others calm" hx-get="/lines?a=1"></div><input type="hidden" name="csrf" value="x">'
        '<input type="radio" name="a" value="1" checked><input type="radio" name="a" value="2">'
        '<input type="file" name="upload-b"><input name="words" value="">'
    )
    assert form.fields == {"csrf": "x", "a": "1", "words": ""}
    assert form.others == [("a", "2")]
    assert form.lines == "/lines?a=1"


def test_a_first_view_counts_what_a_browser_loads_once_and_compressed() -> None:
    page = (
        '<link rel="stylesheet" href="/a.css"><link rel="stylesheet" href="/a.css">'
        '<script src="/b.js" type="module"></script><img src="/c.png" loading="lazy">'
    )
    faces = [("Plain", "d", "0000-00FF"), ("Plain", "e", "0100-02BA"), ("Other", "f", "0000-00FF")]
    css = ':root{--sans:"Plain",sans-serif}' + "".join(
        f'@font-face{{font-family:"{name}";src:url("../{file}.woff2");unicode-range:U+{letters}}}'
        for name, file, letters in faces
    )
    bodies = {"/": ("text/html", page), "/a.css": ("text/css", css), "/c.js": ("text/javascript", "1;")}
    bodies["/d.woff2"] = ("font/woff2", "letters")
    bodies["/b.js"] = ("text/javascript", 'import { x } from "./c.js";')
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        assert "gzip" in request.headers["Accept-Encoding"]
        kind, body = bodies[request.url.path]
        stream = httpx2.ByteStream(body.encode())
        return httpx2.Response(200, headers={"Content-Type": kind}, stream=stream)

    with httpx2.Client(transport=httpx2.MockTransport(answer), base_url="http://shop") as client:
        weight = weigh(client, "/")
    assert sorted(asked) == ["/", "/a.css", "/b.js", "/c.js", "/d.woff2"]
    assert weight.total > sum(len(body) for _, body in bodies.values())


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COSMO_HOME", str(tmp_path))
    return tmp_path / "bench" / "configure.json"


def test_a_tiny_run_prints_every_row_with_its_goal(quick: Path) -> None:
    from seeds.bench import main

    sizes = ["--quick", "--warm", "0", "--clicks", "3", "--customers", "2"]
    assert apart(lambda: main(["configure", *sizes])) == 0
    kept = json.loads(quick.read_text(encoding="utf-8"))
    assert len(kept["rows"]) == 14
    assert all(row[1] and row[3] in ("yes", "no", "-") for row in kept["rows"])
    assert not [row for row in kept["rows"] if "nothing" in row[2]]
