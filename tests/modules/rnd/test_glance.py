"""What a single rule says of a choice's values once all else that it reads is decided."""

from collections.abc import Callable, Iterator
from itertools import count
from itertools import product as combined

import pytest

from modules.rnd.evaluate import keeps
from modules.rnd.family import Option
from modules.rnd.glance import Glance, Sight, View
from modules.rnd.product import Product
from modules.rnd.selections import State, facts_of, read_state
from modules.rnd.solver import Oracle
from tests.modules.rnd.brute import choosing
from tests.modules.rnd.families import SLUGS, draws, product
from tests.modules.rnd.test_encode import VALUES, with_rule


def _compared(made: Product, glance: Glance, oracle: Oracle, state: State) -> int:
    """How many values break a rule, each as the plain reading of the rule says."""
    view, found = glance.view(oracle.parts(state)), 0
    for index, rule in enumerate(made.rules):
        for option in (made.options[name] for name in rule.options if name in made.options):
            if not option.enumerable or not {*rule.options} - {option.id} <= view.keys():
                continue
            facts = {v.id: facts_of(made, choosing(state, option.id, v.id)) for v in option.values}
            broken = {value for value, one in facts.items() if not keeps(rule.rule, one)}
            assert glance.broken(index, option, view) == broken, (rule.id, option.id, state)
            found += len(broken)
    return found


@pytest.mark.parametrize("slug", SLUGS)
def test_a_glance_says_of_every_rule_what_its_plain_reading_says(slug: str) -> None:
    made = product(slug)
    oracle = Oracle(made)
    broken = [_compared(made, oracle.glance, oracle, state) for state in draws(slug, 60, seed=31)]
    assert sum(broken) > 50


@pytest.mark.parametrize(
    "text",
    [
        "p = p2 needs q.size + r.size <= 7",
        "p.size + q.size > r.size needs r.size * p.size >= 6",
        "r is not set needs p in (p1, p3) or q = q2",
    ],
)
def test_a_glance_reads_sizes_and_what_is_left_empty(text: str) -> None:
    made = with_rule(text)
    oracle, index = Oracle(made), len(made.rules) - 1
    (rule,) = (read.rule for read in made.rules if read.id == "sizes")
    told = set()
    for q, r in combined(VALUES, (*VALUES, None)):
        chosen = {"q": f"q{q}", **({"r": f"r{r}"} if r else {})}
        view = oracle.glance.view(oracle.parts(read_state(made, chosen, None)))
        view |= {} if r else {"r": (-oracle.encoding.given["r"],)}
        facts = {f"p{p}": facts_of(made, read_state(made, {**chosen, "p": f"p{p}"}, None)) for p in VALUES}
        broken = {value for value, one in facts.items() if not keeps(rule, one)}
        assert oracle.glance.broken(index, made.options["p"], view) == broken, chosen
        told.add(len(broken))
    assert len(told) > 1


def test_what_was_seen_makes_room_and_is_seen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = product("mug")
    oracle, drawn = Oracle(made), list(draws("mug", 20, seed=3))
    before = [_compared(made, oracle.glance, oracle, state) for state in drawn]
    monkeypatch.setattr("modules.rnd.glance._REMEMBERED", 3)
    assert [_compared(made, oracle.glance, oracle, state) for state in drawn] == before
    known = sum(len(look.known) for looks in oracle.glance.touching.values() for look in looks.values())
    assert _compared(made, Oracle(made).glance, oracle, drawn[0]) == before[0]
    oracle.glance._make_room()
    assert (
        known
        > 3
        >= sum(len(look.known) for looks in oracle.glance.touching.values() for look in looks.values())
    )


def wholes(slug: str, count: int) -> list[View]:
    """Complete configurations that keep the rules."""
    oracle, found = Oracle(product(slug)), []
    for state in draws(slug, count, seed=5):
        if oracle.possible(literal for own in oracle.parts(state).values() for literal in own):
            found.append(oracle.witness())
    return found


def sights(glance: Glance, slug: str, whole: View) -> list[Sight]:
    choices = [option for option in product(slug).options.values() if option.enumerable]
    return [glance.sight(option, {}, whole) for option in choices]


@pytest.mark.parametrize("slug", SLUGS)
def test_what_values_break_is_the_same_with_hardly_any_room_as_read_anew(
    slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = wholes(slug, 30)
    afresh = [sights(Oracle(product(slug)).glance, slug, whole) for whole in drawn]
    kept, little = Oracle(product(slug)).glance, Oracle(product(slug)).glance
    assert [sights(kept, slug, whole) for whole in drawn] == afresh
    monkeypatch.setattr("modules.rnd.glance._SEEN", 1)
    assert [sights(little, slug, whole) for whole in drawn] == afresh
    assert len({str(one) for one in afresh}) > 1


def failing_at(last: int, calls: Iterator[int]) -> Callable[[Glance, int, Option, View], frozenset[str]]:
    """Reads off rules but once, when it is called for the `last` time."""
    read = Glance.broken

    def broken(self: Glance, index: int, option: Option, view: View) -> frozenset[str]:
        if next(calls) == last:
            raise MemoryError
        return read(self, index, option, view)

    return broken


def test_what_failed_half_way_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    (whole, *_), calls = wholes("mug", 5), count()
    with monkeypatch.context() as counting:
        counting.setattr(Glance, "broken", failing_at(-1, calls))
        expected = sights(Oracle(product("mug")).glance, "mug", whole)
    for last in range(next(calls)):
        glance = Oracle(product("mug")).glance
        with monkeypatch.context() as failing:
            failing.setattr(Glance, "broken", failing_at(last, count()))
            with pytest.raises(MemoryError):
                sights(glance, "mug", whole)
        assert sights(glance, "mug", whole) == expected, last
