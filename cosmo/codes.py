"""One-time codes sent to an order's e-mail address, for what a tracking link alone may not do."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from sqlmodel import Field, Session, SQLModel

from cosmo.clock import Now
from cosmo.columns import UtcDateTime
from cosmo.errors import Invalid

VALID_FOR = timedelta(minutes=15)


class WrongCode(Invalid):
    type: ClassVar[str] = "wrong-code"
    title: ClassVar[str] = "The code does not match"


class CodeRow(SQLModel, table=True):
    """The latest code for one purpose on one order; only a hash is kept. Wall times."""

    __tablename__ = "cosmo_code"

    order_id: str = Field(foreign_key="cosmo_order.id", primary_key=True)
    purpose: str = Field(primary_key=True)
    code_hash: str
    expires_at: datetime = Field(sa_type=UtcDateTime)


def issue_code(session: Session, order_id: str, purpose: str, now: Now) -> str:
    """A new six-digit code, valid for 15 minutes; an earlier one for the same purpose is void."""
    code = f"{secrets.randbelow(10**6):06}"
    row = CodeRow(
        order_id=order_id, purpose=purpose, code_hash=_hash(order_id, code), expires_at=now.wall + VALID_FOR
    )
    session.merge(row)
    session.flush()
    return code


def use_code(session: Session, order_id: str, purpose: str, code: str, now: Now) -> None:
    """Spend the code. Raises `WrongCode`. The caller limits how often it may be tried."""
    row = session.get(CodeRow, (order_id, purpose), with_for_update=True)
    right = row is not None and hmac.compare_digest(row.code_hash, _hash(order_id, code))
    if row is None or not right or row.expires_at <= now.wall:
        raise WrongCode("This code is not the one we sent, or its 15 minutes are over.", field="code")
    session.delete(row)
    session.flush()


def _hash(order_id: str, code: str) -> str:
    return hashlib.sha256(f"{order_id} {code}".encode()).hexdigest()
