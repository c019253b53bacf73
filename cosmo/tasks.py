"""Work for a person: what no handler could finish by itself, shown to the manufacturer it concerns."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from cosmo.clock import Now
from cosmo.columns import Json, UtcDateTime
from cosmo.errors import Conflict, NotFound
from cosmo.i18n import N_, gettext
from cosmo.ids import new_id

_OPEN = text("done_at IS NULL")


class Task(SQLModel, table=True):
    """One thing to do. `kind` and `about` (an id) name it: at most one such task is open at a time."""

    __tablename__ = "cosmo_task"
    __table_args__ = (
        Index("ux_cosmo_task_open", "kind", "about", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    manufacturer_id: str = Field(foreign_key="cosmo_party.id", index=True)
    order_id: str | None = Field(default=None, foreign_key="cosmo_order.id", index=True)
    kind: str
    about: str
    sentence: str
    """A msgid with {fields} from `words`."""
    words: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    """Wall time, as `done_at`."""
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_by: str | None = None

    def text(self, locale: str) -> str:
        """The sentence in the reader's language."""
        return gettext(locale, self.sentence).format(**self.words)


def open_task(
    session: Session,
    manufacturer_id: str,
    kind: str,
    about: str,
    sentence: str,
    *,
    now: Now,
    order_id: str | None = None,
    **words: Any,
) -> Task:
    """Ask a person to do something; if the same is asked already, its words are brought up to date."""
    known = select(Task).where(Task.kind == kind, Task.about == about, col(Task.done_at).is_(None))
    task = session.exec(known).one_or_none() or Task(
        manufacturer_id=manufacturer_id,
        order_id=order_id,
        kind=kind,
        about=about,
        sentence=sentence,
        created_at=now.wall,
    )
    task.sentence, task.words = sentence, words
    session.add(task)
    session.flush()
    return task


def open_tasks(session: Session, manufacturer_id: str, limit: int = 200) -> list[Task]:
    """What waits for a person at one manufacturer, oldest first."""
    query = select(Task).where(Task.manufacturer_id == manufacturer_id, col(Task.done_at).is_(None))
    return list(session.exec(query.order_by(col(Task.created_at), col(Task.id)).limit(limit)))


def finish_task(session: Session, manufacturer_id: str, task_id: str, *, now: Now, actor: str) -> Task:
    """A person has done it. Raises `NotFound` for another manufacturer's task, `Conflict` for a done one."""
    task = session.get(Task, task_id, with_for_update=True)
    if task is None or task.manufacturer_id != manufacturer_id:
        raise NotFound("There is no such task here.")
    if task.done_at is not None:
        raise Conflict("This task is done already.")
    task.done_at, task.done_by = now.wall, actor
    session.add(task)
    return task


def settle(session: Session, kind: str, about: str, *, now: Now, actor: str = "kernel") -> None:
    """Close the open task about something that has been put right; fine if there is none."""
    query = select(Task).where(Task.kind == kind, Task.about == about, col(Task.done_at).is_(None))
    for task in session.exec(query):
        task.done_at, task.done_by = now.wall, actor
        session.add(task)


DELIVERY_DEAD = "delivery-dead"
UNDO_FAILED = "undo-failed"

SENTENCES = {
    DELIVERY_DEAD: N_("{handler} failed {attempts} times on order {order}: {error}"),
    UNDO_FAILED: N_("{handler} could not be undone for the cancelled order {order}: {error}"),
}
"""The kernel's own kinds of task -> sentence."""
