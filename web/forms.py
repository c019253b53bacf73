"""What a form sent, for routes that take whatever options a family has."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from cosmo.attachments import MOST_BYTES

MOST_FIELDS = 200
MOST_FILES = 4


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """Plain fields, and uploaded files by field name."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)


async def _read(request: Request) -> Sent:
    form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    sent = Sent()
    for name, value in form.items():
        if isinstance(value, UploadFile):
            if value.filename:
                sent.files[name] = Upload(value.filename, await value.read(MOST_BYTES + 1))
        else:
            sent.fields[name] = value
    return sent


SentForm = Annotated[Sent, Depends(_read)]
