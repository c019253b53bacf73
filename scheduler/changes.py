"""What has changed in a timetable since a moment, so that a repair pays for that, not for the whole plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scheduler.model import Assignment, Operation

_Standing = dict[str, tuple[Assignment, Operation | None]]


class Changes(Mapping[str, Assignment]):
    """Where everything stood when it began to be watched, by operation; kept for what has changed since."""

    def __init__(self, standing: _Standing) -> None:
        self.standing = standing
        self.before: dict[str, Assignment | None] = {}
        """Of what has been moved, come or gone since, where it stood (None: nowhere)."""

    def note(self, name: str) -> None:
        """It is about to change."""
        if name not in self.before:
            self.before[name] = self._now(name)

    def forget(self, name: str) -> None:
        """It is gone; what has only come since leaves no trace."""
        if self.before[name] is None:
            del self.before[name]

    def _now(self, name: str) -> Assignment | None:
        found = self.standing.get(name)
        return found[0] if found else None

    def where(self, name: str) -> Assignment | None:
        """Where it stood."""
        return self.before[name] if name in self.before else self._now(name)

    def places(self, names: Iterable[str]) -> list[Assignment | None]:
        """Where each of these stood."""
        if self.before:
            return list(map(self.where, names))
        found = map(self.standing.get, names)
        return [each[0] if each else None for each in found]

    def __getitem__(self, name: str) -> Assignment:
        place = self.where(name)
        if place is None:
            raise KeyError(name)
        return place

    def __iter__(self) -> Iterator[str]:
        came = {name for name, place in self.before.items() if place is None}
        yield from (name for name in self.standing if name not in came)
        yield from (name for name in self.before.keys() - self.standing.keys() - came)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def new(self) -> list[Assignment]:
        """What has changed, as it stands now where it is not other occupancy; not in order."""
        found = ((self.standing.get(name), place) for name, place in self.before.items())
        return [now[0] for now, place in found if now and now[1] is not None and now[0] is not place]

    def gone(self) -> list[Assignment]:
        """What has changed, as it stood."""
        return [place for name, place in self.before.items() if place and self._now(name) is not place]
