"""Artwork and models that customers upload while they configure, and the pictures of them they see again."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request
from sqlmodel import Session

from cosmo import attachments
from cosmo.clock import Now
from cosmo.errors import CosmoError, NotFound
from cosmo.identity import Principal
from web.forms import Upload
from web.uploads import PICTURES
from web.uploads import keep as store


def keep(session: Session, request: Request, upload: Upload, principal: Principal, now: Now) -> str:
    """Store an upload for this visitor; its id. Raises `TooLarge`, `WrongFile`, `TooMany`."""
    return store(session, request, io.BytesIO(upload.content), upload.name, principal, now).id


def keep_all(
    session: Session, request: Request, uploads: Mapping[str, Upload], principal: Principal, now: Now
) -> tuple[dict[str, str], dict[str, str]]:
    """(option -> attachment kept, option -> why refused); fields are called `upload-<option>`."""
    kept, refused = {}, {}
    for field, upload in uploads.items():
        option = field.removeprefix("upload-")
        try:
            kept[option] = keep(session, request, upload, principal, now)
        except CosmoError as error:
            refused[option] = error.detail
    return kept, refused


def told(
    session: Session, options: Iterable[Mapping[str, Any]], selections: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Option -> what the page says of its file: name, check, picture address."""
    found = {}
    for option in options:
        name = str(option["id"])
        if option["type"] == "file" and selections.get(name):
            found[name] = _told(session, str(selections[name]))
    return {name: value for name, value in found.items() if value}


def _told(session: Session, attachment_id: str) -> dict[str, str]:
    try:
        row = attachments.find(session, attachment_id)
    except NotFound:
        return {}
    size = f"{row.size / 1024:.0f} kB"
    return {
        "name": row.filename,
        "check": size,
        "href": address(row.id) if row.media_type in PICTURES else "",
    }


def address(attachment_id: str) -> str:
    """Where the picture of an upload is served."""
    return f"/artwork/{attachment_id}"
