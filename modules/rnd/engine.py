"""Answers one click: which values are still possible, which are not and why, what contradicts what.

`available` means: with everything else that is chosen, some complete configuration has this value. While
choices contradict each other, a value is judged against the largest part of the other choices (in the order
of the options) that agrees with itself, so that a customer can always choose a way out. Nothing is ever
changed for her.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from typing import Any

from modules.rnd.family import FamilyError, Option, Value
from modules.rnd.glance import Sight, View
from modules.rnd.meetings import set_of
from modules.rnd.mending import Mending, Repair
from modules.rnd.product import Product
from modules.rnd.reply import Reading, Reply, Room, available
from modules.rnd.selections import Change, State, read_state
from modules.rnd.solver import Blame, Oracle, Parts
from modules.rnd.terms import QUANTITY

LEARNT = 1_500
"""Values of which every two are tried beforehand: seconds of a processor; of many more, minutes."""


class Engine:
    """One release's solver, kept for the life of the process. Safe to call from many threads."""

    def __init__(self, product: Product, digest: str = "") -> None:
        self.product, self.digest = product, digest
        self.described: dict[tuple[str, str], dict[str, Any]] = {}
        """Language and release -> the family in words, which never change."""
        self._oracle = Oracle(product)
        self._lock = Lock()

    def learn(self) -> None:
        """Find out, before anybody asks, which two values can meet; answers are given in between. Of a family
        with more than `LEARNT` values it is learnt as customers ask."""
        values = list(self._oracle.encoding.choice.values())
        for value in values if len(values) <= LEARNT else ():
            with self._lock:
                self._oracle.meetings.arrange([value], values)

    def answer(self, state: State) -> Reply:
        with self._lock:
            return _Click(self._oracle, state).reply()

    def check(self) -> None:
        """Refuse a family that nobody can order: rules that contradict each other, or a default that breaks
        one.
        """
        clashes = self.contradictions()
        if clashes:
            raise FamilyError(self._said("Its rules contradict each other", clashes))
        clashes = self.clashes(read_state(self.product, self.product.family.defaults, None))
        if clashes:
            raise FamilyError(self._said("Its defaults contradict each other", clashes))

    def contradictions(self) -> list[Blame]:
        """Why nothing at all can be ordered; empty where something can."""
        with self.asking() as oracle:
            return [] if oracle.possible(()) else oracle.blames({})

    @contextmanager
    def asking(self) -> Iterator[Oracle]:
        """The solver itself, for questions that no click asks; nobody else is answered meanwhile."""
        with self._lock:
            yield self._oracle

    def _said(self, what: str, blames: list[Blame]) -> str:
        rules = ", ".join(self.product.rules[index].id for blame in blames for index in blame.rules)
        return f"{self.product.family.slug}: {what} (rules {rules})."

    def clashes(self, state: State) -> list[Blame]:
        """Only the contradictions; cheaper than a whole answer."""
        with self._lock:
            parts = self._oracle.parts(state)
            everything = [literal for literals in parts.values() for literal in literals]
            return [] if self._oracle.possible(everything) else self._oracle.clashes(parts)[0]

    def repairs(self, state: State, wrote: Mapping[str, Decimal | None] | None = None) -> Iterator[Repair]:
        """Every smallest set of changes after which all that is chosen goes together, fewest changes first.

        `wrote` are options whose value can never be taken (with the number that was written, if it is one):
        each of them is changed. Take what is needed and leave the rest: it is found step by step.
        """
        mending = Mending(self._oracle, state, wrote or {})
        ways = mending.ways()
        while True:
            with self._lock:
                found = next(ways, None)
            if found is None:
                return
            yield found

    def makeable(self, state: State, *, agrees: bool = False) -> bool:
        """Whether nothing contradicts and nothing is missing; asked in one search. `agrees`: it is known that
        nothing contradicts."""
        if _plainly_missing(self.product, state):
            return False
        absent = [option for option in self.product.options.values() if option.id not in state.given]
        if agrees and not absent:
            return True
        with self._lock:
            oracle = self._oracle
            chosen = [literal for literals in oracle.parts(state).values() for literal in literals]
            return oracle.possible([*chosen, *(-oracle.encoding.given[option.id] for option in absent)])

    def missing(self, state: State) -> tuple[str, ...]:
        """What is still to be chosen before it can be made; where choices contradict, what plainly is."""
        with self._lock:
            chosen = [literal for literals in self._oracle.parts(state).values() for literal in literals]
            if self._oracle.possible(chosen):
                return _Click(self._oracle, state).missing()
        return _plainly_missing(self.product, state)


