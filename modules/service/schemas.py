"""What customers and service agents send."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from modules.service.models import ClaimKind

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClaimIn(_In):
    """What is wrong with how many pieces."""

    kind: ClaimKind
    pieces: int = Field(ge=1, le=100_000)
    text: Text
    attachment_id: str | None = Field(default=None, max_length=40)


class RemakeIn(_In):
    """How many pieces the plant makes again."""

    pieces: int = Field(ge=1, le=100_000)
    answer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class RejectionIn(_In):
    """Why not, in a sentence the customer reads."""

    answer: Text


class RatingIn(_In):
    stars: int = Field(ge=1, le=5)
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class ClaimOut(BaseModel):
    id: str
    order_id: str
    kind: str
    pieces: int
    text: str
    state: str
    answer: str
    remake_id: str | None
    opened_at: datetime
    answered_at: datetime | None
