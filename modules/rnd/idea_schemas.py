"""What comes in and goes out of ideas."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from modules.rnd.ideas import MOST_PRICE, TITLE, WORDS
from web.shapes import Id, In, Out, Slug

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=WORDS)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
]
RoughPrice = Annotated[Decimal, Field(gt=0, le=MOST_PRICE, max_digits=12, decimal_places=2)]


class AuthorIn(In):
    """Who posts it, for letters; nobody else sees this."""

    name: Name
    email: Email


class IdeaIn(In):
    """An idea near a `family`, or for a `plant`. `sketch`: the id of an uploaded picture. `author` is needed
    of guests only."""

    title: Title
    words: Words
    family: Slug | None = None
    plant: Slug | None = None
    sketch: Id | None = None
    author: AuthorIn | None = None


class ProposalIn(In):
    """How it could be made, for about `price` each (in the plant's currency, before VAT)."""

    words: Words
    price: RoughPrice
    picture: Id | None = None


class ChoiceIn(In):
    proposal_id: Id


class RefusalIn(In):
    reason: Words


class ProposalOut(Out):
    id: str
    words: str
    price: str
    currency: str
    by: str
    picture_url: str | None
    posted_at: datetime
    chosen: bool


class StepOut(Out):
    what: str
    words: str
    at: datetime
    path: str | None


class IdeaRowOut(Out):
    """`state`: open, claimed, chosen or declined."""

    id: str
    title: str
    words: str
    plant: str
    family: str | None
    state: str
    votes: int
    voted: bool
    claimed_by: str | None
    sketch_url: str | None
    posted_at: datetime


class IdeaOut(IdeaRowOut):
    reason: str | None
    proposals: list[ProposalOut]
    story: list[StepOut]


class PostedOut(IdeaOut):
    """`follow_url` leads the author to it; only they are told."""

    follow_url: str
