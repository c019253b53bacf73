"""Which rules customers run into, and what they choose instead: counted after the answer is sent.

A form carries the rules that stood against its choices (`met`), so that each is counted once, and the next
answer shows what got the customer out of it. Only rules, options and listed values are kept.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode
from weakref import WeakKeyDictionary

from sqlmodel import Session
from starlette.background import BackgroundTask

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.demand_ports import ANOTHER, ConflictSeen
from cosmo.formats import day_of
from cosmo.parties import Plant
from cosmo.ports import Answer, ConflictFound

QUANTITY = "quantity"
LONGEST = 4_000
"""Characters of `met` that are read; more is nobody's form."""
_log = logging.getLogger(__name__)


def met(answer: Answer, quantity: int) -> str:
    """The conflicts of this answer for the form's hidden field: each rule with what its options were."""
    found = _between_choices(answer.conflicts)
    return urlencode([(c.rule, urlencode(_before(answer, c.options, quantity))) for c in found])


def _between_choices(conflicts: Iterable[ConflictFound]) -> list[ConflictFound]:
    """A file that is too coarse, or a number out of range, is no rule that choices ran into."""
    return [c for c in conflicts if len(c.options) > 1]


def _is_rule(rule: str, described: Mapping[str, Any]) -> bool:
    known = {told["id"] for told in described.get("rules", ())}
    return bool(rule) and all(one in known for one in rule.split(", "))


def _before(answer: Answer, options: Iterable[str], quantity: int) -> dict[str, str]:
    """What of `options` is a list or a number; texts and files are left out."""
    values: dict[str, str] = {}
    for name in options:
        if name == QUANTITY:
            values[name] = str(quantity)
        elif name in answer.domains or answer.inputs.get(name, {}).get("min") is not None:
            values[name] = str(answer.selections.get(name, ""))
    return values


def seen(
    plant: Plant,
    family: str,
    answer: Answer,
    quantity: int,
    now: Now,
    before: str = "",
    described: Mapping[str, Any] | None = None,
) -> list[ConflictSeen]:
    """What to count of this answer; `before` is the `met` that the form of the family `described` had."""
    day = day_of(now.business, plant.timezone)
    found = {c.rule for c in _between_choices(answer.conflicts)}
    former = _read(before, described or {})
    new = [ConflictSeen(plant.id, family, rule, day) for rule in sorted(found - former.keys())]
    for rule in sorted(former.keys() - found):
        after = _before(answer, former[rule], quantity)
        new += [
            ConflictSeen(plant.id, family, rule, day, name, _told(answer, name, value))
            for name, value in after.items()
            if value != former[rule][name]
        ]
    return new


def _read(before: str, described: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """A form may say anything: rules that the model does not have are not read."""
    if len(before) > LONGEST:
        return {}
    pairs = parse_qsl(before, keep_blank_values=True)
    known = [(rule, of) for rule, of in pairs if _is_rule(rule, described)]
    return {rule: dict(parse_qsl(of, keep_blank_values=True)) for rule, of in known}


def _told(answer: Answer, name: str, value: str) -> str:
    if not value:
        return ""
    listed = {str(one.value) for one in answer.domains.get(name, ())}
    return value if value in listed else ANOTHER


class Tally:
    """Counts wait here for one thread that writes them; whoever comes meanwhile leaves them to it."""

    def __init__(self) -> None:
        self._waiting: Counter[ConflictSeen] = Counter()
        self._writing = False
        self._lock = Lock()

    def add(self, database: Database, new: Iterable[ConflictSeen]) -> None:
        with self._lock:
            self._waiting.update(new)
            if self._writing:
                return
            self._writing = True
        while batch := self._next():
            _write(database, batch)

    def _next(self) -> Counter[ConflictSeen]:
        with self._lock:
            batch, self._waiting = self._waiting, Counter()
            self._writing = bool(batch)
            return batch


_tallies: WeakKeyDictionary[Database, Tally] = WeakKeyDictionary()


def _write(database: Database, batch: Mapping[ConflictSeen, int]) -> None:
    try:
        database.retry(lambda session: _count(session, batch))
    except Exception:  # nobody waits for a statistic, and the answer is long sent
        _log.exception("%d conflicts that customers met could not be counted", sum(batch.values()))


def _count(session: Session, batch: Mapping[ConflictSeen, int]) -> None:
    for plant_id in sorted({one.plant_id for one in batch}):
        maker = session.get_one(Plant, plant_id).manufacturer_id
        own = {one: times for one, times in batch.items() if one.plant_id == plant_id}
        answerers_at(session, maker).conflict_count.count(session, own)


def count_later(database: Database, new: list[ConflictSeen]) -> BackgroundTask | None:
    """The task that counts them once the answer is sent; None where there is nothing."""
    if not new:
        return None
    tally = _tallies.setdefault(database, Tally())
    return BackgroundTask(tally.add, database, new)
