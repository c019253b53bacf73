"""`Idempotency-Key`: the answer to a request is stored with its effect, so that repeating it changes nothing.

    kept = claim(session, scope, key, body, now)
    if kept is not None:
        return kept                       # the same request again: the same answer
    ...                                   # the effect
    keep(session, scope, key, 201, answer)

All in one transaction: a request that fails leaves no trace and may be sent again. A second request with the
same key waits until the first one is committed, then gets its answer.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from cosmo.among import among
from cosmo.clock import Now
from cosmo.columns import Json, UtcDateTime
from cosmo.errors import Conflict, Invalid
from cosmo.rows import insert_rows

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255


class KeyReused(Invalid):
    """The key came with another body before."""

    type, title = "idempotency-key-reused", "This key belongs to another request"


class IdempotencyRow(SQLModel, table=True):
    """One request of one requester; `status` is empty while it is being carried out. Wall times."""

    __tablename__ = "cosmo_idempotency"

    scope: str = Field(primary_key=True)
    """Who asks and where: account or session id, and the route."""
    key: str = Field(primary_key=True)
    body_hash: str
    status: int | None = None
    answer: dict[str, Any] | None = Field(default=None, sa_type=Json)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


TABLE: Table = IdempotencyRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer given the first time."""

    status: int
    answer: dict[str, Any]


def claim(session: Session, scope: str, key: str, body: bytes, now: Now) -> Kept | None:
    """Take the key, or find the answer kept under it. Raises `KeyReused` for another body.

    Locks the key until the transaction ends.
    """
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid(f"An Idempotency-Key has between 1 and {LONGEST_KEY} characters.")
    body_hash = hash_of(body)
    while not _insert(session, scope, key, body_hash, now):
        row = session.get(IdempotencyRow, (scope, key), with_for_update=True, populate_existing=True)
        if row is None:
            continue  # pruned between the two statements
        if row.expires_at <= now.wall:
            session.delete(row)
            session.flush()
            continue
        return _kept(row, body_hash)
    return None


def hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _insert(session: Session, scope: str, key: str, body_hash: str, now: Now) -> bool:
    """True if the row is ours; waits for another transaction that has the same key."""
    values = {"scope": scope, "key": key, "body_hash": body_hash, "expires_at": now.wall + KEPT_FOR}
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert_or_not = sqlite.insert if on_sqlite else postgresql.insert
    statement: Any = insert_or_not(IdempotencyRow).values(**values).on_conflict_do_nothing()
    return bool(session.execute(statement.returning(col(IdempotencyRow.key))).first())


def _kept(row: IdempotencyRow, body_hash: str) -> Kept:
    if row.body_hash != body_hash:
        raise KeyReused("This Idempotency-Key came with another body before; use a new key.")
    if row.status is None or row.answer is None:
        raise Conflict("The first request with this Idempotency-Key kept no answer; use a new key.")
    return Kept(row.status, row.answer)


def keep(session: Session, scope: str, key: str, status: int, answer: dict[str, Any]) -> None:
    """Store the answer under a claimed key; `answer` must be JSON."""
    row = session.get_one(IdempotencyRow, (scope, key), populate_existing=True)
    row.status, row.answer = status, answer
    session.add(row)
    session.flush()


@dataclass(frozen=True, slots=True)
class Key:
    """The key of one request, its body as a hash; `name` is what it is known by."""

    scope: str
    key: str
    body_hash: str

    @property
    def name(self) -> tuple[str, str]:
        return self.scope, self.key


_KNOWN = select(IdempotencyRow.scope, IdempotencyRow.key).where(
    among(IdempotencyRow.scope, "scopes"), among(IdempotencyRow.key, "keys")
)


def known(session: Session, keys: Sequence[Key]) -> set[tuple[str, str]]:
    """The names of those that are taken, whatever has become of them."""
    if not keys:
        return set()
    asked = {"scopes": {key.scope for key in keys}, "keys": {key.key for key in keys}}
    return {(scope, key) for scope, key in session.exec(_KNOWN, params=asked)} & {key.name for key in keys}


def keep_all(session: Session, kept: Sequence[tuple[Key, dict[str, Any]]], status: int, now: Now) -> None:
    """Take these keys and store their answers at once. Raises `IntegrityError` if one is taken already."""
    rows = [
        {"scope": k.scope, "key": k.key, "body_hash": k.body_hash, "status": status, "answer": answer,
         "expires_at": now.wall + KEPT_FOR}
        for k, answer in kept
    ]  # fmt: skip
    insert_rows(session, TABLE, rows)


def forget(session: Session, scope: str, key: str) -> None:
    """Give a claimed key back where the answer is not to be repeated."""
    session.delete(session.get_one(IdempotencyRow, (scope, key)))
    session.flush()


def prune(session: Session, now: Now) -> None:
    """Forget keys whose time is over."""
    session.execute(delete(IdempotencyRow).where(col(IdempotencyRow.expires_at) <= now.wall))
