"""Files from strangers: known by their content, safe to show, kept once, on the disk before the row."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlmodel import Session, select

from cosmo import sniffing
from cosmo.attachments import MOST_BYTES, Attachment, Lost, file_of, find, path_of, read, safe_name, store
from cosmo.errors import CosmoError, NotFound
from cosmo.i18n import LOCALES, gettext
from cosmo.sniffing import WrongFile
from tests.factories import NOW

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
ASCII_STL = b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nendloop\nendfacet\nendsolid a\n"


def picture(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "navy").save(made, kind)
    return made.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files go; made at the first one."""
    return tmp_path / "attachments"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def keep(session: Session, folder: Path, data: bytes, name: str = "mug.png") -> Attachment:
    return store(session, folder, BytesIO(data), name, now=NOW, session_id="guest")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (b"%PDF-1.7\n%%EOF", "application/pdf"),
        (SVG.format('<path d="M0 0" fill="url(#a)"/><use href="#a"/>').encode(), "image/svg+xml"),
        (("\ufeff" + SVG.format("<style>a{fill:url(#b)}</style>")).encode(), "image/svg+xml"),
        (SVG.format('<image xlink:href="data:image/png;base64,AAAA"/>').encode(), "image/svg+xml"),
        (bytes(80) + (1).to_bytes(4, "little") + bytes(50), "model/stl"),
        (ASCII_STL, "model/stl"),
    ],
)
def test_known_by_its_content(session: Session, folder: Path, data: bytes, media_type: str) -> None:
    kept = keep(session, folder, data, "anything.exe")
    assert (kept.media_type, kept.size, kept.session_id) == (media_type, len(data), "guest")
    assert read(folder, find(session, kept.id)) == data


HARMFUL = pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<g onload="x()"/>',
        '<a href="javascript:x()"/>',
        '<a href=" java&#10;script:x()"/>',
        '<image href="https://spy.example/x.png"/>',
        '<use xlink:href="//spy.example/x.svg#a"/>',
        "<foreignObject/>",
        "<style>@import 'https://spy.example/x.css'</style>",
        "<style>a{fill:url(https://spy.example/x)}</style>",
        "<rect style=\"fill:url( 'http://spy.example/x')\"/>",
        '<rect fill="url(//spy.example/x)"/>',
        '<a href="#a"><set attributeName="href" to="javascript:x()"/></a>',
        '<a href="#a"><animate attributeName="xlink:href" values="x"/></a>',
        '<image href="data:text/html,x"/>',
        '<image href="data:image/svg+xml,x"/>',
    ],
)


@HARMFUL
def test_an_svg_that_could_harm_is_refused(session: Session, folder: Path, inside: str) -> None:
    with pytest.raises(WrongFile, match="could harm"):
        keep(session, folder, SVG.format(inside).encode())
    assert files(folder) == []


REFUSED = pytest.mark.parametrize(
    "data",
    [
        b"<html><body>hi</body></html>",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        ('<?xml version="1.0" encoding="UTF-16"?>' + SVG.format("")).encode("utf-16"),
        ('<?xml-stylesheet href="x.css"?>' + SVG.format("")).encode(),
        b"<svg",
        b"MZ\x90\x00 a program",
        b"solid and nothing else",
        b"",
        picture("PNG")[:40],
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    ],
)


@REFUSED
def test_other_files_are_refused_with_a_sentence(session: Session, folder: Path, data: bytes) -> None:
    with pytest.raises(WrongFile) as refused:
        keep(session, folder, data)
    assert refused.value.detail.endswith(".")
    assert files(folder) == []


def in_each_language(refusal: CosmoError) -> tuple[str, ...]:
    return tuple(gettext(locale, refusal.detail) for locale in LOCALES)


def refusal_of(session: Session, folder: Path, data: bytes) -> CosmoError:
    with pytest.raises(CosmoError) as refused:
        keep(session, folder, data)
    return refused.value


