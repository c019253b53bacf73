"""What a file really is, from its content: the name and the sender's word are not trusted.

Pictures and drawings are shown to other people, so they must also be harmless: an SVG without script,
outside references or entities, a picture that is whole and does not unfold to more than 60 megapixels.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, UnidentifiedImageError

from cosmo.errors import Invalid
from cosmo.i18n import N_, Sentence

SVG, PNG, JPEG, PDF, STL = "image/svg+xml", "image/png", "image/jpeg", "application/pdf", "model/stl"
EXTENSIONS = {SVG: ".svg", PNG: ".png", JPEG: ".jpg", PDF: ".pdf", STL: ".stl"}
"""Media type -> ending; these are the types that are taken."""
MOST_PIXELS = 60_000_000
MOST_ELEMENTS = 50_000
_SVG_ROOT = "{http://www.w3.org/2000/svg}svg"
_FORBIDDEN = {"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "listener"}
_OUTSIDE = re.compile(r"@import|expression\s*\(|javascript:|url\s*\(\s*['\"]?\s*(?!['\"#]|data:image/)", re.I)
_INSIDE = re.compile(r"#|data:image/(png|jpeg|gif|webp)[;,]", re.I)
_INSTRUCTION = re.compile(r"<\?(?!xml\s)", re.I)
HARMFUL = N_("This SVG contains {fault}, which could harm others. Save it as plain SVG, try again.")


class WrongFile(Invalid):
    """Not a kind of file we take, or not a safe one; the sentence says what to do."""

    type, title = "wrong-file", N_("This file cannot be used")


def media_type_of(path: Path) -> str:
    """One of `EXTENSIONS`. Raises `WrongFile`."""
    data = path.read_bytes()
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _picture(path, "PNG", PNG)
    if data.startswith(b"\xff\xd8\xff"):
        return _picture(path, "JPEG", JPEG)
    if data.startswith(b"%PDF-"):
        return PDF
    if _is_stl(data):
        return STL
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        _check_svg(data)
        return SVG
    raise WrongFile(N_("This is neither SVG, PNG, JPEG, PDF nor STL. Save it as one of these and try again."))


def _picture(path: Path, kind: str, media_type: str) -> str:
    try:
        with Image.open(path, formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise WrongFile(
                    N_("This picture has more than 60 megapixels. Make it smaller and try again.")
                )
            picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise WrongFile(N_("This picture is damaged. Save it again and try once more.")) from error
    return media_type


def _is_stl(data: bytes) -> bool:
    if len(data) > 84 and len(data) == 84 + 50 * int.from_bytes(data[80:84], "little"):
        return True
    return data.startswith(b"solid") and b"facet normal" in data[:2000] and b"endsolid" in data[-500:]


def _check_svg(data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
        root = fromstring(text, forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException, ValueError) as error:
        raise WrongFile(
            N_("This SVG cannot be read. Save it as plain SVG in UTF-8 and try again.")
        ) from error
    if root.tag != _SVG_ROOT:
        raise WrongFile(N_("This is XML but no SVG drawing. Save it as SVG and try again."))
    fault = N_("an instruction") if _INSTRUCTION.search(text) else next(_faults(root), None)
    if fault:
        raise WrongFile(Sentence(HARMFUL, fault=fault))


def _faults(root: Element) -> Iterator[str]:
    """What must not be in a drawing, as words that `HARMFUL` tells in the reader's language."""
    for count, element in enumerate(root.iter()):
        if count > MOST_ELEMENTS:
            yield Sentence(N_("more than {n} elements"), n=MOST_ELEMENTS)
        name = element.tag.rpartition("}")[2].lower()
        if name in _FORBIDDEN:
            yield f"<{name}>"
        if name == "style" and _OUTSIDE.search(element.text or ""):
            yield N_("a style that refers to something outside")
        yield from _attribute_faults(element)


def _attribute_faults(element: Element) -> Iterator[str]:
    for key, value in element.attrib.items():
        name = key.rpartition("}")[2].lower()
        if name.startswith("on"):
            yield Sentence(N_("the script attribute {name}"), name=name)
        elif name in ("href", "src") and not _INSIDE.match(value.strip()):
            yield N_("a link to something outside")
        elif name in ("to", "from", "values", "by", "attributename") and re.search(
            r"href|script", value, re.I
        ):
            yield N_("an animated link")
        elif _OUTSIDE.search(value):
            yield N_("a reference to something outside")
