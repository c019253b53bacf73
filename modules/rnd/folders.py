"""A family's files as one zip, out and in; what comes back in is what went out, to the byte."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from cosmo.errors import Invalid
from cosmo.i18n import N_, Sentence
from modules.rnd.family import FILES

MOST_BYTES = 1_000_000
_MOST_ENTRIES = 50
_TWICE = N_("{file} is there twice. Send the files of one family.")
_NO_FAMILY = N_("This is no family: choose its zip, or its files {files}.")


def zipped(files: Mapping[str, str], folder: str, at: datetime) -> bytes:
    """The files in a folder of the family's name, as of `at`."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(f"{folder}/{name}", at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode())
    return made.getvalue()


UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError, struct.error)
"""What `zipfile` raises: no zip, or cut off; damaged inside; too short; locked; places that are nowhere."""
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others cannot be unpacked bit by bit."""


def unpacked(sent: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """The texts of what was sent: (name, content) of a zip, or of files by themselves. Raises `Invalid`."""
    found: dict[str, str] = {}
    for name, content in sent:
        inside = _inside(content) if zipfile.is_zipfile(io.BytesIO(content)) else [(name, content)]
        for path, raw in inside:
            file = PurePosixPath(path.replace("\\", "/")).name
            if file in found:
                raise Invalid(Sentence(_TWICE, file=file[:80]))
            found[file] = _text(path, raw)
    if not found or any(name not in FILES for name in found):
        raise Invalid(Sentence(_NO_FAMILY, files=", ".join(FILES)))
    return found


def _inside(content: bytes) -> Iterator[tuple[str, bytes]]:
    """What lies in a zip; how large it is is counted as it comes out, not taken from what the zip says."""
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            for number, one in enumerate(entries):
                raw = _read(archive, one, left + 1)
                left -= len(raw)
                if left < 0 or number >= _MOST_ENTRIES:
                    raise Invalid(N_("This zip is larger than any family. Choose another one."))
                yield one.filename, raw
    except UNREADABLE:
        raise Invalid(N_("This zip cannot be opened. Make it again, without a password.")) from None


def _read(archive: zipfile.ZipFile, one: zipfile.ZipInfo, most: int) -> bytes:
    if one.compress_type not in _PACKINGS:
        raise zipfile.BadZipFile
    with archive.open(one) as inside:
        return inside.read(most)


def _text(name: str, raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise Invalid(N_("This file is larger than any family. Choose another one."))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        said = Sentence(N_("{file} is no text in UTF-8. Save it as such, then try again."), file=name[:80])
        raise Invalid(said) from None
