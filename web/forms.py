"""What a form sent, for routes that take whatever options a family has."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from cosmo.attachments import MOST_BYTES

MOST_FIELDS = 200
MOST_FILES = 4
TAKEN = frozenset(
    (
        "quantity", "country", "city", "postal_code", "service", "do", "set", "was", "csrf", "lang",
        "requested_date", "needed_by", "budget", "quote", "met", "offer_code", "design",
        "again", "shared", "start", "saved", "laid", "laid_wish",
    )
)  # fmt: skip
"""What the configurator's form and addresses say besides the options; no option may be called so."""


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """Plain fields, and uploaded files by field name; `several`: all of those of a field that takes more than
    one."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    several: dict[str, list[Upload]] = field(default_factory=dict)


def reading(most_files: int) -> Callable[[Request], Awaitable[Sent]]:
    """A dependency that reads a form with so many files at most."""

    async def read(request: Request) -> Sent:
        form = await request.form(max_files=most_files, max_fields=MOST_FIELDS)
        sent = Sent()
        for name, value in form.multi_items():
            if not isinstance(value, UploadFile):
                sent.fields[name] = value
            elif value.filename:
                sent.files[name] = Upload(value.filename, await value.read(MOST_BYTES + 1))
                sent.several.setdefault(name, []).append(sent.files[name])
        return sent

    return read


SentForm = Annotated[Sent, Depends(reading(MOST_FILES))]
