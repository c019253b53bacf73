"""A zip says how large its files are; what comes out of it is counted all the same."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from cosmo.errors import Invalid
from modules.rnd.folders import MOST_BYTES, unpacked

LARGE = b"0" * 60_000_000


def packed(method: int, *contents: bytes) -> bytes:
    made = io.BytesIO()
    names = ("family.yaml", "options.yaml", "rules.yaml")
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in zip(names, contents, strict=False):
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return made.getvalue()


def lying(content: bytes, size: int) -> bytes:
    """The zip, its directory saying that every file has so many bytes."""
    out, at = bytearray(content), content.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", out, at + 24, size)
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(out)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_is_read(method: int) -> None:
    assert unpacked([("a.zip", packed(method, b"slug: lamp"))]) == {"family.yaml": "slug: lamp"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_not_opened(method: int) -> None:
    sent = packed(method, b"slug: lamp")
    for content in (sent, sent.replace(b"lamp", b"dark"), lying(packed(method, LARGE), 9)):
        with pytest.raises(Invalid, match="cannot be opened"):
            unpacked([("a.zip", content)])


@pytest.mark.parametrize("said", [9, MOST_BYTES, len(LARGE)])
def test_a_small_zip_is_no_large_file_whatever_it_says(said: int) -> None:
    content = lying(packed(zipfile.ZIP_DEFLATED, LARGE), said)
    tracemalloc.start()
    with pytest.raises(Invalid):
        unpacked([("a.zip", content)])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 * MOST_BYTES


def test_files_are_counted_together() -> None:
    half = b"0" * (MOST_BYTES // 2)
    assert len(unpacked([("a.zip", packed(zipfile.ZIP_DEFLATED, half, half))])) == 2
    with pytest.raises(Invalid, match="larger than any family"):
        unpacked([("a.zip", packed(zipfile.ZIP_DEFLATED, half, half, b"0"))])


def test_a_file_that_lies_beyond_the_zip_cannot_be_opened() -> None:
    sent = packed(zipfile.ZIP_DEFLATED, b"slug: lamp")
    moved, at = bytearray(sent), sent.find(b"PK\x01\x02")
    struct.pack_into("<I", moved, at + 42, 0x7FFFFFFF)
    with pytest.raises(Invalid):
        unpacked([("a.zip", bytes(moved))])
