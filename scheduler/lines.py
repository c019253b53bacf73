"""The free time of one resource, kept ready for the question "when next?".

A Line serves machines and batch resources: runs that follow one another with setups between. A Profile serves
pools: loads that add up. Both answer from a bisection and touch only what lies between the question and its
answer. They hold small integers and lists on purpose: this is where all the time goes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from scheduler.errors import Conflict
from scheduler.model import Resource, SetupMatrix

FAR = 1 << 60


class Setups:
    """A setup matrix by index. The last index is "nobody knows": no setup before or after."""

    __slots__ = ("index", "least", "rows", "unknown")

    def __init__(self, matrix: SetupMatrix) -> None:
        self.index = {family: i for i, family in enumerate(matrix.families)}
        self.unknown = len(matrix.families)
        self.rows = [[*row, 0] for row in matrix.minutes] + [[0] * (self.unknown + 1)]
        self.least = self._least_detours()

    def _least_detours(self) -> list[list[int]]:
        """least[a][b]: at least so many minutes of setup when anything goes between a and b."""
        inner = range(self.unknown)
        if not self.unknown:
            return [[0]]
        columns = list(zip(*self.rows, strict=True))
        if self.unknown <= 64:
            return [[min(row[x] + column[x] for x in inner) for column in columns] for row in self.rows]
        into = [min(column[: self.unknown]) for column in columns]
        return [[min(row[: self.unknown]) + after for after in into] for row in self.rows]


class Line:
    """One thing at a time, setups between, inside the calendar.

    Runs are parallel lists sorted by start. Gaps are the maximal idle stretches inside one window, each with
    an upper bound (`room`) of what can still run in it, so that most are passed over by one comparison.
    """

    __slots__ = ("closes", "ends", "families", "from_", "messy", "opens", "room", "setups", "starts", "to")

    def __init__(self, resource: Resource, setups: Setups | None) -> None:
        windows = sorted(resource.calendar)
        self.opens = [start for start, _ in windows]
        self.closes = [end for _, end in windows]
        self.setups = setups
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.families: list[int] = []
        self.from_ = list(self.opens)
        self.to = list(self.closes)
        self.room = [b - a for a, b in windows]
        self.messy = False

    def fit(self, family: int, minutes: int, after: int, limit: int = FAR) -> int:
        """The earliest start >= `after` that ends by `limit`, or -1."""
        from_, to, room = self.from_, self.to, self.room
        last = limit - minutes
        for i in range(max(bisect_right(from_, after) - 1, 0), len(from_)):
            if room[i] < minutes:
                continue
            start = from_[i]
            if start < after:
                start = after
            if start > last:
                return -1
            if start + minutes <= to[i]:
                if self.setups is None:
                    return start
                start, until = self._margins(i, start, family)
                if start + minutes <= until:
                    return start if start <= last else -1
        return -1

    def _margins(self, gap: int, start: int, family: int) -> tuple[int, int]:
        """From when until when this gap can be used once the setups on both sides are paid."""
        assert self.setups is not None
        rows = self.setups.rows
        until = self.to[gap]
        k = bisect_left(self.starts, until)
        if k:
            ready = self.ends[k - 1] + rows[self.families[k - 1]][family]
            if ready > start:
                start = ready
        if k < len(self.starts):
            needed = self.starts[k] - rows[family][self.families[k]]
            if needed < until:
                until = needed
        return start, until

    def chances(self, family: int, minutes: int, head: int, tail: int) -> list[tuple[int, int]]:
        """All stretches (first start, last start) in which a run from `head` to `tail` could begin."""
        found = []
        for i in range(max(bisect_right(self.from_, head) - 1, 0), len(self.from_)):
            if self.from_[i] + minutes > tail:
                break
            if self.room[i] >= minutes:
                start, until = max(self.from_[i], head), self.to[i]
                if self.setups is not None:
                    start, until = self._margins(i, start, family)
                if start + minutes <= min(until, tail):
                    found.append((start, min(until, tail) - minutes))
        return found

    def free(self, family: int, start: int, end: int) -> bool:
        """Whether a run of exactly this span could be placed."""
        return self.fit(family, end - start, start, end) == start

    def place(self, family: int, start: int, end: int) -> None:
        """Take a span that is free."""
        if not self.free(family, start, end):
            raise Conflict(f"{start}-{end} is not free")
        self._insert(family, start, end)
        gap = bisect_right(self.from_, start) - 1
        k = bisect_left(self.starts, start)
        pieces = self._pieces(gap, k)
        self.from_[gap : gap + 1] = [p[0] for p in pieces]
        self.to[gap : gap + 1] = [p[1] for p in pieces]
        self.room[gap : gap + 1] = [p[2] for p in pieces]

    def _pieces(self, gap: int, k: int) -> list[tuple[int, int, int]]:
        """What is left of a gap on both sides of the run k just put into it."""
        a, b = self.from_[gap], self.to[gap]
        start, end = self.starts[k], self.ends[k]
        left, right = start - a, b - end
        if self.setups is not None:
            least = self.setups.least
            mine = self.families[k]
            if k and self.ends[k - 1] == a and self._same_window(k - 1, start):
                left -= least[self.families[k - 1]][mine]
            if k + 1 < len(self.starts) and self.starts[k + 1] == b:
                right -= least[mine][self.families[k + 1]]
        pieces = []
        if left > 0:
            pieces.append((a, start, left))
        if right > 0:
            pieces.append((end, b, right))
        return pieces

    def _same_window(self, k: int, moment: int) -> bool:
        return bisect_right(self.opens, self.starts[k]) == bisect_right(self.opens, moment)

    def _insert(self, family: int, start: int, end: int) -> int:
        k = bisect_right(self.starts, start)
        self.starts.insert(k, start)
        self.ends.insert(k, end)
        self.families.insert(k, family)
        return k

    def take_fact(self, family: int, start: int, end: int) -> None:
        """Take a span whatever lies there: facts may overlap each other and closed time."""
        if self.free(family, start, end):
            self.place(family, start, end)
            return
        self._insert(family, start, end)
        self.messy = True
        self._rebuild()

    def remove(self, start: int, end: int, family: int) -> None:
        """Give a span back."""
        k = bisect_left(self.starts, start)
        while self.ends[k] != end or self.families[k] != family:
            k += 1
        del self.starts[k], self.ends[k], self.families[k]
        if self.messy:
            self._rebuild()
        else:
            self._reopen(k, start)

    def _reopen(self, k: int, moment: int) -> None:
        """Join the gaps around the run that stood before index k at `moment`."""
        w = bisect_right(self.opens, moment) - 1
        a, b = self.opens[w], self.closes[w]
        inside_left = k > 0 and self.ends[k - 1] > a
        inside_right = k < len(self.starts) and self.starts[k] < b
        if inside_left:
            a = self.ends[k - 1]
        if inside_right:
            b = self.starts[k]
        room = b - a
        if inside_left and inside_right and self.setups is not None:
            room -= self.setups.least[self.families[k - 1]][self.families[k]]
        lo, hi = bisect_left(self.from_, a), bisect_left(self.from_, b)
        keep = room > 0
        self.from_[lo:hi] = [a] if keep else []
        self.to[lo:hi] = [b] if keep else []
        self.room[lo:hi] = [room] if keep else []

    def _rebuild(self) -> None:
        """All gaps from nothing, for the rare line on which facts overlap."""
        gaps: list[tuple[int, int]] = []
        k = 0
        covered = -FAR
        for a, b in zip(self.opens, self.closes, strict=True):
            here = max(a, covered)
            while k < len(self.starts) and self.starts[k] < b:
                if self.starts[k] > here:
                    gaps.append((here, self.starts[k]))
                here = max(here, self.ends[k])
                covered = max(covered, self.ends[k])
                k += 1
            if here < b:
                gaps.append((here, b))
        self.from_ = [a for a, _ in gaps]
        self.to = [b for _, b in gaps]
        self.room = [b - a for a, b in gaps]


class Profile:
    """Sizes that add up to at most a capacity, inside the calendar. A staircase of loads."""

    __slots__ = ("capacity", "closes", "loads", "opens", "times")

    def __init__(self, resource: Resource) -> None:
        windows = sorted(resource.calendar)
        self.opens = [start for start, _ in windows]
        self.closes = [end for _, end in windows]
        self.capacity = resource.capacity or 0
        self.times = [-FAR]
        self.loads = [0]

    def fit(self, size: int, minutes: int, after: int, limit: int = FAR) -> int:
        """The earliest start >= `after` that ends by `limit`, or -1."""
        times, loads = self.times, self.loads
        allowed = self.capacity - size
        last = limit - minutes
        start = after
        j = bisect_right(times, start) - 1
        count = len(times)
        for w in range(max(bisect_right(self.opens, after) - 1, 0), len(self.opens)):
            if self.opens[w] > start:
                start = self.opens[w]
                while j + 1 < count and times[j + 1] <= start:
                    j += 1
            close = self.closes[w]
            i = j
            while start + minutes <= close:
                if start > last:
                    return -1
                if loads[i] > allowed:
                    if i + 1 == count:
                        return -1
                    j = i = i + 1
                    start = times[i]
                elif i + 1 == count or times[i + 1] >= start + minutes:
                    return start
                else:
                    i += 1
        return -1

    def place(self, size: int, start: int, end: int) -> None:
        """Take a span that is free."""
        if self.fit(size, end - start, start, end) != start:
            raise Conflict(f"{start}-{end} is not free")
        self.take_fact(size, start, end)

    def take_fact(self, size: int, start: int, end: int) -> None:
        """Add a load whatever lies there."""
        i, j = self._step(start), self._step(end)
        for x in range(i, j):
            self.loads[x] += size

    def remove(self, size: int, start: int, end: int) -> None:
        """Give a load back."""
        i, j = self._step(start), self._step(end)
        for x in range(i, j):
            self.loads[x] -= size
        for x in (j, i):
            if self.loads[x] == self.loads[x - 1]:
                del self.times[x], self.loads[x]

    def _step(self, moment: int) -> int:
        """The index of the stair that begins at `moment`, made if there is none."""
        i = bisect_right(self.times, moment) - 1
        if self.times[i] == moment:
            return i
        self.times.insert(i + 1, moment)
        self.loads.insert(i + 1, self.loads[i])
        return i + 1
