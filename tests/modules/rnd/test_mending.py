"""Repairs and conflicts are proven against trying everything, for each family, on random configurations.

Each check is a function that lists what is wrong, and is shown to find it where it is planted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from itertools import product as combined

import pytest

from modules.rnd.engine import Engine
from modules.rnd.family import family_of
from modules.rnd.mending import MOST_CHANGES, Repair
from modules.rnd.product import Product
from modules.rnd.selections import Change, State
from modules.rnd.solver import Oracle, Parts
from modules.rnd.terms import QUANTITY
from tests.modules.rnd.brute import Brute, choosing, only, without
from tests.modules.rnd.families import SLUGS, configured, draws, marks_of, product, text_of

DRAWS = 300
SEED = 31


class Tried:
    """Brute force that knows options which are left out for good, not just not chosen yet."""

    def __init__(self, made: Product) -> None:
        self.product, self.marks = made, marks_of(made)
        self.by_gone: dict[frozenset[str], _LeftOut] = {}

    def possible(self, state: State, changes: Sequence[Change] = ()) -> bool:
        gone = frozenset(change.option for change in changes if change.value is None)
        for change in changes:
            state = without(state, change.option)
            if change.value is not None:
                state = choosing(state, change.option, change.value)
        if gone not in self.by_gone:
            self.by_gone[gone] = _LeftOut(self.product, gone)
        return self.by_gone[gone].possible(state)

    def others(self, state: State, name: str) -> list[Change]:
        """Everything else a chosen option could be."""
        option = self.product.options.get(name)
        if option is None or option.numeric:
            now = state.quantity if option is None else state.given[name]
            found = [Change(name, number) for number in self.marks[name] if number != now]
        else:
            found = [Change(name, v.id) for v in option.values if v.id != state.given[name]]
        return found + ([Change(name, None)] if option is not None and option.optional else [])

    def repaired_by(self, state: State, names: Sequence[str]) -> bool:
        """Whether some other values of just these options are a repair."""
        open_ = state
        for name in names:
            open_ = without(open_, name)
        if not self.possible(open_):  # then no value of theirs helps
            return False
        changes = combined(*(self.others(state, name) for name in names))
        return any(self.possible(state, change) for change in changes)


class _LeftOut(Brute):
    def __init__(self, made: Product, gone: frozenset[str]) -> None:
        super().__init__(made)
        self.gone = gone

    def _decided(self, state: State, name: str) -> bool:
        return name in self.gone or super()._decided(state, name)

    def _values(self, state: State, name: str) -> Iterator[State]:
        return iter((state,)) if name in self.gone else super()._values(state, name)


def faults(tried: Tried, state: State, repairs: Sequence[Repair]) -> list[str]:
    """What is wrong with `repairs` of `state`: not valid, not minimal, or a smaller one is not offered."""
    found = [f"invalid {one}" for one in repairs if not tried.possible(state, one.changes)]
    found += [f"too much {one}" for one in repairs if _some_less(tried, state, one)]
    sizes = [len(one.changes) for one in repairs]
    fewest = sizes[0] if sizes else MOST_CHANGES
    return found + ["order"] * (sizes != sorted(sizes)) + list(_missed(tried, state, repairs, fewest))


def _some_less(tried: Tried, state: State, one: Repair) -> bool:
    parts = (part for n in range(len(one.changes)) for part in combinations(one.changes, n))
    return any(tried.possible(state, part) for part in parts)


def _missed(tried: Tried, state: State, repairs: Sequence[Repair], fewest: int) -> Iterator[str]:
    """Sets of up to `fewest` options that repair and are not told."""
    told = [one.options for one in repairs]
    chosen = [*state.given, *([QUANTITY] if state.quantity is not None else [])]
    for size in range(1, fewest + 1):
        for names in combinations(chosen, size):
            if not any(one <= set(names) for one in told) and tried.repaired_by(state, names):
                yield f"missed {names}"


def conflict_faults(tried: Tried, state: State, options: Sequence[str]) -> list[str]:
    """What is wrong with a set of options said to conflict: it does not, or a part of it already does."""
    agrees = ["no conflict"] if tried.possible(only(state, options)) else []
    parts = [tuple(n for n in options if n != name) for name in options]
    return agrees + [f"{part} is enough" for part in parts if not tried.possible(only(state, part))]


@pytest.fixture(scope="module", params=SLUGS)
def slug(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def tried(slug: str) -> Tried:
    return Tried(product(slug))


@pytest.fixture(scope="module")
def contradictory(slug: str, tried: Tried) -> list[State]:
    """Configurations that conflict, partial and whole."""
    found = [state for state in draws(slug, DRAWS, SEED) if not tried.possible(state)]
    assert len(found) > 100
    assert any(len(state.given) >= len(product(slug).options) - 2 for state in found)
    return found


@pytest.fixture(scope="module")
def engine(slug: str) -> Engine:
    return Engine(product(slug))


def test_every_repair_is_valid_and_minimal_and_none_with_fewer_changes_is_missed(
    engine: Engine, tried: Tried, contradictory: list[State]
) -> None:
    told = 0
    for state in contradictory:
        before = dict(state.given)
        repairs = list(engine.repairs(state))
        assert faults(tried, state, repairs) == [], state
        assert len({one.changes for one in repairs}) == len(repairs), "each is told once"
        assert dict(state.given) == before
        told += len(repairs)
    assert told > 20


def test_the_check_finds_a_planted_fault(engine: Engine, tried: Tried, contradictory: list[State]) -> None:
    """The negative control: a repair that repairs nothing, one that changes too much, one kept back."""
    invalid = idle = kept_back = 0
    for state in contradictory[:25]:
        repairs = list(engine.repairs(state))
        useless = next((one for one in _single(tried, state) if not tried.possible(state, [one])), None)
        if useless is not None:
            invalid += 1
            assert any("invalid" in fault for fault in faults(tried, state, [Repair((useless,))]))
        idly = next((_with_another(tried, state, one) for one in repairs), None)
        if idly is not None:
            idle += 1
            assert any("too much" in fault for fault in faults(tried, state, [idly]))
        if repairs and len(repairs[0].changes) < MOST_CHANGES:
            kept_back += 1
            rest = [one for one in repairs if one.options != repairs[0].options]
            assert any("missed" in fault for fault in faults(tried, state, rest))
    assert invalid > 10
    assert idle
    assert kept_back


def _single(tried: Tried, state: State) -> Iterator[Change]:
    return (change for name in state.given for change in tried.others(state, name))


def _with_another(tried: Tried, state: State, one: Repair) -> Repair | None:
    """`one` with a change that is not needed."""
    for name in (name for name in state.given if name not in one.options):
        for change in tried.others(state, name):
            if tried.possible(state, [*one.changes, change]):
                return Repair((*one.changes, change))
    return None


def test_every_conflict_is_minimal(engine: Engine, tried: Tried, contradictory: list[State]) -> None:
    for state in contradictory:
        clashes = engine.answer(state).clashes
        assert clashes, state
        for clash in clashes:
            assert conflict_faults(tried, state, clash.options) == [], (state, clash)


def test_the_check_finds_a_conflict_that_is_too_large_or_none(
    engine: Engine, tried: Tried, contradictory: list[State]
) -> None:
    """The negative control."""
    large = 0
    for state in contradictory[:60]:
        clash = engine.clashes(state)[0].options
        for name in state.given:
            if name not in clash:
                large += 1
                assert any("is enough" in fault for fault in conflict_faults(tried, state, (*clash, name)))
        assert conflict_faults(tried, state, clash[1:])
    assert large > 20


def test_a_value_that_can_never_be_is_changed_in_every_repair() -> None:
    engine = Engine(product("mug"))
    state = without(configured("mug", 240, finish="matt"), "body")
    repairs = list(engine.repairs(state, {"body": None}))
    assert {one.changes for one in repairs} == {
        (Change("body", "stoneware"),), (Change("body", "porcelain"),),
    }, "bone china takes no matt glaze"  # fmt: skip
    both = list(engine.repairs(replace(state, quantity=None), {"body": None, QUANTITY: Decimal(90_000)}))
    assert {one.options for one in both} == {frozenset({"body", QUANTITY})}
    assert {change.value for one in both for change in one.changes if change.option == QUANTITY} == {
        Decimal(20_000)
    }, "the nearest that can be ordered"


def test_what_nothing_can_replace_is_not_repaired() -> None:
    """An upload that has to be there cannot be left out, and no other one is at hand."""
    engine = Engine(product("part"))
    thin = replace(
        configured("part"), measured={**product("part").family.standard, "part.wall": Decimal("0.3")}
    )
    assert engine.clashes(thin)
    assert list(engine.repairs(thin)) == []
    assert list(engine.repairs(configured("part"), {"part": None})) == []


def test_more_than_three_changes_are_not_offered() -> None:
    engine = Engine(product("mug"))
    wrong = dict.fromkeys(("capacity", "body", "shape", "handle"))
    state = configured("mug")
    for name in wrong:
        state = without(state, name)
    assert list(engine.repairs(state, wrong)) == []
    del wrong["handle"]
    assert all(len(one.changes) == 3 for one in engine.repairs(state, wrong))


def test_what_agrees_needs_no_repair() -> None:
    assert list(Engine(product("mug")).repairs(configured("mug"))) == []


def test_what_follows_from_leaving_a_text_out_is_asked_only_where_it_is_left_out() -> None:
    content = text_of("mug")
    why = {"en": "No.", "de": "Nein.", "zh": "不。"}
    content["rules"] += [
        {"id": "X1", "rule": "personal_name is set excludes shape = cone", "why": why},
        {"id": "X2", "rule": "finish = gloss and body = porcelain needs personal_name is set", "why": why},
        {"id": "X3", "rule": "handle = d excludes capacity = 450", "why": why},
    ]
    made = Product(family_of(content))
    chosen = {
        "personal_name": "Mia",
        "decoration": "decal",
        "finish": "gloss",
        "shape": "cone",
        "handle": "d",
    }
    state = State({**configured("mug").given, **chosen, "capacity": "450"}, Decimal(240))
    repairs = list(Engine(made).repairs(state))
    assert faults(Tried(made), state, repairs) == []
    assert {frozenset({"shape", "capacity"}), frozenset({"personal_name", "finish", "handle"})} <= {
        one.options for one in repairs
    }


def test_a_picture_that_cannot_be_printed_takes_the_print_with_it() -> None:
    """Leaving it out is meant for good: a print that then has nothing to show is changed too."""
    engine = Engine(product("mug"))
    repairs = list(engine.repairs(configured("mug", decoration="laser", artwork="x"), {"artwork": None}))
    assert {one.options for one in repairs} == {frozenset({"artwork", "decoration"})}
    assert {one.changes[0].value for one in repairs} == {"none", "hand_paint", "decal"}


def test_contradictions_that_the_answer_has_found_are_not_searched_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = configured("mug", decoration="none", personal_name="Mia")
    asked: list[frozenset[str]] = []
    usual = Oracle.conflict

    def noting(oracle: Oracle, parts: Parts, wanted: Sequence[int]) -> frozenset[str] | None:
        asked.append(frozenset(parts))
        return usual(oracle, parts, wanted)

    monkeypatch.setattr(Oracle, "conflict", noting)
    cold = list(Engine(product("mug")).repairs(state))
    assert frozenset({"decoration", "personal_name"}) <= asked[0]
    asked.clear()
    engine = Engine(product("mug"))
    engine.answer(state)
    assert list(engine.repairs(state)) == cold != []
    assert asked
    assert not any(frozenset({"decoration", "personal_name"}) <= parts for parts in asked)


def test_a_question_asked_twice_in_a_row_is_searched_once() -> None:
    with Engine(product("mug")).asking() as oracle:
        one, other = list(oracle.encoding.choice.values())[:2]  # two values of one option
        found = [oracle.possible([one]), oracle.possible([one]), oracle.possible([one, other])]
        assert (found, oracle.calls) == ([True, True, False], 2)
        assert oracle.possible([one])
        assert oracle.calls == 3
        assert one in oracle.witness()["capacity"]


def test_values_that_go_with_the_rest_are_the_same_at_a_glance_and_one_by_one() -> None:
    engine, told = Engine(product("mug")), set[bool]()
    with engine.asking() as oracle:
        for state in draws("mug", 40, SEED):
            parts = oracle.parts(state)
            for option in filter(lambda option: option.enumerable, engine.product.options.values()):
                rest = {name: own for name, own in parts.items() if name != option.id}
                flat = [literal for own in rest.values() for literal in own]
                choice = oracle.encoding.choice
                single = {v.id for v in option.values if oracle.possible([*flat, choice[option.id, v.id]])}
                assert oracle.open_values(option, rest) == single
                told.add(0 < len(single) < len(option.values))
    assert told == {True, False}


def test_a_way_out_is_asked_about_again_only_where_something_is_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine(product("mug"))
    state = configured("mug")
    every = {option.id for option in engine.product.options.values()}
    assert every - set(state.given)  # an optional one is not given: leaving it out may not be allowed
    monkeypatch.setattr(Oracle, "possible", lambda *_: False)
    assert not engine.makeable(state, agrees=True)
    full = State({**dict.fromkeys(every, "x"), **state.given}, state.quantity)
    assert engine.makeable(full, agrees=True)
    assert not engine.makeable(full)
