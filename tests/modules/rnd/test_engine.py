"""The live answer is proven against trying everything, for each family, on random partial configurations."""

from collections.abc import Set
from decimal import Decimal
from itertools import combinations
from time import thread_time
from typing import Any

import pytest

from modules.rnd import words
from modules.rnd.engine import Engine, _Click
from modules.rnd.evaluate import keeps
from modules.rnd.family import family_of
from modules.rnd.meetings import set_of
from modules.rnd.product import Product
from modules.rnd.selections import State, facts_of
from modules.rnd.solver import Blame
from tests.modules.rnd.brute import Brute, choosing, only, without
from tests.modules.rnd.families import SLUGS, configured, draws, product, text_of

DRAWS, MANY = 200, 2000


@pytest.fixture(scope="module", params=SLUGS)
def slug(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(slug: str) -> Engine:
    return Engine(product(slug))


@pytest.fixture(scope="module")
def brute(slug: str) -> Brute:
    return Brute(product(slug))


def test_every_value_is_available_exactly_if_some_whole_configuration_has_it(
    slug: str, engine: Engine, brute: Brute
) -> None:
    agreed = contradictory = locked = 0
    for state in draws(slug, MANY, seed=7):
        reply = engine.answer(state)
        possible = brute.possible(state)
        assert bool(reply.clashes) != possible
        if not possible:
            contradictory += 1
            continue
        agreed += 1
        for name, readings in reply.domains.items():
            rest = without(state, name)
            for reading in readings:
                assert reading.available == brute.possible(choosing(rest, name, reading.value)), (
                    state,
                    name,
                    reading,
                )
                locked += not reading.available
    assert agreed > 50
    assert contradictory > 10
    assert locked > 20


def test_the_comparison_notices_a_rule_that_the_solver_does_not_know(
    slug: str, engine: Engine, brute: Brute
) -> None:
    """The negative control: leave any one rule out of the solver, and brute force disagrees somewhere.

    A rule that asks for something to be given is never contradicted, it only says what is missing.
    """
    for rule in product(slug).rules:
        content = text_of(slug)
        rules = content["rules"]
        content["rules"] = [text for text in rules if text["id"] != rule.id]
        forgetful = Engine(Product(family_of(content)))
        drawn = (only(state, set(rule.options)) for state in draws(slug, 1000, seed=7))
        assert any(
            bool(forgetful.clashes(state)) == brute.possible(state)
            or forgetful.missing(state) != engine.missing(state)
            for state in drawn
        ), rule.id


def test_every_conflict_is_minimal_and_every_rule_in_it_is_needed(
    slug: str, engine: Engine, brute: Brute
) -> None:
    seen = 0
    for state in draws(slug, MANY // 2, seed=11):
        for clash in engine.answer(state).clashes:
            seen += 1
            assert not brute.possible(only(state, clash.options))
            for name in clash.options:
                assert brute.possible(only(state, tuple(n for n in clash.options if n != name)))
            _rules_are_minimal(slug, only(state, clash.options), clash)
    assert seen > 20


def test_every_reason_is_minimal_and_every_way_out_works(slug: str, engine: Engine, brute: Brute) -> None:
    reasons = ways = 0
    for state in draws(slug, MANY // 2, seed=13):
        reply = engine.answer(state)
        if reply.clashes:
            continue
        for name, readings in reply.domains.items():
            rest = without(state, name)
            for reading in (r for r in readings if not r.available):
                wanted = choosing(rest, name, reading.value)
                for blame in reading.blames:
                    reasons += 1
                    assert not brute.possible(only(wanted, (*blame.options, name)))
                    for left in blame.options:
                        kept = tuple(n for n in blame.options if n != left)
                        assert brute.possible(only(wanted, (*kept, name)))
                if reading.frees is not None:
                    ways += 1
                    change = reading.frees
                    freed = without(wanted, change.option)
                    if change.value is not None:
                        freed = choosing(freed, change.option, change.value)
                    assert brute.possible(freed)
    assert reasons > 20
    assert ways > 5


def test_a_way_out_seen_at_a_glance_is_the_one_that_a_search_finds(
    slug: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = list(draws(slug, DRAWS // 2, seed=17))
    seen = [engine.answer(state) for state in drawn]
    assert any(reply.clashes for reply in seen)
    monkeypatch.setattr(_Click, "_fine", lambda *_: frozenset())
    for state, reply in zip(drawn, seen, strict=True):
        assert engine.answer(state) == reply


def test_what_is_surely_shut_is_what_a_search_shuts(
    slug: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, shut = list(draws(slug, DRAWS // 2, seed=23)), list[int]()
    surely = _Click._surely_shut

    def noted(*asked: Any) -> Set[str]:
        shut.append(len(surely(*asked)))
        return surely(*asked)

    monkeypatch.setattr(_Click, "_fine", lambda *_: frozenset())
    monkeypatch.setattr(_Click, "_surely_shut", noted)
    seen = [engine.answer(state) for state in drawn]
    monkeypatch.setattr(_Click, "_surely_shut", lambda *_: frozenset())
    assert [engine.answer(state) for state in drawn] == seen
    assert sum(shut) > 5


def test_what_values_meet_is_not_asked_of_the_search_for_answers() -> None:
    """A solver that was told to prefer many values decides on each of them ever after."""
    with Engine(product("mug")).asking() as oracle:
        before = oracle._fast.accum_stats()
        values = oracle.encoding.choice.values()
        oracle.meetings.arrange(values, values)
        assert oracle._fast.accum_stats() == before
        assert oracle.meetings.has_met([next(iter(values))])


def _rules_are_minimal(slug: str, state: State, clash: Blame) -> None:
    """The named rules alone contradict the choices; without any one of them they do not."""
    rules = product(slug).rules

    def contradicts(indices: tuple[int, ...]) -> bool:
        part = Brute(product(slug))
        part.product = _With(part.product, [rules[i] for i in indices])  # type: ignore[assignment]
        return not part.possible(state)

    assert contradicts(clash.rules)
    for index in clash.rules:
        assert not contradicts(tuple(i for i in clash.rules if i != index))


class _With:
    """A product with other rules."""

    def __init__(self, made: object, rules: list[object]) -> None:
        self._made, self.rules = made, rules

    def __getattr__(self, name: str) -> object:
        return getattr(self._made, name)


def test_the_room_of_a_number_is_what_is_possible(slug: str, engine: Engine, brute: Brute) -> None:
    for state in draws(slug, DRAWS // 4, seed=17):
        reply = engine.answer(state)
        if reply.clashes:
            continue
        for name, room in reply.rooms.items():
            rest = without(state, name)
            possible = [n for n in brute.marks[name] if brute.possible(choosing(rest, name, n))]
            assert possible
            assert room.low <= min(possible)
            assert room.high >= max(possible)
            assert brute.possible(choosing(rest, name, room.low))
            assert brute.possible(choosing(rest, name, room.high))


def test_complete_means_that_nothing_is_missing_and_every_rule_is_kept(slug: str, engine: Engine) -> None:
    made, complete = product(slug), 0
    for state in draws(slug, DRAWS // 2, seed=19):
        reply = engine.answer(state)
        all_given = all(option.optional or option.id in state for option in made.options.values())
        facts = facts_of(made, state)
        kept = state.quantity is not None and all(keeps(rule.rule, facts) for rule in made.rules)
        if state.quantity is not None:
            assert reply.complete == (all_given and kept), (state, reply.missing)
        complete += reply.complete
    assert complete


def test_the_defaults_are_complete(slug: str, engine: Engine) -> None:
    assert engine.answer(configured(slug)).complete


def test_nothing_given_is_changed_and_a_way_out_of_a_conflict_is_always_open() -> None:
    engine = Engine(product("mug"))
    state = configured("mug", 2400, decoration="decal", artwork="x", finish="reactive")
    before = dict(state.given)
    reply = engine.answer(state)
    assert dict(state.given) == before
    assert [clash.options for clash in reply.clashes] == [("finish", "decoration")]
    assert any(r.available for r in reply.domains["finish"])
    assert any(r.available for r in reply.domains["decoration"])
    assert any(r.available for r in reply.domains["handle"])


def test_two_separate_contradictions_are_both_told() -> None:
    reply = Engine(product("mug")).answer(
        configured("mug", 240, decoration="decal", artwork="x", finish="reactive", outer_glaze="signal")
    )
    assert {clash.options for clash in reply.clashes} == {
        ("finish", "decoration"), ("finish", "quantity"), ("body", "outer_glaze"),
    }  # fmt: skip


def test_a_quantity_frees_what_is_made_in_large_lots_only() -> None:
    reply = Engine(product("mug")).answer(configured("mug", 240))
    custom = next(r for r in reply.domains["shape"] if r.value == "custom")
    assert custom.frees is not None
    assert (custom.frees.option, custom.frees.value) == ("quantity", Decimal(1000))


def test_a_text_that_is_in_the_way_can_be_left_out() -> None:
    reply = Engine(product("mug")).answer(configured("mug", decoration="decal", personal_name="Mia"))
    none = next(r for r in reply.domains["decoration"] if r.value == "none")
    assert none.frees is not None
    assert (none.frees.option, none.frees.value) == ("personal_name", None)


def test_an_upload_is_needed_once_something_is_printed() -> None:
    engine = Engine(product("mug"))
    printed = engine.answer(configured("mug", decoration="laser"))
    assert printed.required["artwork"]
    assert printed.missing == ("artwork",)
    assert not engine.answer(configured("mug")).required["artwork"]


def test_the_mug_answers_within_the_goal_most_of_the_time() -> None:
    engine, times = Engine(product("mug")), []
    for state in draws("mug", 150, seed=23):
        began = thread_time()
        engine.answer(state)
        times.append(thread_time() - began)
    times.sort()
    assert times[len(times) // 2] < 0.025


def test_what_was_learnt_beforehand_is_not_searched_for_at_a_click() -> None:
    """Choices only: of numbers and texts nothing is learnt before they are asked for."""
    drawn = [State({"body": "porcelain", "finish": v.id}) for v in product("mug").options["finish"].values]
    engine, fresh = Engine(product("mug")), Engine(product("mug"))
    unused = fresh._oracle.meetings._solver.accum_stats()
    engine.learn()
    with engine.asking() as oracle:
        before = oracle.meetings._solver.accum_stats()
        every = set_of(oracle.encoding.choice.values())
        assert not any(oracle.meetings.strange(value, every) for value in oracle.encoding.choice.values())
    learnt = [engine.answer(state) for state in drawn]
    assert oracle.meetings._solver.accum_stats() == before
    assert [fresh.answer(state) for state in drawn] == learnt
    assert fresh._oracle.meetings._solver.accum_stats() != unused


def test_whether_a_text_and_a_value_can_be_together_is_searched_once() -> None:
    with Engine(product("mug")).asking() as oracle:
        given, none = oracle.encoding.given["personal_name"], oracle.encoding.choice["decoration", "none"]
        decal = oracle.encoding.choice["decoration", "decal"]
        told = [oracle.meetings.apart(given, none), oracle.meetings.apart(given, decal)]
        before = oracle.meetings._solver.accum_stats()
        assert [oracle.meetings.apart(given, none), oracle.meetings.apart(given, decal)] == told
        assert told == [True, False]
        assert oracle.meetings._solver.accum_stats() == before


def test_every_two_choices_that_exclude_each_other_are_found(slug: str, engine: Engine) -> None:
    """Also those that were never asked about: a fresh solver says the same of every two."""
    fresh, found = Engine(product(slug)), 0
    with engine.asking() as oracle, fresh.asking() as asked:
        for state in draws(slug, DRAWS, 29):
            parts = {name: own for name, own in oracle.parts(state).items() if own}
            alone = [name for name, own in parts.items() if not asked.possible(own)]
            pairs = [
                {a, b} for a, b in combinations([name for name in parts if name not in alone], 2)
                if not asked.possible([*parts[a], *parts[b]])
            ]  # fmt: skip
            assert oracle._small_clashes(parts) == [*({name} for name in alone), *pairs]
            found += len(pairs)
    assert found > 5


def test_the_way_out_of_a_value_is_told_in_each_readers_language() -> None:
    made, state = product("mug"), configured("mug", decoration="none", body="porcelain")
    reply = Engine(made).answer(state)
    told = {}
    for locale in ("en", "de", "en"):
        domains = words.answer(made, {}, state, reply, locale).domains
        told[locale] = [v.frees_label for values in domains.values() for v in values if v.frees]
    assert any(label.startswith("Switch to ") for label in told["en"])
    assert not set(told["en"]) & set(told["de"])


def test_what_agrees_is_the_same_told_from_all_contradictions_and_searched_for(
    slug: str, engine: Engine
) -> None:
    contradictory = 0
    with engine.asking() as oracle:
        for state in draws(slug, DRAWS, 19):
            parts = oracle.parts(state)
            clashes, whole = oracle.clashes(parts)
            for left_out in [None, *parts] if clashes and whole else []:
                rest = {name: own for name, own in parts.items() if name != left_out}
                assert list(oracle.agreeing(rest, clashes)) == list(oracle.agreeing(rest))
                contradictory += len(oracle.agreeing(rest)) < len(rest)
    assert contradictory
