"""Checks on uploads: each with artwork that passes and artwork that fails."""

import io
from decimal import Decimal

import pytest
from PIL import Image, ImageDraw

from modules.rnd.artwork import Finding, Report, Unreadable, check
from modules.rnd.mesh import UnreadableMesh, measure
from modules.rnd.resolve import PrintZone
from modules.rnd.svg import UnsafeSvg, read_svg
from tests.modules.rnd.families import product
from tests.modules.rnd.pictures import box, drawing, png, saved, shell, stl

RULES = {text.check: text for text in product("mug").family.rules if text.check}
ZONE = PrintZone(Decimal(80), Decimal(73), "lines")


def report(content: bytes, zone: PrintZone = ZONE) -> Report:
    return check(content, zone, RULES)  # type: ignore[arg-type]


def finding(found: Report, rule: str) -> Finding:
    (one,) = [f for f in found.findings if f.rule == rule]
    return one


@pytest.mark.parametrize(("pixels", "enough"), [(945, True), (930, False)])
def test_300_dpi_at_print_size(pixels: int, enough: bool) -> None:
    found = report(png(pixels, pixels // 2, line=8))  # 80 mm wide: 945 pixels are 300 dpi
    assert found.width_mm == 80
    assert finding(found, "12").ok is enough
    assert found.ok is enough


def test_a_drawing_is_sharp_at_any_size() -> None:
    found = report(drawing())
    assert finding(found, "12").ok
    assert found.width_mm == found.height_mm == 60


def test_a_drawing_too_large_for_the_zone_is_made_to_fit() -> None:
    found = report(drawing(), PrintZone(Decimal(45), Decimal(45), "lines"))
    assert found.width_mm == found.height_mm == 45
    assert finding(found, "14").ok  # 0.4 mm becomes 0.3


@pytest.mark.parametrize(
    ("size", "dpi", "ok"),
    [
        ((1100, 1000), None, True),  # no size stated: printed with bleed
        ((1016, 934), 323, False),  # exactly as large as the zone, to the edge
        ((1110, 1020), 323, True),  # 87 x 80 mm: 3 mm more on every side
        ((600, 500), 323, True),  # a small picture inside the zone needs none
    ],
)
def test_ink_to_the_edge_needs_bleed(size: tuple[int, int], dpi: float | None, ok: bool) -> None:
    assert finding(report(png(*size, ink=True, dpi=dpi)), "13").ok is ok


def test_a_motif_with_air_around_needs_no_bleed() -> None:
    assert "13" not in [f.rule for f in report(png(1000, 900, line=8)).findings]


@pytest.mark.parametrize(("pixels", "ok"), [(1, False), (2, False), (3, True), (6, True)])
def test_lines_of_a_picture_have_a_least_width(pixels: int, ok: bool) -> None:
    found = report(png(1000, 900, line=pixels))  # at 317 dpi 0.2 mm are 2.5 pixels
    assert finding(found, "14").ok is ok


def test_slanting_lines_are_measured_across() -> None:
    def slanting(width: int) -> bytes:
        image = Image.new("RGBA", (1000, 900), (0, 0, 0, 0))
        pen = ImageDraw.Draw(image)
        for x in range(60, 700, 80):
            pen.line((x, 60, x + 200, 800), fill=(0, 0, 60, 255), width=width)
        return saved(image)

    assert finding(report(slanting(6)), "14").ok
    assert finding(report(slanting(1)), "14").ok is False


def test_gaps_between_lines_have_a_least_width() -> None:
    image = Image.new("RGBA", (1000, 900), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for y in range(100, 800, 12):  # 9 pixels of ink, gaps of 3: 0.24 mm
        pen.rectangle((60, y, 900, y + 8), fill=(0, 0, 60, 255))
    assert finding(report(saved(image)), "14").ok is False


def test_a_photograph_is_not_measured_for_lines() -> None:
    grey = Image.linear_gradient("L").resize((1000, 900)).convert("RGBA")
    assert finding(report(saved(grey)), "14").ok is None


@pytest.mark.parametrize(("stroke", "ok"), [("2", True), ("1.9", False)])
def test_lines_of_a_drawing_have_a_least_width(stroke: str, ok: bool) -> None:
    assert finding(report(drawing(stroke)), "14").ok is ok


def test_laser_has_its_own_rule() -> None:
    found = report(drawing("1"), PrintZone(Decimal(80), Decimal(73), "laser_lines"))
    assert finding(found, "15").ok is False
    assert "14" not in [f.rule for f in found.findings]


def test_strokes_are_scaled_with_what_they_stand_in() -> None:
    half = b"""<svg xmlns="http://www.w3.org/2000/svg" width="50mm" viewBox="0 0 500 500">
    <g transform="matrix(.5 0 0 .5 0 0)" stroke="red" stroke-width="3"><path d="M0 0L9 9"/></g></svg>"""
    assert finding(report(half), "14").ok is False


def test_hidden_or_strokeless_shapes_have_no_line() -> None:
    filled = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    assert "14" not in [f.rule for f in report(filled).findings]


def test_the_preview_is_small_and_can_be_shown() -> None:
    found = report(png(2400, 2000, line=9))
    preview = Image.open(io.BytesIO(found.preview))
    assert found.preview_type == "image/png"
    assert max(preview.size) == 900


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a....", b"<svg", b"<html></html>", b"\x89PNG\r\n\x1a\nbroken", b"%PDF-1.4"]
)
def test_what_is_no_artwork_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"\.$"):
        report(content)


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    b' viewBox="0 0 9 9">%s</svg>'
)


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>alert(1)</script>",
        b"<style>*{fill:url(http://a)}</style>",
        b"<foreignObject/>",
        b"<image href='http://a/b.png'/>",
        b"<animate attributeName='x'/>",
        b"<use xlink:href='http://a/b.svg#c'/>",
        b"<use href='data:image/svg+xml,x'/>",
        b"<rect fill='url(http://a)'/>",
        b"<rect style='fill:url(//a)'/>",
        b"<rect fill='url(&#x20;http://a)'/>",
        b"<text>hello</text>",
    ],
)  # fmt: skip
def test_a_drawing_that_could_run_or_reach_out_is_refused(inside: bytes) -> None:
    with pytest.raises(UnsafeSvg):
        read_svg(SVG % inside)


