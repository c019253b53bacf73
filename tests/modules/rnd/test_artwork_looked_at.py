"""What looking at artwork as it will be printed finds: colours that cannot be fired, edges and gaps of
drawings, and what the print zone makes of its size.
"""

import io
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from modules.rnd import colours, configuring
from modules.rnd.artwork import Finding, Report, Unreadable, check
from modules.rnd.resolve import PrintZone, print_zone
from modules.rnd.selections import read_state
from modules.rnd.uploads import Upload
from tests.modules.rnd.families import product
from tests.modules.rnd.pictures import drawing, png, saved
from web.drawing import apart

RULES = {text.check: text for text in product("mug").family.rules if text.check}


def zone_of(decoration: str) -> PrintZone:
    """The front of a usual mug."""
    chosen = {**product("mug").family.defaults, "decoration": decoration, "artwork": "a"}
    found = print_zone(product("mug"), read_state(product("mug"), chosen, 240))
    assert found is not None
    return found


ZONE = zone_of("decal")


def report(content: bytes, zone: PrintZone = ZONE) -> Report:
    return check(content, zone, RULES)  # type: ignore[arg-type]


def finding(found: Report, rule: str) -> Finding:
    (one,) = [f for f in found.findings if f.rule == rule]
    return one


def rules(found: Report) -> list[str]:
    return [f.rule for f in found.findings]


def svg(inside: str, box: str = "0 0 800 730", width: str = "80mm") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" viewBox="{box}">{inside}</svg>'.encode()


