"""A drawing as pixels for paper: what it names beyond itself is never opened."""

import io
from pathlib import Path

import pytest
from PIL import Image

from web.drawing.pictures import picture
from web.drawing.raster import png_of

NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
SVG = f'<svg {NAMES} viewBox="0 0 9 9">{{}}</svg>'
PLACE = 'x="0" y="0" width="9" height="9"'


def drawn(png: bytes) -> bool:
    """Whether anything is on it."""
    return Image.open(io.BytesIO(png)).convert("RGBA").getbbox() is not None


@pytest.mark.parametrize("family", ["mug", "tile", "cabinet", "part", "plain"])
def test_every_familys_drawing_is_drawn_and_the_same_twice(family: str) -> None:
    one = png_of(picture(family, {}, uid="a"), 120)
    assert drawn(one)
    assert Image.open(io.BytesIO(one)).width == 120
    assert png_of(picture(family, {}, uid="a"), 120) == one


@pytest.mark.parametrize("attribute", ["href", "xlink:href"])
def test_no_file_of_the_machine_is_opened(tmp_path: Path, attribute: str) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (9, 9), "navy").save(secret)
    for address in (str(secret), f"file://{secret}", f" {secret}"):
        assert not drawn(png_of(SVG.format(f'<image {attribute}="{address}" {PLACE}/>'), 9))


def test_sizes_in_millimetres_are_sizes() -> None:
    sized = SVG.replace("viewBox", 'width="60mm" height="60mm" viewBox').format(f"<rect {PLACE}/>")
    assert drawn(png_of(sized, 20))
