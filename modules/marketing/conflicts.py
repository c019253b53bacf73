"""Which rules customers run into, and what they choose instead: counted by day, read over a window."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from cosmo.demand_ports import ConflictSeen
from modules.marketing.models import ConflictMet


class KeptCount:
    """`cosmo.demand_ports.ConflictCount`: a row a day for each rule, and for each way out of it."""

    def count(self, session: Session, seen: Mapping[ConflictSeen, int]) -> None:
        on_sqlite = session.get_bind().dialect.name == "sqlite"
        insert: Any = sqlite.insert if on_sqlite else postgresql.insert
        for one, times in sorted(seen.items(), key=_in_order):  # one order for all: no deadlock
            values = {name: getattr(one, name) for name in _KEY}
            new = insert(ConflictMet).values(**values, times=times)
            more = {"times": ConflictMet.times + new.excluded.times}
            session.execute(new.on_conflict_do_update(index_elements=_KEY, set_=more))


_KEY = ["plant_id", "family", "day", "rule", "option", "value"]


def _in_order(pair: tuple[ConflictSeen, int]) -> list[str]:
    return [str(getattr(pair[0], name)) for name in _KEY]


@dataclass(frozen=True, slots=True)
class Met:
    """One rule of one family: how often it was met, and what was then chosen, most often first."""

    family: str
    rule: str
    times: int
    instead: tuple[tuple[str, str, int], ...]
    """(option, value, times); an empty value: the option was left out."""


def conflicts_met(
    session: Session, plant_ids: Collection[str], families: Collection[str], since: date
) -> list[Met]:
    """Most often met first."""
    query = select(ConflictMet).where(
        col(ConflictMet.plant_id).in_(plant_ids),
        col(ConflictMet.family).in_(families),
        ConflictMet.day >= since,
    )
    met: Counter[tuple[str, str]] = Counter()
    instead: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for row in session.exec(query):
        key = (row.family, row.rule)
        if row.option:
            instead.setdefault(key, Counter())[row.option, row.value] += row.times
        else:
            met[key] += row.times
    return [
        Met(*key, met[key], tuple((*way, n) for way, n in instead.get(key, Counter()).most_common()))
        for key, _times in met.most_common()
    ]