def patches(part: str, rest: str, parts: int) -> bytes:
    """A picture of which `parts` rows in a hundred are of one colour, the others of another."""
    image = Image.new("RGBA", (1200, 1000), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for row in range(100):
        pen.rectangle((100, 50 + row * 9, 1100, 58 + row * 9), fill=part if row < parts else rest)
    return saved(image)


FIRED, SCREEN = "#2b4aa0", {"red": "#ff0000", "green": "#00ff00", "blue": "#0000ff"}


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # published values of the sRGB primaries under D65
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_colours_are_measured_as_the_standard_says(
    rgb: tuple[int, int, int], lab: tuple[float, float, float]
) -> None:
    assert colours.lab_of([rgb])[0] == pytest.approx(lab, abs=0.05)
    assert tuple(colours.rgb_of([lab])[0]) == rgb


@pytest.mark.parametrize("colour", sorted(SCREEN.values()))
@pytest.mark.parametrize("kind", ["picture", "drawing"])
def test_a_screens_own_colours_cannot_be_fired(colour: str, kind: str) -> None:
    drawn = svg(f'<circle cx="400" cy="365" r="300" fill="{colour}"/>')
    found = report(patches(colour, FIRED, 100) if kind == "picture" else drawn)
    told = finding(found, "M2")
    assert (told.ok, told.values["percent"], told.values["wanted"]) == (False, 100, colour)
    assert not found.ok


@pytest.mark.parametrize("kind", ["picture", "drawing"])
def test_colours_that_are_fired_every_day_are_fine(kind: str) -> None:
    glazes = [value.swatch for value in product("mug").options["outer_glaze"].values if value.id != "signal"]
    parts = [f'<circle cx="{90 * n + 80}" cy="365" r="40" fill="{one}"/>' for n, one in enumerate(glazes)]
    pictured = patches(FIRED, "#3a2a22", 50)
    told = finding(report(pictured if kind == "picture" else svg("".join(parts))), "M2")
    assert (told.ok, told.notice) == (True, False)


@pytest.mark.parametrize(
    ("parts", "ok", "notice"), [(0, True, False), (1, True, True), (20, True, True), (21, False, False)]
)
def test_a_small_share_is_told_and_a_large_one_refused(parts: int, ok: bool, notice: bool) -> None:
    told = finding(report(patches(SCREEN["red"], FIRED, parts)), "M2")
    assert (told.ok, told.notice) == (ok, notice)
    if parts:
        assert told.values["percent"] == parts


def test_the_nearest_colour_can_be_fired_and_keeps_its_hue_and_lightness() -> None:
    told = finding(report(patches(SCREEN["red"], FIRED, 10)), "M2")
    wanted, nearest = (Image.new("RGB", (1, 1), told.values[name]) for name in ("wanted", "nearest"))
    (one, two) = (colours.lab_of([picture.getpixel((0, 0))])[0] for picture in (wanted, nearest))
    assert two[0] == pytest.approx(one[0], abs=0.5)
    assert two[2] / two[1] == pytest.approx(one[2] / one[1], abs=0.05)
    again = finding(report(patches(told.values["nearest"], FIRED, 100)), "M2")
    assert (again.ok, again.notice) == (True, False)


def test_each_way_of_decorating_has_its_own_colours() -> None:
    red = patches("#c8372d", "#c8372d", 100)
    assert finding(report(red, zone_of("lowfire")), "M2").ok, "cadmium reaches red"
    assert finding(report(red, zone_of("decal")), "M2").ok is False
    assert "M2" not in rules(report(red, zone_of("laser"))), "the laser marks in one tone"


def test_as_much_beyond_as_the_customer_accepts_counts_as_fired() -> None:
    blue = patches(FIRED, FIRED, 100)  # chroma 53.7 where 50 can be fired
    assert finding(report(blue), "M2").notice is False
    assert finding(report(blue, replace(ZONE, deviation=0)), "M2").ok is False


def test_what_is_nearly_black_is_made_with_black() -> None:
    navy = patches("#000080", "#000080", 100)
    assert finding(report(navy), "M2").notice is False
    assert finding(report(navy, replace(ZONE, dark=Decimal(0))), "M2").ok is False
    assert finding(report(patches("#0000b0", "#0000b0", 100)), "M2").ok is False, "lighter than that"


def test_a_picture_for_a_press_says_its_colours_by_its_profile() -> None:
    def jpeg(mode: str, **also: bytes) -> bytes:
        out = io.BytesIO()
        Image.new(mode, (1200, 1000), (0, 0, 255, 0)[: len(mode)]).save(out, "JPEG", dpi=(300, 300), **also)
        return out.getvalue()

    assert finding(report(jpeg("CMYK")), "M2").ok is None
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert finding(report(jpeg("RGB", icc_profile=profile)), "M2").ok is False
    assert finding(report(jpeg("RGB", icc_profile=b"no profile")), "M2").ok is False


@pytest.mark.parametrize(
    ("box", "width", "ok"),
    [
        ("0 0 800 730", "80mm", False),  # exactly the zone, to the edge
        ("0 0 860 790", "86mm", True),  # 3 mm more on every side
        ("0 0 859 790", "85.9mm", False),
        ("0 0 400 400", "40mm", True),  # a filled square inside the zone needs none
    ],
)
def test_a_drawing_to_the_edge_needs_bleed(box: str, width: str, ok: bool) -> None:
    found = report(svg('<rect width="900" height="900" fill="#22377f"/>', box, width))
    assert finding(found, "13").ok is ok


def test_a_drawing_with_air_around_needs_no_bleed() -> None:
    assert "13" not in rules(report(drawing()))


@pytest.mark.parametrize(("gap", "ok"), [(4, True), (3, False)])
@pytest.mark.parametrize("turn", [0, 22.5, 45, 70])
def test_gaps_of_a_drawing_have_a_least_width(gap: int, ok: bool, turn: float) -> None:
    bars = "".join(f'<rect x="{250 + n * (20 + gap)}" y="200" width="20" height="300"/>' for n in range(5))
    found = report(svg(f'<g transform="rotate({turn} 300 350)">{bars}</g>'))
    assert finding(found, "14").ok is ok


@pytest.mark.parametrize(("thick", "ok"), [("2", True), ("1.5", False)])
def test_thin_filled_shapes_of_a_drawing_are_lines(thick: str, ok: bool) -> None:
    lines = "".join(f'<rect x="50" y="{40 * n + 50}" width="700" height="{thick}"/>' for n in range(9))
    assert finding(report(svg(lines)), "14").ok is ok


def test_a_few_narrow_gaps_in_a_large_picture_are_found() -> None:
    image = Image.new("RGBA", (1000, 900), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for x in (400, 423):  # at 317 dpi three pixels between them are 0.24 mm
        pen.rectangle((x, 300, x + 19, 600), fill=(0, 0, 60, 255))
    assert finding(report(saved(image)), "14").ok is False


SHADED = (
    '<linearGradient id="g"><stop offset="0"/><stop offset="1" stop-color="white"/></linearGradient>'
    '<circle cx="400" cy="365" r="300" fill="url(#g)"/>'
)


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (SHADED, "Line width and gaps are not measured."),
        (f'{SHADED}<path d="M0 9H99" stroke="black" stroke-width="9"/>',
         "Lines are {positive} mm or more; gaps are not measured."),
    ],
)  # fmt: skip
def test_a_shaded_drawing_is_not_measured_and_says_so(inside: str, said: str) -> None:
    told = finding(report(svg(inside)), "14")
    assert (told.ok, told.msgid) == (None, said)


NESTED = "".join(f'<g id="a{n}">' + f'<use href="#a{n + 1}"/>' * 10 + "</g>" for n in range(9))


@pytest.mark.parametrize(
    "inside",
    [
        f'{NESTED}<rect id="a9" width="9" height="9"/>',
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<rect width="9" height="9" opacity=".5"/>' * 900,
    ],
)
def test_a_drawing_that_asks_for_too_much_is_not_looked_at_and_says_so(inside: str) -> None:
    found = report(svg(inside))
    assert [finding(found, rule).ok for rule in ("13", "14", "M2")] == [None, None, None]


