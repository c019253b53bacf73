"""Files people send: kept once per content under `<home>/attachments/ab/cdef...`, a row per upload.

The file is on the disk, synced, before its row is written; a file without a row is harmless, a row without a
file never exists.
"""

import hashlib
import logging
import os
import re
import tempfile
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, ClassVar

from sqlmodel import Field, Session, SQLModel

from cosmo.clock import Now
from cosmo.columns import UtcDateTime
from cosmo.errors import Invalid, NotFound
from cosmo.i18n import N_
from cosmo.ids import new_id
from cosmo.sniffing import EXTENSIONS, WrongFile, media_type_of

MOST_BYTES = 10 * 1024 * 1024
_LONGEST_NAME = 100
_CHUNK = 64 * 1024
_log = logging.getLogger(__name__)


class TooLarge(Invalid):
    """More than `MOST_BYTES`."""

    status: ClassVar[int] = 413
    type, title = "file-too-large", N_("This file is too large")


class Lost(NotFound):
    """The row is here and its content is not: a disk was lost, or not all of a backup came back."""

    type, title = "file-lost", N_("This file is lost")


class Attachment(SQLModel, table=True):
    """One upload. `media_type` is what the content is; `filename` is safe to show and to save under."""

    __tablename__ = "cosmo_attachment"

    id: str = Field(default_factory=new_id, primary_key=True)
    sha256: str = Field(index=True)
    media_type: str
    size: int
    filename: str
    session_id: str | None = Field(default=None, index=True)
    """Who sent it: a guest's session, or an account."""
    account_id: str | None = Field(default=None, foreign_key="cosmo_account.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    """Wall time."""


def store(
    session: Session,
    folder: Path,
    content: BinaryIO,
    filename: str,
    *,
    now: Now,
    session_id: str | None = None,
    account_id: str | None = None,
) -> Attachment:
    """Keep a file. Raises `TooLarge` beyond 10 MB, `WrongFile` for what is not taken."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as part:
        path = Path(part.name)
        try:
            sha256, size = _copy(content, part)
            media_type = media_type_of(path)
            _settle(path, place(folder, sha256))
        finally:
            path.unlink(missing_ok=True)
    attachment = Attachment(
        sha256=sha256,
        media_type=media_type,
        size=size,
        filename=safe_name(filename, media_type),
        session_id=session_id,
        account_id=account_id,
        created_at=now.wall,
    )
    session.add(attachment)
    session.flush()
    return attachment


def _copy(content: BinaryIO, part: "tempfile._TemporaryFileWrapper[bytes]") -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(_CHUNK):
        size += len(chunk)
        if size > MOST_BYTES:
            raise TooLarge(N_("Files may have up to 10 MB. Make this one smaller and try again."))
        digest.update(chunk)
        part.write(chunk)
    if not size:
        raise WrongFile(N_("This file is empty."))
    part.flush()
    os.fsync(part.fileno())
    return digest.hexdigest(), size


def place(folder: Path, sha256: str) -> Path:
    """Where content with this hash is kept."""
    return folder / sha256[:2] / sha256[2:]


def _settle(part: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    os.replace(part, target)
    for folder in (target.parent, target.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def safe_name(filename: str, media_type: str) -> str:
    """The last part of a path without anything that means something to a shell, a header or a page."""
    plain = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    stem = plain.rpartition(".")[0] or plain
    kept = re.sub(r"[^\w .()+-]", "", stem).strip(" .")[:_LONGEST_NAME].strip(" .")
    return (kept or "file") + EXTENSIONS[media_type]


def find(session: Session, attachment_id: str) -> Attachment:
    """The row. Raises `NotFound`; who may see it is the caller's question."""
    attachment = session.get(Attachment, attachment_id)
    if attachment is None:
        raise NotFound(N_("There is no such file."))
    return attachment


def path_of(folder: Path, attachment: Attachment) -> Path:
    """Where its content belongs, whether or not it is still there."""
    return place(folder, attachment.sha256)


def file_of(folder: Path, attachment: Attachment) -> Path:
    """The file, for sending or reading. Raises `Lost`, and the log says which one."""
    path = path_of(folder, attachment)
    if not path.exists():
        raise lost(attachment)
    return path


def lost(attachment: Attachment) -> Lost:
    """The error to raise, once the log has told of it: only a person can bring the content back."""
    _log.warning("the content %s of attachment %s is lost", attachment.sha256, attachment.id)
    return Lost(N_("This file is not here any more. Upload it again, or ask for it to be restored."))


def read(folder: Path, attachment: Attachment) -> bytes:
    """Its content, at most 10 MB. Raises `Lost`."""
    try:
        return path_of(folder, attachment).read_bytes()
    except FileNotFoundError:
        raise lost(attachment) from None
