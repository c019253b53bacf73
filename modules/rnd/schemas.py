"""What comes in about proofs, and what is told about them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from web.shapes import In, Out

Comment = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]


class ApprovalIn(In):
    """The answer to a proof. `version` guards against answering an older one than was looked at."""

    approved: bool = True
    comment: Comment = ""
    version: Annotated[int, Field(ge=1, le=10_000)] | None = None


class CheckOut(Out):
    """One check; `ok` is null where it could not be measured."""

    rule: str
    ok: bool | None
    message: str


class ProofOut(Out):
    """A proof. `state`: open, approved, changes, withdrawn; sizes in mm."""

    id: str
    order_id: str
    version: int
    state: str
    artwork: str
    width_mm: Decimal
    height_mm: Decimal
    checks: list[CheckOut]
    comment: str
    made_at: datetime
    answered_at: datetime | None
    stage: str
    """The order's stage, which an approval moves on."""
