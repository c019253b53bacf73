"""Files customers uploaded, by their attachment's id."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from cosmo import attachments
from cosmo.settings import read_settings


@dataclass(frozen=True, slots=True)
class Upload:
    """One file by its content, which never changes; equal content is equal."""

    sha256: str
    path: Path

    def read(self) -> bytes:
        return self.path.read_bytes()


def upload_of(session: Session, attachment_id: str) -> Upload:
    """The file behind an attachment. Raises `NotFound`, also where its content is lost."""
    row = attachments.find(session, attachment_id)
    folder = session.info.get("files") or read_settings().attachments
    return Upload(row.sha256, attachments.file_of(folder, row))