@REFUSED
def test_a_refusal_is_told_to_each_in_their_language(session: Session, folder: Path, data: bytes) -> None:
    told = in_each_language(refusal_of(session, folder, data))
    assert len(set(told)) == 3, told
    assert told[2].endswith("。")


@HARMFUL
def test_so_is_what_could_harm(session: Session, folder: Path, inside: str) -> None:
    told = in_each_language(refusal_of(session, folder, SVG.format(inside).encode()))
    assert len(set(told)) == 3, told
    english = re.findall(r"contains|something|reference|attribute |animated|outside|style", told[1] + told[2])
    assert not english, told


def test_a_refusal_names_what_it_found_in_the_readers_words(session: Session, folder: Path) -> None:
    told = in_each_language(refusal_of(session, folder, SVG.format('<g onload="x()"/>').encode()))
    assert told[0].startswith("This SVG contains the script attribute onload, which could harm others.")
    assert told[1].startswith("Dieses SVG enthält das Skript-Attribut onload. Das könnte anderen schaden.")
    assert told[2].startswith("此 SVG 含有脚本属性 onload，可能危害他人。")


def test_a_drawing_of_too_many_elements_says_how_many_are_taken(
    session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sniffing, "MOST_ELEMENTS", 1_200)
    told = in_each_language(refusal_of(session, folder, SVG.format("<g/>" * 1_201).encode()))
    for text, figure in zip(told, ("1,200", "1.200", "1,200"), strict=True):
        assert figure in text
    assert keep(session, folder, SVG.format("<g/>" * 1_200).encode()).size


def test_ten_megabytes_and_no_more(session: Session, folder: Path) -> None:
    pdf = b"%PDF-" + bytes(MOST_BYTES - 5)
    assert keep(session, folder, pdf).size == MOST_BYTES
    told = in_each_language(refusal_of(session, folder, pdf + b"!"))
    assert len({text for text in told if "10" in text}) == 3
    assert len(files(folder)) == 1


def test_a_picture_that_unfolds_is_refused(
    session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sniffing, "MOST_PIXELS", 63)
    refused = refusal_of(session, folder, picture("PNG"))
    assert "megapixels" in refused.detail
    assert len(set(in_each_language(refused))) == 3


def test_the_same_content_is_kept_once_with_a_row_each(session: Session, folder: Path) -> None:
    one, two = (keep(session, folder, picture("PNG"), name) for name in ("a.png", "b.png"))
    assert one.id != two.id
    assert path_of(folder, one) == path_of(folder, two)
    assert path_of(folder, one).parent.name == one.sha256[:2]
    assert len(session.exec(select(Attachment)).all()) == 2


@pytest.mark.parametrize("look", [read, file_of])
def test_content_that_is_lost_is_not_here_and_the_log_names_it(
    session: Session, folder: Path, caplog: pytest.LogCaptureFixture, look: Callable[[Path, Attachment], Any]
) -> None:
    kept = keep(session, folder, picture("PNG"))
    assert look(folder, kept)
    path_of(folder, kept).unlink()
    with pytest.raises(Lost):
        look(folder, kept)
    assert kept.id in caplog.text


def test_the_file_is_synced_before_its_row(
    session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr("cosmo.attachments.os.fsync", lambda handle: seen.append("sync"))
    monkeypatch.setattr(session, "add", lambda row: seen.append("row"))
    keep(session, folder, picture("PNG"))
    assert seen == ["sync", "sync", "sync", "row"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("mug.PNG", "mug.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\files\\Bécher 2.jpeg", "Bécher 2.png"),
        ('a"b\r\nSet-Cookie: x.png', "abSet-Cookie x.png"),
        ("<script>.svg", "script.png"),
        ("...", "file.png"),
        ("", "file.png"),
        ("杯子.png", "杯子.png"),
        ("x" * 300, "x" * 100 + ".png"),
    ],
)
def test_names_are_safe_to_show_and_to_save_under(given: str, kept: str) -> None:
    assert safe_name(given, "image/png") == kept


def test_an_unknown_id_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        find(session, "nothing")
