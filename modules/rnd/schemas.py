"""What comes in about proofs, and what is told about them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from web.shapes import In, Out, Slug

Comment = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]


class ApprovalIn(In):
    """The answer to a proof. `version` guards against answering an older one than was looked at."""

    approved: bool = True
    comment: Comment = ""
    version: Annotated[int, Field(ge=1, le=10_000)] | None = None


class CheckOut(Out):
    """One check; `ok` is null where it could not be measured. `notice`: fine, but printed otherwise than the
    file says.
    """

    rule: str
    ok: bool | None
    message: str
    notice: bool = False


class ProofOut(Out):
    """A proof. `state`: open, approved, changes, withdrawn; sizes in mm. `note` is the plant's, `comment` the
    customer's answer.
    """

    id: str
    order_id: str
    version: int
    state: str
    artwork: str
    width_mm: Decimal
    height_mm: Decimal
    checks: list[CheckOut]
    note: str
    comment: str
    made_at: datetime
    answered_at: datetime | None
    stage: str
    """The order's stage, which an approval moves on."""


Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
FileName = Annotated[str, StringConstraints(max_length=80)]
FileText = Annotated[str, StringConstraints(max_length=200_000)]
Files = Annotated[dict[FileName, FileText], Field(min_length=1, max_length=20)]


class StartIn(In):
    """What the draft is for."""

    note: Comment = ""


class DraftIn(In):
    """Files to save, by name; `version` is the one that was read."""

    version: Version
    files: Files


class BeginIn(In):
    """A family the plant does not have yet: its `files`, which say what it is called; or a `slug`, for a copy
    of the family `copy_of`, or else for a small family whose one operation is done at `station` (a work
    centre by its code; the first one where none is named).
    """

    files: Files | None = None
    slug: Slug | None = None
    copy_of: Slug | None = None
    station: Annotated[str, StringConstraints(max_length=40)] = ""
    note: Comment = ""

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if (self.files is None) == (self.slug is None):
            raise ValueError("send either files or a slug")
        if self.files is not None and (self.copy_of or self.station):
            raise ValueError("files are neither a copy nor small: send copy_of and station with a slug")
        return self


class ReleaseIn(In):
    """The version of the draft that is meant."""

    version: Version


class DraftOut(Out):
    """A draft with its files as text. `base`: the release it goes on from, empty where there is none yet;
    `state`: open, released (as `release_id`) or discarded."""

    family: str
    base: str
    version: int
    state: str
    note: str
    author: str
    started_at: datetime
    updated_at: datetime
    updated_by: str
    release_id: str | None
    files: dict[str, str]


class PlaceOut(Out):
    """A line of a file, counted from 1; null where it is not known."""

    file: str | None
    line: int | None


class DifferenceOut(Out):
    """One line of a failed case; an empty side means nothing."""

    what: str
    subject: str
    expected: str
    found: str


class FindingOut(Out):
    """`rules`: the smallest set of rules that causes it, each with its place."""

    kind: str
    blocks: bool
    message: str
    place: PlaceOut
    rules: dict[str, PlaceOut]
    differences: list[DifferenceOut]


class CheckedOut(Out):
    version: int
    blocked: bool
    findings: list[FindingOut]


class ReleaseOut(Out):
    """A release; `digest` is the same for the same content."""

    id: str
    family: str
    number: int
    digest: str
    released_at: datetime
