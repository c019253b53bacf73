"""A stranger's drawing may ask for more than is done for anybody; then it is not drawn, and says so."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from web.drawing import apart, effort
from web.drawing.apart import CannotDraw, NotNow, png_apart
from web.drawing.effort import Effort, TooMuch, is_involved
from web.drawing.raster import order_of, png_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{}</svg>'
NESTED = "".join(f'<g id="a{n}">' + f'<use href="#a{n + 1}"/>' * 10 + "</g>" for n in range(9))
EMPTY = "".join(f'<g id="a{n}"/>' for n in range(10))
BIG = '<rect x="-200" y="-200" width="500" height="500" {}/>'
LINE = '<path d="M0 9H90" stroke="black"/>'
SMALL, FINE = 500_000, 9_300_000


def involved(inside: str, pixels: int = SMALL) -> bool:
    return is_involved(fromstring(SVG.format(inside)), pixels)


@pytest.mark.parametrize(
    "inside",
    [
        NESTED + EMPTY,
        EMPTY + NESTED,
        f'<g stroke-dasharray=".001">{LINE}</g>',
        f'<g style="stroke-dasharray: .001 0.001">{LINE}</g>',
        '<path d="M0 9H90" stroke="black" stroke-dasharray="1%"/>',
        '<g stroke-dasharray=".001"><use href="#a"/></g><defs><path id="a" d="M0 0H90"/></defs>',
        BIG.format('style="mix-blend-mode:multiply"') * 401,
        BIG.format('opacity="50%"') * 401,
        f'<path d="{"M0 0H1" * 1_400_000}"/>',
    ],
    ids=["first of a name", "last of a name", "dashes from above", "dashes by style", "dashes by share",
         "dashes by use", "blended layers", "layers", "one long path"],
)  # fmt: skip
def test_what_asks_for_too_much_is_told_from_the_file(inside: str) -> None:
    assert involved(inside)


@pytest.mark.parametrize(
    "style",
    [
        "opacity:1;stroke-dasharray:none;mix-blend-mode:normal;isolation:auto",
        "opacity:100%;clip-path:none;mask:none",
        "opacity:1.0;stroke-dasharray:0,0",
        "stroke:none;stroke-dasharray:0.001",
        "stroke-dasharray:4,2",
    ],
)
def test_what_an_editor_writes_at_every_shape_is_no_work(style: str) -> None:
    assert not involved(f'<path d="M0 9H90" style="{style}"/>' * 400, FINE)


def test_the_more_pixels_the_fewer_layers() -> None:
    layers = BIG.format('opacity=".5"') * 30
    assert not involved(layers, SMALL)
    assert involved(layers, FINE)


ONE_NAME = '<g id="a"/>' * 150


@pytest.mark.parametrize(
    "inside",
    [
        ONE_NAME + '<path fill="url(#a)"/>' * 150,
        ONE_NAME + f'<path fill="{"url(#a) " * 150}"/>',
        ONE_NAME + "".join(f'<g stroke-dasharray="{n} 9"><use href="#b"/></g>' for n in range(100))
        + f'<defs><path id="b" fill="{"url(#none) " * 150}"/></defs>',
    ],
    ids=["one name for many", "one name in many places", "one part in many dashes"],
)  # fmt: skip
def test_work_is_told_from_a_file_in_one_go(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root, read = fromstring(SVG.format(inside)), Counter[int]()
    said = effort._said
    monkeypatch.setattr(effort, "_said", lambda one: (read.update([id(one)]), said(one))[1])
    told = Effort(root)
    assert told.whole().shapes > 300
    assert told.steps < 1000
    assert set(read.values()) == {1}
    assert len(read) == len(list(root.iter()))


def test_counting_ends_where_too_much_is_found() -> None:
    used = "".join(f'<g stroke-dasharray="{n}"><use href="#a"/></g>' for n in range(1, 1500))
    told = Effort(fromstring(SVG.format(ONE_NAME + used)))
    with pytest.raises(TooMuch):
        told.whole()
    assert told.steps < 100_000


def test_a_drawing_is_drawn_apart_as_it_is_here() -> None:
    assert png_apart(SVG.format(LINE), 90, crisp=True) == png_of(SVG.format(LINE), 90, crisp=True)


def test_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    nested = SVG.format(f'<g opacity=".5"><g opacity=".5">{BIG.format("")}</g></g>')
    assert png_apart(nested, 1000)
    monkeypatch.setattr(apart, "MEGABYTES", 60)
    assert png_apart(SVG.format(""), 1000)
    with pytest.raises(NotNow):
        png_apart(nested, 1000)
    assert "-6, memory allocation of" in caplog.text


def test_time_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SVG.format(BIG.format('fill-opacity=".5"') * 20_000)
    monkeypatch.setattr(apart, "SECONDS", 1)
    with pytest.raises(CannotDraw) as refused:
        png_apart(slow, 1000)
    assert refused.type is CannotDraw  # another time it takes as long


def test_what_is_no_drawing_cannot_be_drawn(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(CannotDraw) as refused:
        png_apart('<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>', 9)
    assert refused.type is CannotDraw
    assert not caplog.text


def test_nobody_waits_for_long_until_others_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WAIT", 0.1)
    with apart._AT_ONCE:
        assert png_apart(SVG.format(LINE), 90)
        with apart._AT_ONCE, pytest.raises(NotNow):
            png_apart(SVG.format(LINE), 90)
    assert png_apart(SVG.format(LINE), 90)


@pytest.mark.parametrize(
    ("program", "told"),
    [("/nowhere/python", "FileNotFoundError"), ("/bin/false", "1, "), (sys.executable, "No such file")],
    ids=["cannot be started", "fails", "fails with a word"],
)
def test_a_drawer_that_fails_is_told_of(
    program: str, told: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    monkeypatch.setattr(apart, "_DRAWER", Path("/nowhere/drawer.py"))
    with pytest.raises(NotNow):
        png_apart(SVG.format(LINE), 90)
    assert "a drawing was not drawn: " in caplog.text
    assert told in caplog.text
    assert "M0 9H90" not in caplog.text


TIGHT = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
sys.argv = [sys.argv[1], "10", "512"]
runpy.run_path(sys.argv[0], run_name="__main__")
print(resource.getrlimit(resource.RLIMIT_CPU), file=sys.stderr)
"""


def test_tighter_bounds_of_who_starts_the_drawer_stay() -> None:
    order = json.dumps(order_of(SVG.format(LINE), 90)).encode()
    command = [sys.executable, "-I", "-c", TIGHT, str(apart._DRAWER)]
    made = subprocess.run(command, input=order, capture_output=True, check=False)
    assert made.stderr == b"(5, 5)\n"
    assert made.stdout.startswith(b"\x89PNG")


@pytest.mark.parametrize("svg", ["no drawing", "<svg", "<g>" * 4000 + "</g>" * 4000])
def test_what_is_no_drawing_is_not_drawn(svg: str) -> None:
    with pytest.raises(CannotDraw):
        png_apart(svg, 100)
