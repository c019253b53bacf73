"""What a question that writes nothing reads again and again is read once."""

from collections.abc import Callable, Hashable, Iterator
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
