"""What a change of a placed order asks of modules: until when something may change, and what has begun."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sqlmodel import Session


class Freezer(Protocol):
    def named(self, session: Session, family: str, release: str | None) -> Mapping[str, tuple[str, ...]]:
        """Option (or `quantity`) -> operations by code; it cannot change once the first of them that is on
        the route has begun. Empty where the model names none."""
        ...

    def spent(self, session: Session, family: str, release: str | None) -> Mapping[str, Decimal]:
        """`materials`, or an operation by code -> percent of the price that is spent once they are ordered,
        or it has begun: what cancelling costs from then on. Empty where the model names none."""
        ...


class Progress(Protocol):
    def begun(self, session: Session, order_id: str) -> Mapping[str, datetime]:
        """Operation code -> when it began first, of those of this order that have begun."""
        ...
