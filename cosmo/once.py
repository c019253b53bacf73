"""What a question that writes nothing reads again and again is read once."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import event
from sqlmodel import Session

T = TypeVar("T")
_KEPT = "cosmo.once"


@contextmanager
def kept(session: Session) -> Iterator[None]:
    """Meanwhile rows stay in the session (one that nobody holds is else read anew), and what is asked through
    `once` is asked once. For questions that write nothing; one inside another adds to the outer one's."""
    if _KEPT in session.info:
        yield
        return
    rows: list[Any] = []

    def keep(_session: Session, row: Any) -> None:
        rows.append(row)

    event.listen(session, "loaded_as_persistent", keep)
    session.info[_KEPT] = {}
    try:
        yield
    finally:
        del session.info[_KEPT]
        event.remove(session, "loaded_as_persistent", keep)


def once(session: Session, key: Hashable, read: Callable[[], T]) -> T:
    """`read()`, or what it gave before under this key in the same question; not to be changed."""
    known: dict[Hashable, T] | None = session.info.get(_KEPT)
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    return known[key]


def now_known(session: Session, key: Hashable, value: object) -> None:
    """What `once` gives under this key from now on in the same question: it was read by other means."""
    answers: dict[Hashable, object] | None = session.info.get(_KEPT)
    if answers is not None:
        answers[key] = value


def each_once(
    session: Session, key: Hashable, names: Iterable[str], read: Callable[[set[str]], Mapping[str, T]]
) -> dict[str, T]:
    """What `read` finds for `names`; in the same question it is asked only for names not asked for before.
    What it does not find is left out. The values are not to be changed."""
    wanted = set(names)
    known: dict[str, T | None] = once(session, key, dict)
    new = wanted - known.keys()
    if new:
        known |= dict.fromkeys(new) | dict(read(new))
    return {name: found for name in wanted if (found := known[name]) is not None}