@pytest.mark.parametrize(
    "said", ['transform="%s"' % ("a" * 50_000), 'transform="%s"' % ("a(" * 50_000),
             'stroke-width="1%sx"' % (" " * 50_000)],
    ids=["a long word", "many brackets", "a long gap"],
)  # fmt: skip
def test_a_long_nonsense_is_read_in_one_go(said: str) -> None:
    """Reading back over it again and again would take minutes."""
    read = read_svg(SVG % f"<path d='M0 0H9' {said}/>".encode())
    assert read.thinnest is None


def test_entities_are_refused() -> None:
    with pytest.raises(UnsafeSvg):
        read_svg(b'<!DOCTYPE svg [<!ENTITY x "y">]>' + SVG % b"<title>&x;</title>")


def test_handlers_and_unknown_attributes_are_left_behind() -> None:
    text = read_svg(
        SVG % b"<rect onload='x()' width='3' height='3' style='fill:red;behavior:x' data-a='b'/>"
    ).text
    assert "onload" not in text
    assert "behavior" not in text
    assert "data-a" not in text
    assert 'fill="red"' in text


def test_what_editors_leave_behind_goes_quietly() -> None:
    text = read_svg(SVG % b"<metadata>me</metadata><g xmlns:i='http://inkscape'><i:path/></g>").text
    assert "me" not in text.replace("xmlns", "")
    assert "inkscape" not in text


def test_a_part_is_measured() -> None:
    found = measure(stl(box(100, 50, 20)))
    assert [found.longest, found.middle, found.shortest] == [Decimal(100), Decimal(50), Decimal(20)]
    assert [found.volume, found.box, found.wall] == [Decimal(100), Decimal("0.1"), Decimal(20)]


def test_a_text_stl_is_the_same_part() -> None:
    faces = box(10, 20, 30)
    text = "solid a\n" + "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join(f"vertex {x} {y} {z}\n" for x, y, z in face)
        + "endloop\nendfacet\n"
        for face in faces
    )
    assert measure((text + "endsolid a").encode()) == measure(stl(faces))


@pytest.mark.parametrize(("wall", "said"), [(0.7, "0.70"), (0.8, "0.80"), (2.5, "2.50")])
def test_the_thinnest_wall_is_found(wall: float, said: str) -> None:
    assert measure(shell(100, 60, 30, wall)).wall == Decimal(said)


def test_a_part_that_is_inside_out_is_measured_all_the_same() -> None:
    assert measure(stl(box(100, 50, 20, inward=True))) == measure(stl(box(100, 50, 20)))


@pytest.mark.parametrize(
    "content",
    [b"", b"solid nothing endsolid", b"\0" * 200, stl([((0, 0, 0), (1, 0, 0), (0, 1, 0))]),
     stl([((float("nan"), 0, 0), (1, 0, 0), (0, 1, 0))])],
)  # fmt: skip
def test_what_is_no_part_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableMesh, match=r"\.$"):
        measure(content)


@pytest.mark.parametrize(
    "svg",
    [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1.2.3 9"/>',
        '<svg xmlns="http://www.w3.org/2000/svg" width="1.2.3mm" height="9mm"/>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="1.2.3mm"/>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9e999 9"/>',
    ],
)
def test_numbers_that_are_none_are_a_drawing_that_cannot_be_read(svg: str) -> None:
    with pytest.raises(UnsafeSvg):
        read_svg(svg.encode())


def test_a_style_within_a_style_says_nothing() -> None:
    style = "style:" * 5000 + "fill:red"
    text = read_svg(SVG % f'<path d="M0 0H9" style="{style}"/>'.encode()).text
    assert "style" not in text
