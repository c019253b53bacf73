"""A picture is handed on as the customer approved it, whatever kind of file it came in."""

import io
from typing import Any

import pytest
from PIL import Image

from modules.rnd.briefing import _pixels


def handed_on(image: Image.Image, kind: str = "PNG", **more: Any) -> Image.Image:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return Image.open(io.BytesIO(_pixels(out.getvalue())))


def test_an_indexed_picture_keeps_what_is_transparent() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([255, 0, 255, 20, 30, 90])
    image.putpixel((1, 1), 1)
    told = handed_on(image, transparency=0)
    assert told.getpixel((0, 0)) == (255, 0, 255, 0)
    assert told.getpixel((1, 1)) == (20, 30, 90, 255)


def test_a_colour_key_stays_transparent() -> None:
    image = Image.new("RGB", (2, 1), (255, 255, 255))
    image.putpixel((1, 0), (1, 2, 3))
    told = handed_on(image, transparency=(255, 255, 255))
    alpha = told.getchannel("A")
    assert (alpha.getpixel((0, 0)), alpha.getpixel((1, 0))) == (0, 255)


def test_sixteen_bits_of_grey_stay_grey() -> None:
    grey = handed_on(Image.new("I;16", (2, 2), 30000)).getpixel((0, 0))
    assert grey == pytest.approx((117, 117, 117), abs=1)


def test_a_profile_for_print_colours_does_not_go_with_screen_colours() -> None:
    cmyk = Image.new("CMYK", (2, 2), (0, 255, 255, 0))
    told = handed_on(cmyk, "JPEG", icc_profile=b"a profile of four colours")
    assert told.mode == "RGB"
    assert "icc_profile" not in told.info
