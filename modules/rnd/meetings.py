"""Which two values have been seen together in a complete configuration, and which never can be: learnt as
customers ask, a whole configuration at a time."""

from collections.abc import Iterable, Mapping, Sequence

from pysat.solvers import Glucose4

from modules.rnd.encode import Encoding

_FEW = 2
"""So many are asked for one by one."""


class Meetings:
    """Not thread-safe by itself. Sets of values are whole numbers, one bit for each variable."""

    def __init__(self, encoding: Encoding, solver: Glucose4) -> None:
        self._solver = solver
        self._choices = frozenset(encoding.choice.values())
        self._last = max(self._choices, default=0)
        self._rivals: dict[int, int] = {}
        """Value -> all values of its own option."""
        by_option: dict[str, int] = {}
        for (option, _), variable in encoding.choice.items():
            by_option[option] = by_option.get(option, 0) | 1 << variable
        for (option, _), variable in encoding.choice.items():
            self._rivals[variable] = by_option[option]
        self._met: dict[int, int] = {}
        self._apart: dict[int, int] = {}
        self._sorted: _Sorted | None = None
        self._strangers: dict[tuple[int, int], bool] = {}
        """Two literals that are not both values -> whether they can never be together."""

    def apart(self, one: int, other: int) -> bool:
        """Whether no complete configuration has both."""
        if not {one, other} <= self._choices:
            if (one, other) not in self._strangers:
                self._strangers[one, other] = not self._tried([one, other])
            return self._strangers[one, other]
        if self._met.get(one, 0) >> other & 1:
            return False
        if not self._apart.get(one, 0) >> other & 1 and self._tried([one, other]):
            return False
        self._apart[one] = self._apart.get(one, 0) | 1 << other
        self._apart[other] = self._apart.get(other, 0) | 1 << one
        return True

    def _tried(self, literals: list[int]) -> bool:
        found = bool(self._solver.solve(assumptions=literals))
        if found:
            self.note(self._solver.get_model()[: self._last])
        return found

    def has_met(self, literals: Sequence[int]) -> bool:
        """Whether this one value is known to be in some complete configuration."""
        return len(literals) == 1 and literals[0] in self._met

    def not_met(self, parts: Mapping[str, Sequence[int]], wanted: Sequence[int]) -> list[str]:
        """Names of those parts that this one value is not known to go together with, in their order."""
        if self._sorted is None or self._sorted.parts is not parts:
            self._sorted = _Sorted(parts)  # the same ones are asked about value after value
        met = self._met.get(wanted[0], 0) if len(wanted) == 1 else 0
        return self._sorted.without(met)

    def note(self, literals: Iterable[int]) -> int:
        """All values of this complete configuration have met each other; returns them as a set."""
        values = [literal for literal in literals if literal in self._choices]
        together = set_of(values)
        for value in values:
            self._met[value] = self._met.get(value, 0) | together
        return together

    def note_one(self, value: int, others: int) -> None:
        """This value has met these others, which have met each other."""
        fresh = others & ~self._met.get(value, 0)
        self._met[value] = self._met.get(value, 0) | fresh
        for other in _bits(fresh):
            self._met[other] = self._met.get(other, 0) | 1 << value

    def arrange(self, chosen: Iterable[int], wanted: Iterable[int]) -> None:
        """Find out for every pair of both whether they can meet: as many at a time as the solver, asked to
        prefer those, puts into one configuration; the rest one by one."""
        ones, others = ([value for value in some if value in self._choices] for some in (chosen, wanted))
        for values, among in ((ones, set_of(others)), (others, set_of(ones))):
            for value in values:
                self._introduce(value, among)
        for value in others:
            for other in _bits(self._unknown(value, set_of(ones))):
                self.apart(value, other)

    def strange(self, value: int, among: int) -> bool:
        """Whether of one of `among` (a set) it is not known yet if it can meet `value`."""
        return bool(self._unknown(value, among))

    def _introduce(self, value: int, among: int) -> None:
        """Let `value` meet as many as it can, while each configuration brings at least a few."""
        left = self._unknown(value, among)
        while left.bit_count() > _FEW:
            self._solver.set_phases(_bits(left))
            self._tried([value])
            before, left = left, self._unknown(value, among)
            if left == before:
                return

    def _unknown(self, value: int, among: int) -> int:
        known = self._met.get(value, 0) | self._apart.get(value, 0) | self._rivals[value]
        return among & ~known


class _Sorted:
    """Parts by their one value, and those that are more than a value."""

    def __init__(self, parts: Mapping[str, Sequence[int]]) -> None:
        self.parts = parts
        self._order = {name: place for place, (name, own) in enumerate(parts.items()) if own}
        self._names = {own[0]: name for name, own in parts.items() if len(own) == 1 and own[0] > 0}
        self._values = set_of(self._names)
        single = set(self._names.values())
        self._others = [name for name in self._order if name not in single]

    def without(self, met: int) -> list[str]:
        """All but those whose value is in this set, in their order."""
        left = [self._names[value] for value in _bits(self._values & ~met)]
        return sorted([*left, *self._others], key=self._order.__getitem__)


def set_of(values: Iterable[int]) -> int:
    """These values as one number."""
    return sum(1 << value for value in values)


def _bits(number: int) -> list[int]:
    """The places of its ones."""
    found = []
    while number:
        lowest = number & -number
        found.append(lowest.bit_length() - 1)
        number ^= lowest
    return found
