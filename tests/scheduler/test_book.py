"""The book of promises: what is offered is kept, nothing is given twice, every plan passes the verifier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.book import Book
from scheduler.errors import Conflict, Unsolvable
from scheduler.generating import plant
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule, SetupMatrix
from scheduler.offers import Offer
from scheduler.solver import solve
from scheduler.verifier import verify
from tests.scheduler.plants import closed, opinion, problems


def job(name: str, minutes: int = 10, *, due: int = 0, promised: int | None = None) -> Job:
    return Job(name, 0, due, 1, (Operation(f"{name}.1", (Mode("m", minutes),)),), promised=promised)


def open_book(*jobs: Job, until: int = 100) -> Book:
    machine = Resource("m", "machine", ((0, until),))
    problem = Problem("p", "1970-01-05T00:00:00Z", until, (machine,), {}, jobs)
    return Book(problem, solve(problem, time_limit=0))


def test_a_hold_takes_its_place_and_gives_it_back() -> None:
    book = open_book()
    first = book.promise([job("a")], not_before=0)
    assert first.completion == 10
    book.hold(first, "quote", expires=50)
    assert book.promise([job("b")], not_before=0).completion == 20
    assert book.problem.jobs[0].promised == 10
    book.release("quote")
    assert book.promise([job("b")], not_before=0).completion == 10
    assert book.problem.jobs == ()


def test_no_place_is_given_twice() -> None:
    book = open_book()
    one, other = (book.promise([job(name)], not_before=0) for name in "ab")
    book.hold(one, "one", expires=None)
    with pytest.raises(Conflict, match=r"a.1|b.1"):
        book.hold(other, "other", expires=None)
    assert [a.operation for a in book.schedule().assignments] == ["a.1"]
    book.hold(book.promise([job("b")], not_before=0), "other", expires=None)
    assert [a.start for a in book.schedule().assignments] == [0, 10]


def test_a_hold_expires_unless_it_is_firm() -> None:
    book = open_book()
    book.hold(book.promise([job("a")], not_before=0), "a", expires=5)
    book.hold(book.promise([job("b")], not_before=0), "b", expires=5)
    book.firm("a")
    assert book.expire(4) == []
    assert book.expire(5) == ["b"]
    assert [j.id for j in book.problem.jobs] == ["a"]
    with pytest.raises(Conflict, match="nothing is held as b"):
        book.firm("b")


def test_tier_two_moves_others_within_their_promises() -> None:
    book = open_book(job("patient", 30, promised=80), job("urgent", 20, promised=50))
    plain = book.promise([job("new")], not_before=0)
    moved = book.promise([job("new")], not_before=0, tier=2)
    assert (plain.completion, moved.completion) == (60, 10)
    book.hold(moved, "new", expires=None)
    ends = {a.operation: a.end for a in book.schedule().assignments}
    assert ends["new.1"] == 10
    assert ends["patient.1"] <= 80
    assert ends["urgent.1"] <= 50
    assert verify(book.problem, book.schedule()).feasible


def test_tier_two_moves_nobody_who_has_no_time() -> None:
    book = open_book(job("tight", 30, promised=30))
    offer = book.promise([job("new")], not_before=0, tier=2)
    assert (offer.completion, offer.displaced) == (40, {})


def test_tier_two_begins_no_sooner_than_was_asked_for() -> None:
    book = open_book(job("patient", 90, promised=150))
    assert book.promise([job("new")], not_before=0, tier=2).displaced
    assert book.promise([job("new")], not_before=25, tier=2).assignments[0].start >= 25


def test_what_has_started_is_not_displaced() -> None:
    book = open_book(job("patient", 30, promised=80))
    book.advance(1)
    assert book.promise([job("new")], not_before=0, tier=2).completion == 40


def test_an_offer_that_counts_on_others_fails_once_they_have_moved() -> None:
    book = open_book(job("patient", 30, promised=80))
    one, other = (book.promise([job(name)], not_before=0, tier=2) for name in "ab")
    assert one.displaced
    book.hold(one, "a", expires=None)
    before = book.schedule().assignments
    with pytest.raises(Conflict):
        book.hold(other, "b", expires=None)
    assert book.schedule().assignments == before


def test_an_order_that_waits_for_material_is_told_so() -> None:
    late = replace(job("new"), release=40)
    book = open_book()
    offer = book.promise([late], not_before=0)
    assert offer.completion == 50
    earlier = book.earlier(offer, not_before=0)
    assert [(e.how, e.id, e.completion) for e in earlier] == [("release", "new", 10)]


def test_a_cancelled_job_keeps_what_has_started() -> None:
    two = (Operation("a.1", (Mode("m", 10),)), Operation("a.2", (Mode("m", 10),)))
    book = open_book(Job("a", 0, 0, 1, two))
    book.advance(5)
    book.cancel(["a"])
    assert [a.operation for a in book.schedule().assignments] == ["a.1"]
    assert book.promise([job("b")], not_before=0).completion == 20
    with pytest.raises(Conflict, match="not in the book"):
        book.cancel(["a", "zzz"])


def three_in_a_row() -> Book:
    """A press that goes from a to c in no time by way of b, and takes long without it."""
    table = SetupMatrix(("a", "b", "c"), ((0, 0, 50), (0, 0, 0), (50, 0, 0)))
    press = Resource("m", "machine", ((0, 500),), setup="s")
    jobs = [
        Job(name, 0, 0, 1, (Operation(name, (Mode("m", 10),), family=name),), promised=99) for name in "abc"
    ]
    problem = Problem("p", "1970-01-05T00:00:00Z", 500, (press,), {"s": table}, tuple(jobs))
    places = tuple(Assignment(name, "m", 10 * k, 10 * k + 10) for k, name in enumerate("abc"))
    return Book(problem, Schedule("p", 0, None, "", 0.0, places))


def test_who_is_too_soon_once_another_has_left_comes_later() -> None:
    book = three_in_a_row()
    book.cancel("b")
    assert [(a.operation, a.start) for a in book.schedule().assignments] == [("a", 0), ("c", 60)]
    assert verify(book.problem, book.schedule()).feasible


def test_where_the_later_is_a_fact_the_one_before_it_goes() -> None:
    book = three_in_a_row()
    fixed = (Assignment("c", "m", 20, 30),)
    book.repair(replace(book.problem, fixed=fixed), now=0)
    book.cancel("b")
    assert [(a.operation, a.start) for a in book.schedule().assignments] == [("c", 20), ("a", 80)]


def test_a_firing_that_is_too_light_once_another_has_left_is_not_lit() -> None:
    kiln = Resource("k", "batch", ((0, 900),), capacity=9, least_load=5)
    steps = {name: (Operation(name, (Mode("k", 100),), "hot", 3),) for name in "abcd"}
    jobs = tuple(Job(name, 0, 0, 1, ops, promised=900) for name, ops in steps.items())
    starts = zip("abcd", (0, 0, 300, 300), strict=True)
    places = tuple(Assignment(name, "k", at, at + 100) for name, at in starts)
    problem = Problem("p", "1970-01-05T00:00:00Z", 900, (kiln,), {}, jobs)
    book = Book(problem, Schedule("p", 0, None, "", 0.0, places))
    book.cancel("a")
    assert {a.operation: a.start for a in book.schedule().assignments} == {"b": 300, "c": 300, "d": 300}


def test_a_firing_that_cannot_be_filled_is_left_to_somebody() -> None:
    kiln = Resource("k", "batch", ((0, 900),), capacity=9, least_load=5)
    jobs = tuple(Job(n, 0, 0, 1, (Operation(n, (Mode("k", 100),), "hot", 3),), promised=900) for n in "ab")
    problem = Problem("p", "1970-01-05T00:00:00Z", 900, (kiln,), {}, jobs)
    book = Book(problem, solve(problem, time_limit=0))
    start = book.schedule().assignments[0].start
    book.cancel("a")
    assert [(a.operation, a.start) for a in book.schedule().assignments] == [("b", start)]
    assert verify(book.problem, book.schedule()).counts == {"firing under its least load": 1}
    book.cancel("b")
    assert book.schedule().assignments == ()


@settings(max_examples=60, deadline=None)
@given(problems(jobs=4, steps=4), st.data())
def test_any_order_of_promises_and_cancellations_keeps_a_plan(problem: Problem, data: st.DataObject) -> None:
    book = Book(replace(problem, jobs=()), Schedule(problem.name, 0, None, "", 0.0, ()))
    for _ in range(12):
        one = data.draw(st.sampled_from(problem.jobs))
        if one.id in {job.id for job in book.problem.jobs}:
            book.cancel([one.id])
        else:
            book.hold(book.promise([one], not_before=data.draw(st.integers(0, 90))), one.id, expires=None)
            book.firm(one.id)
        assert opinion(book.problem, book.schedule()) == []


# ---- anything in any order ----


class Life:
    """A plant and what befalls it, drawn at random; after each act the plan passes the verifier."""

    def __init__(self, seed: int, orders: int) -> None:
        self.random = Random(seed)
        problem = plant(orders, seed=seed)
        self.book = Book(problem, solve(problem, time_limit=0))
        self.likes = problem.jobs
        self.offers: list[Offer] = []
        self.held: list[str] = []
        self.made = 0
        self.done: dict[str, int] = {}

    def acts(self) -> list[Callable[[], None]]:
        return [self.ask, self.ask, self.hold, self.hold, self.firm, self.release, self.advance, self.cancel]

    def ask(self) -> None:
        like = self.random.choice(self.likes)
        self.made += 1
        name = f"new{self.made}"
        steps = tuple(replace(op, id=f"{name}.{k}", release=0) for k, op in enumerate(like.operations))
        now = self.book.now
        tier = 2 if self.random.random() < 0.2 else 1
        order = Job(name, now, now + self.random.randrange(9000), 1, steps)
        offer = self.book.promise([order], not_before=now, tier=tier)
        self.done["displaced"] = self.done.get("displaced", 0) + bool(offer.displaced)
        self.offers.append(offer)

    def hold(self) -> None:
        if self.offers:
            offer = self.offers.pop(self.random.randrange(len(self.offers)))
            expires = self.book.now + self.random.randrange(500)
            self.book.hold(offer, offer.jobs[0].id, expires=expires)
            self.held.append(offer.jobs[0].id)

    def firm(self) -> None:
        if self.held:
            self.book.firm(self.held.pop(0))

    def release(self) -> None:
        if self.held:
            self.book.release(self.held.pop(0))

    def advance(self) -> None:
        self.book.advance(self.book.now + self.random.randrange(120))

    def cancel(self) -> None:
        if self.book.problem.jobs:
            self.book.cancel([self.random.choice(self.book.problem.jobs).id])

    def breakdown(self) -> None:
        problem = self.book.problem
        lost = self.random.choice(problem.resources)
        start, end = self.book.now, self.book.now + self.random.randrange(60, 2000)
        changed = [closed(r, start, end) if r is lost else r for r in problem.resources]
        self.book.repair(replace(problem, resources=tuple(changed)), now=self.book.now)

    def live(self, acts: int) -> None:
        for k in range(acts):
            act = self.breakdown if k % 40 == 39 else self.random.choice(self.acts())
            self.try_act(act)
            report = verify(self.book.problem, self.book.schedule())
            assert report.feasible, (k, act.__name__, report.violations)
            self.promises_stand(act)

    def try_act(self, act: Callable[[], None]) -> None:
        try:
            act()
            self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
        except (Conflict, Unsolvable):
            self.done[f"{act.__name__} refused"] = self.done.get(f"{act.__name__} refused", 0) + 1

    def promises_stand(self, act: Callable[[], None]) -> None:
        """Only a breakdown may break promises; the book then promises what it can."""
        ends = {a.operation: a.end for a in self.book.schedule().assignments}
        for one in self.book.problem.jobs:
            assert one.promised is not None
            assert ends[one.operations[-1].id] <= one.promised, (act.__name__, one.id)


def test_a_thousand_acts_in_any_order_leave_a_plan_that_passes() -> None:
    life = Life(seed=7, orders=12)
    life.live(1000)
    acts = {"ask", "hold", "firm", "release", "advance", "cancel", "breakdown", "hold refused", "displaced"}
    for act in acts:
        assert life.done.get(act, 0) >= 5, life.done
