"""Pictures of options and values: data of the family, checked when read, kept by the release."""

from pathlib import Path

import pytest

from cosmo.db import Database
from cosmo.parties import Plant
from modules.rnd import releases
from modules.rnd.diffing import compare
from modules.rnd.family import FamilyError, family_of, read_folder
from modules.rnd.product import Product
from seeds.plants import FAMILIES
from tests.factories import NOW
from tests.web_fixtures import Visitor

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1H8"/></svg>'


def made(**changes: object) -> Product:
    return Product(family_of(read_folder(FAMILIES / "cabinet") | changes))


@pytest.mark.parametrize(
    ("svg", "said"),
    [
        (SVG.replace("<path", "<script>alert(1)</script><path"), "parts that are not shapes"),
        (SVG.replace('d="M1 1H8"', 'd="M1 1H8" onload="alert(1)"'), ""),
        (SVG.replace("<path", '<image href="http://elsewhere.example/a.png"/><path'), "has a picture inside"),
        ("no drawing", "cannot be read"),
    ],
)
def test_a_picture_that_is_no_safe_drawing_is_refused(svg: str, said: str) -> None:
    pictures = [{"name": name, "svg": svg} for name in ("front_flat", "front_shaker", "front_glass")]
    if not said:  # what the reader takes away does no harm
        assert made(pictures=pictures)
        return
    with pytest.raises(FamilyError, match=said) as refused:
        made(pictures=pictures)
    assert refused.value.faults[0][1] == "front_flat", "the place in the file"


def test_a_value_is_shown_with_a_picture_that_there_is() -> None:
    with pytest.raises(FamilyError, match="front_flat, which is no picture"):
        made(pictures=[])


def test_the_release_has_its_pictures(client: Visitor) -> None:
    answer = client.get("/picture/tile-1/shape_hex.svg")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "max-age" in answer.headers["Cache-Control"]
    assert "<svg" in answer.text
    for nowhere in ("/picture/tile-9/shape_hex.svg", "/picture/tile-1/nothing.svg"):
        assert client.get(nowhere).status_code == 404


def test_an_event_in_a_picture_is_taken_away(
    client: Visitor, database: Database, lu: Plant, tmp_path: Path
) -> None:
    folder = tmp_path / "tile"
    folder.mkdir()
    for file in (FAMILIES / "tile").iterdir():
        text = file.read_text("utf-8")
        (folder / file.name).write_text(text.replace("<path ", '<path onload="alert(1)" '), "utf-8")
    with database.write() as session:
        (release,) = releases.load_families(session, folder, lu, NOW.business)
    told = client.get(f"/picture/{release.id}/shape_hex.svg").text
    assert "M24 4L41" in told
    assert "onload" not in told


def test_another_picture_is_a_difference_between_releases() -> None:
    old = family_of(read_folder(FAMILIES / "cabinet"))
    pictures = [one.model_dump() for one in old.pictures]
    pictures[0]["svg"] = SVG
    new = family_of(read_folder(FAMILIES / "cabinet") | {"pictures": pictures})
    (change,) = compare(old, new)
    assert (change.section, change.subject, change.label) == ("texts", "front_flat", "Drawing")