def test_a_drawing_that_is_a_line_is_refused() -> None:
    with pytest.raises(Unreadable, match="a line and no area"):
        report(svg('<rect width="1" height="1"/>', "0 0 1 10000000"))


@pytest.mark.parametrize("kind", ["picture", "drawing"])
def test_what_is_made_smaller_is_told(kind: str) -> None:
    circle = '<circle cx="600" cy="450" r="300" fill="#22377f"/>'
    drawn = svg(circle, "0 0 1200 900", "120mm")
    found = report(png(1417, 1063, line=8, dpi=300) if kind == "picture" else drawn)
    told = finding(found, "zone")
    assert (told.ok, told.notice) == (True, True)
    text = told.msgid.format(**told.values)
    assert "120.0 × 90.0 mm as drawn, 80.0 × 60.0 mm in print" in text
    assert "zone" not in rules(report(svg(circle, "0 0 1200 900", "80mm"))), "the control: it fits"


def test_what_stands_out_of_the_zone_is_told() -> None:
    told = finding(report(png(3000, 2400, ink=True, dpi=400)), "zone")  # 190 x 152 mm, to the edge
    assert told.notice
    assert "what stands out is cut off" in told.msgid
    just = report(png(1100, 1006, ink=True, dpi=323))  # the zone and its bleed
    assert "zone" not in rules(just)


LARGE = """
import resource
from decimal import Decimal
from PIL import Image
from modules.rnd import colours, configuring
image = Image.new("RGB", (9000, 9000), (200, 30, 30))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert colours.unfired(image, [(Decimal(0), Decimal(30))], 0, Decimal(5)).percent == 100
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_the_colours_of_a_large_picture_take_little_memory() -> None:
    """Of 81 megapixels; by itself, so that nothing else has taken the memory before."""
    said = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    assert int(said.stdout) < 250


def hairs(colour: str, height: str) -> str:
    return "".join(f'<rect x="50" y="{40 * n + 50}" width="700" height="{height}" fill="{colour}"/>'
                   for n in range(9))  # fmt: skip


@pytest.mark.parametrize("colour", ["#ffc0d0", "#d8e4f0", "black"])
def test_thin_lines_are_found_in_pale_colours_too(colour: str) -> None:
    assert finding(report(svg(hairs(colour, "1.5"))), "14").ok is False
    assert finding(report(svg(hairs(colour, "3"))), "14").ok, "the control: they are thick enough"


def test_lines_that_nothing_is_seen_of_are_not_called_fine() -> None:
    assert finding(report(svg(hairs("#fafafa", "1"))), "14").ok is None


@pytest.mark.parametrize("fill", ['fill="#808080"', 'opacity=".5"'])
def test_a_flat_tone_is_no_shading(fill: str) -> None:
    left_over = '<linearGradient id="unused"><stop offset="0"/></linearGradient>'
    flat = f'<rect x="100" y="100" width="500" height="500" {fill}/>'
    assert finding(report(svg(left_over + flat)), "14").ok is True


@pytest.mark.parametrize("content", [svg('<rect width="9" height="9"/>', "0 0 9 9", "0.04mm"),
                                     svg('<rect width="9" height="9"/>', "0 0 9 9000"),
                                     png(200, 300, line=9, dpi=9_999)])  # fmt: skip
def test_artwork_that_nobody_sees_in_print_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable, match="less than 1 mm"):
        report(content)


@pytest.mark.parametrize("dpi", [200_000, 5_000_000])
def test_a_resolution_that_no_picture_has_counts_as_none(dpi: float) -> None:
    found, plain = report(png(1100, 1006, line=30, dpi=dpi)), report(png(1100, 1006, line=30))
    assert (found.width_mm, found.findings) == (plain.width_mm, plain.findings)


def test_only_what_lasts_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WAIT", 0.1)
    path = tmp_path / "drawing.svg"
    path.write_bytes(svg('<circle cx="400" cy="365" r="301" fill="#1d3a8a"/>'))

    def checked() -> Report:
        found = configuring._checked(Upload(str(path), path), ZONE, configuring._Rules(RULES))
        assert isinstance(found, Report)
        return found

    with apart._AT_ONCE, apart._AT_ONCE:
        assert {one.ok for one in checked().findings if one.rule != RULES["dpi"].id} == {None}
    assert None not in {one.ok for one in checked().findings}
    assert checked() is checked()


def test_a_drawing_that_asks_for_too_much_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "drawing.svg"
    path.write_bytes(svg('<path opacity=".5" d="M100 100H700V600H100Z"/>' * 1000))
    upload, told = Upload(str(path), path), configuring._Rules(RULES)
    found = configuring._checked(upload, ZONE, told)
    assert isinstance(found, Report)
    assert None in {one.ok for one in found.findings}
    assert configuring._checked(upload, ZONE, told) is found
