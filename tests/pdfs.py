"""Reads back the PDFs we write, as far as tests need it: pages, words, letters, boxes."""

import re
import zlib
from dataclasses import dataclass

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_WORDS = re.compile(rb"\(((?:\\.|[^\\()])*)\) ?Tj")
_LETTER = re.compile(rb"^<[0-9A-Fa-f]+> <([0-9A-Fa-f]{4,8})>$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Read:
    """`words`: lines in the built-in face; `letters`: those of embedded fonts; `bars`: filled boxes."""

    pages: int
    words: str
    letters: frozenset[str]
    bars: int


def read_pdf(pdf: bytes) -> Read:
    """Raises if it is no PDF of ours."""
    assert pdf.startswith(b"%PDF-")
    assert b"%%EOF" in pdf[-16:]
    streams = [_inflated(s) for s in _STREAM.findall(pdf)]
    said = [w for s in streams for w in _WORDS.findall(s)]
    letters = {chr(int(code, 16)) for s in streams if b"beginbf" in s for code in _LETTER.findall(s)}
    drawn = sum(len(re.findall(rb" re f\b", s)) for s in streams)
    return Read(len(re.findall(rb"/Type /Page\b(?!s)", pdf)), _plain(said), frozenset(letters), drawn)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _plain(said: list[bytes]) -> str:
    lines = (re.sub(rb"\\(.)", rb"\1", line).decode("latin-1") for line in said)
    return "\n".join(lines)