@dataclass(frozen=True, slots=True)
class _Looked:
    """One option's values: what is chosen (the option itself does not count), a complete configuration with
    that, and which are open. `undecided` are options that are not chosen."""

    option: Option
    parts: Parts
    undecided: Set[str]
    chosen: View
    whole: View
    sight: Sight
    open: frozenset[str]

    @property
    def shut(self) -> list[Value]:
        if len(self.open) == len(self.option.values):
            return []
        return [value for value in self.option.values if value.id not in self.open]


class _Click:
    """The work for one state; the lock is held."""

    def __init__(self, oracle: Oracle, state: State) -> None:
        self.oracle, self.state = oracle, state
        self.product, self.encoding = oracle.product, oracle.encoding
        self.parts: Parts = oracle.parts(state)
        everything = [literal for literals in self.parts.values() for literal in literals]
        self.agrees = oracle.possible(everything)
        self._whole = oracle.witness() if self.agrees else {}
        self.clashes, self._all = ([], True) if self.agrees else oracle.clashes(self.parts)
        self._agreeing = self.parts if self.agrees else self._agreeing_of(self.parts)
        if not self.agrees:
            self._whole = self._completed(self._agreeing)
        self._chosen = oracle.glance.view(self._agreeing)
        self._undecided = self._not_in(self._agreeing)
        self._looked: dict[str, _Looked] = {}
        self._noted: dict[int, int] = {}
        self._freed: dict[tuple[str, str, str], Change | None] = {}

    def reply(self) -> Reply:
        options = self.product.options.values()
        looked = [self._looked_at(option) for option in options if option.enumerable]
        self._looked = {one.option.id: one for one in looked}
        self._meet(looked)
        return Reply(
            {one.option.id: tuple(self._readings(one)) for one in looked},
            {option.id: self._room(option) for option in options if option.numeric},
            {option.id: self._required(option) for option in options if not option.enumerable},
            tuple(self.clashes),
            self.missing(),
        )

    def _completed(self, parts: Parts) -> View:
        """Some complete configuration that has all of these, which agree."""
        assert self.oracle.possible([literal for literals in parts.values() for literal in literals])
        return self.oracle.witness()

    def _innocent(self, option: str) -> bool:
        """In no contradiction: it changes nothing about what agrees with what."""
        return self._all and not any(option in clash.options for clash in self.clashes)

    def _others(self, option: str) -> Parts:
        """Everything chosen but `option`, or the largest part of it that agrees with itself."""
        innocent = self._innocent(option)
        source = self._agreeing if innocent else self.parts
        others = {name: literals for name, literals in source.items() if name != option}
        return others if innocent else self._agreeing_of(others)

    def _agreeing_of(self, parts: Parts) -> Parts:
        return self.oracle.agreeing(parts, self.clashes if self._all else None)

    def _looked_at(self, option: Option) -> "_Looked":
        """Which of the option's values are shut: by a rule that reads only what is chosen, or by a search."""
        if self._innocent(option.id):
            parts, undecided, chosen, whole = self._agreeing, self._undecided, self._chosen, self._whole
        else:
            parts = self._others(option.id)
            undecided, chosen = self._not_in(parts), self.oracle.glance.view(parts)
            whole = self._completed(parts)
        seen = self.oracle.seen(option, parts, chosen, whole)
        return _Looked(option, parts, undecided, chosen, whole, *seen)

    def _not_in(self, parts: Parts) -> Set[str]:
        return {*self.product.options, QUANTITY} - parts.keys()

    def _free(self, option: Option, value: Value, flat: list[int]) -> bool:
        return self.oracle.possible([*flat, self.encoding.choice[option.id, value.id]])

    def _meet(self, looked: list["_Looked"]) -> None:
        """Learn in few searches which choices exclude which of the shut values all alone."""
        meetings, shut = self.oracle.meetings, list[int]()
        single = [own[0] for own in self.parts.values() if len(own) == 1 and own[0] > 0]
        chosen = set_of(single)
        for one in looked:
            for value in one.shut:
                literal = self.encoding.choice[one.option.id, value.id]
                if meetings.strange(literal, chosen):
                    shut.append(literal)
                    self._note_freed(one, value.id, literal)
        meetings.arrange(single, shut)

    def _note_freed(self, one: "_Looked", value: str, literal: int) -> None:
        """A shut value that one other choice frees has met all the rest."""
        broken = [self.oracle.glance.reads[index] for index in one.sight.whole.get(value, ())]
        shared = set(broken[0]).intersection(*broken[1:]) - {one.option.id} if broken else set()
        for name in shared:
            if self._seen_free(one, value, name) is not None:
                gone = set_of(x for other in (one.option.id, name) for x in one.whole[other] if x > 0)
                self.oracle.meetings.note_one(literal, self._met_in(one.whole) & ~gone)

    def _met_in(self, whole: View) -> int:
        """The values of a complete configuration, which have met each other."""
        if id(whole) not in self._noted:
            literals = [literal for own in whole.values() for literal in own]
            self._noted[id(whole)] = self.oracle.meetings.note(literals)
        return self._noted[id(whole)]

    def _readings(self, one: "_Looked") -> Iterator[Reading]:
        for value in one.option.values:
            if value.id in one.open:
                yield available(value.id)
                continue
            wanted = [self.encoding.choice[one.option.id, value.id]]
            broken = one.sight.sure.get(value.id, ())
            blames = self.oracle.blames(one.parts, wanted, one.option.id, broken)
            yield Reading(value.id, False, tuple(blames), self._way_out(one, value.id, wanted, blames))

    def _way_out(
        self, one: "_Looked", value: str, wanted: Sequence[int], blames: list[Blame]
    ) -> Change | None:
        """The one change of another option that frees `wanted`; it must take away every blame at once."""
        reads, shared = self.oracle.glance.reads, set(blames[0].options)
        shared.intersection_update(*(blame.options for blame in blames[1:]))
        # whatever else changes, these rules stay broken
        shared.intersection_update(*(reads[index] for index in one.sight.sure.get(value, ())))
        for name in sorted(shared, key=self._place):
            known = self._seen_free(one, value, name) if self._all_chosen(one, name) else None
            if known is not None:
                return known
            change = self._change(one, value, name, wanted)
            if change is not None:
                return change
        return None

    def _place(self, name: str) -> int:
        """Options in the product's order, the quantity last."""
        return self.oracle.places[name]

    def _seen_free(self, one: "_Looked", value: str, name: str) -> Change | None:
        """The first value of a choice with which `value` can be, if nothing else changes."""
        key = one.option.id, value, name
        if key not in self._freed:
            self._freed[key] = self._free_by(one, value, name)
        return self._freed[key]

    def _free_by(self, one: "_Looked", value: str, name: str) -> Change | None:
        if not self._may_free(one, value, name):
            return None
        breaks = self._broken_with(one, value, self.product.options[name])
        ranked = self.product.ranked[name]
        return next((Change(name, other.id) for other in ranked if not breaks(other.id)), None)

    def _fine(self, one: "_Looked", value: str, name: str) -> Set[str]:
        """Values of a choice with which `value` can be, the rest of the complete configuration as it is;
        others may be, too, where something is open."""
        if not self._may_free(one, value, name):
            return frozenset()
        option = self.product.options[name]
        breaks = self._broken_with(one, value, option)
        return {other.id for other in option.values if not breaks(other.id)}

    def _may_free(self, one: "_Looked", value: str, name: str) -> bool:
        """Whether it is a choice that every rule reads which `value` breaks."""
        option, reads = self.product.options.get(name), self.oracle.glance.reads
        if option is None or not option.enumerable:
            return False
        return all(name in reads[index] for index in one.sight.whole.get(value, ()))

    def _broken_with(self, one: "_Looked", value: str, option: Option) -> Callable[[str], bool]:
        """Whether a value of `option` breaks a rule once the first one's `value` is chosen; what else it
        breaks was looked at already."""
        glance, base = self.oracle.glance, self._looked[option.id]
        view = {**one.whole, one.option.id: (self.encoding.choice[one.option.id, value],)}
        if base.whole is not one.whole:
            return glance.sight(option, {}, view).whole.__contains__
        both, before = glance.between(option.id, one.option.id), base.sight.whole
        broken = [glance.broken(index, option, view) for index in both]
        return lambda other: (
            any(other in values for values in broken)
            or any(index not in both for index in before.get(other, ()))
        )

    def _all_chosen(self, one: "_Looked", name: str) -> bool:
        """Whether every rule that reads `name` reads nothing that is still open: a glance decides it."""
        return one.undecided & self.oracle.glance.beside[name] <= {one.option.id, name}

    def _change(self, one: "_Looked", value: str, name: str, wanted: Sequence[int]) -> Change | None:
        """Another value of one option with which `value`, which is `wanted`, goes with the rest."""
        option, gone = self.product.options.get(name), (name, one.option.id)
        rest = [x for other, literals in one.parts.items() if other not in gone for x in literals]
        rest += wanted
        if option is not None and option.enumerable:
            return self._other_choice(one, value, option, rest)
        if not self.oracle.possible(rest):
            return None
        if option is None or option.numeric:
            return self._other_number(name, rest)
        may_go = option.optional and self.oracle.possible([*rest, -self.encoding.given[name]])
        return Change(name, None) if may_go else None

    def _other_choice(self, one: "_Looked", value: str, option: Option, rest: list[int]) -> Change | None:
        """The first one; what is chosen now does not go. Whether any does is asked if the first does not."""
        fine = self._fine(one, value, option.id)
        now = self.state.given.get(option.id)
        others = [other for other in self.product.ranked[option.id] if other.id != now]
        if others and others[0].id not in fine:
            shut = self._surely_shut(one, value, option)
            others = [other for other in others if other.id not in shut]
        for k, other in enumerate(others):
            if other.id in fine or self._free(option, other, rest):
                return Change(option.id, other.id)
            if k == 0 and not fine and not self.oracle.possible(rest):
                return None
        return None

    def _surely_shut(self, one: "_Looked", value: str, option: Option) -> Set[str]:
        """Values of `option` that break a rule which reads nothing else but what is chosen, and `value`."""
        wanted = {one.option.id: (self.encoding.choice[one.option.id, value],)}
        sight = self.oracle.glance.sight(option, {**one.chosen, **wanted}, {**one.whole, **wanted})
        return sight.sure.keys()

    def _other_number(self, name: str, rest: list[int]) -> Change | None:
        """The nearest number that is possible."""
        value = self.state.quantity if name == QUANTITY else self.state.given[name]
        assert isinstance(value, Decimal)
        nearest = [min(max(value, low), high) for low, high in self.encoding.cells(name)]
        for number in sorted(nearest, key=lambda number: abs(number - value)):
            if self.oracle.possible([*rest, *self.encoding.number_literals(name, number)]):
                return Change(name, number)
        return None

    def _room(self, option: Option) -> Room:
        scale, cells = option.scale, self.encoding.cells(option.id)
        whole = Room(scale.min, scale.min + (scale.count() - 1) * scale.step)
        if len(cells) == 1:
            return whole
        others = self._others(option.id)
        flat = [literal for literals in others.values() for literal in literals]
        good = [cell for cell in cells if self._cell_possible(option, cell[0], flat)]
        if not good or (good[0][0], good[-1][1]) == (whole.low, whole.high):
            return whole
        bad = cells[0] if good[0] != cells[0] else cells[-1]
        wanted = [self.encoding.given[option.id], *self.encoding.number_literals(option.id, bad[0])]
        return Room(good[0][0], good[-1][1], tuple(self.oracle.blames(others, wanted)))

    def _cell_possible(self, option: Option, number: Decimal, flat: list[int]) -> bool:
        given = self.encoding.given[option.id]
        return self.oracle.possible([*flat, given, *self.encoding.number_literals(option.id, number)])

    def _required(self, option: Option) -> bool:
        if not option.optional:
            return True
        others = self._others(option.id)
        flat = [literal for literals in others.values() for literal in literals]
        return not self.oracle.possible([*flat, -self.encoding.given[option.id]])

    def missing(self) -> tuple[str, ...]:
        """Options that are needed and not chosen; when choices contradict, only the plainly required ones."""
        plain = _plainly_missing(self.product, self.state)
        if not self.agrees:
            return plain
        chosen = [literal for literals in self.parts.values() for literal in literals]
        absent = [option for option in self.product.options.values() if option.id not in self.parts]
        left_out = [option for option in absent if option.optional]
        if self.oracle.possible([*chosen, *(-self.encoding.given[option.id] for option in left_out)]):
            return plain
        return plain + self._needed(chosen, left_out)

    def _needed(self, chosen: list[int], left_out: list[Option]) -> tuple[str, ...]:
        """Which of the options left out must be given: those that cannot stay empty one after the other."""
        empty: list[int] = []
        needed = []
        for option in left_out:
            if self.oracle.possible([*chosen, *empty, -self.encoding.given[option.id]]):
                empty.append(-self.encoding.given[option.id])
            else:
                needed.append(option.id)
        return tuple(needed)


def _plainly_missing(product: Product, state: State) -> tuple[str, ...]:
    """Options that are needed whatever is chosen, and not given."""
    options = product.options.values()
    return tuple(option.id for option in options if option.id not in state.given and not option.optional)
