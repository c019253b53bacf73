"""How the picture shows a tile laid is chosen beside it: it stays, is shared, and changes nothing else."""

from html import unescape
from re import findall
from urllib.parse import parse_qsl, urlsplit

import pytest

from cosmo.clock import read_now
from cosmo.db import Database
from modules.marketing.lists import load_price_list
from modules.rnd.releases import load_families
from seeds.files import read_yaml
from tests.factories import make_plant
from tests.modules.interaction.conftest import MUGS
from tests.web_fixtures import Visitor

TILES = MUGS.parent / "tile"
OBLONG = {"size": "300x600"}
HEXAGON = {"shape": "hex"}


@pytest.fixture(autouse=True)
def tiles(database: Database) -> None:
    with database.write() as session:
        now = read_now(session)
        plant = make_plant(session, slug="lu-ceramics", name="Lu Ceramics", city="Berlin", country="DE")
        load_families(session, TILES, plant, now.wall)
        load_price_list(session, plant, "tile", read_yaml(TILES / "price.yaml"), now)


def chosen(client: Visitor, **more: str) -> dict[str, str]:
    """The form as it stands on a first visit, with another size."""
    page = client.get("/configure/tile").text
    fields = dict(findall(r'name="(\w+)" value="([^"]*)" checked', page))
    return {**fields, "joint": "3", "faces": "1", "quantity": "40", **OBLONG, **more}


def address(sent: dict[str, str], client: Visitor) -> dict[str, str]:
    there = client.post("/configure/tile", data=sent)
    assert there.status_code == 303
    return dict(parse_qsl(urlsplit(there.headers["Location"]).query))


def test_it_is_chosen_in_a_plain_form_and_stays(client: Visitor) -> None:
    first = address(chosen(client, laid="herringbone"), client)
    assert first["laid"] == "herringbone"
    page = client.get("/configure/tile", params=first).text
    assert '<label for="f-laid">Laid in the picture</label>' in page
    assert '<option value="herringbone" selected>in herringbone</option>' in page
    assert "in herringbone, joint" in page
    again = address({**chosen(client), **first, "colour": "moss"}, client)
    assert (again["laid"], again["colour"]) == ("herringbone", "moss"), "the next click keeps it"


def test_links_from_the_configurator_keep_it(client: Visitor) -> None:
    query = address(chosen(client, laid="third"), client)
    page = unescape(client.get("/configure/tile", params=query).text)
    (fit,) = findall(r'href="(/configure/tile/fit\?[^"]+)"', page)
    assert "laid=third" in fit
    form = unescape(client.get(fit).text)
    assert '<input type="hidden" name="laid" value="third">' in form
    drawn = client.get("/preview/tile.svg", params=query).text
    assert drawn != client.get("/preview/tile.svg", params={**query, "laid": ""}).text


def test_it_changes_the_picture_alone(client: Visitor) -> None:
    told = []
    for way in ("", "bond"):
        page = client.get("/configure/tile", params=chosen(client, laid=way)).text
        drawing = findall(r"<svg[^>]*class=\"product\".*?</svg>", page)
        told.append(
            (drawing, findall(r"€[\d.,]+", page), findall(r'name="(\w+)" value="([^"]*)" checked', page))
        )
    assert told[0][0] != told[1][0], "the control: it is seen"
    assert told[0][1], "it has a price"
    assert told[0][1:] == told[1][1:]


@pytest.mark.parametrize("way", ["spiral", "herringbone", "<script>", ""])
def test_what_is_no_way_for_the_format_is_laid_as_usual(client: Visitor, way: str) -> None:
    page = client.get("/configure/tile", params=chosen(client, size="600x600", laid=way)).text
    assert '<option value="" selected>in a grid</option>' in page
    assert '<option value="herringbone"' not in page
    assert "<script>&" not in page


@pytest.mark.parametrize("other", [{"size": "600x600"}, HEXAGON], ids=["square", "hexagon"])
def test_it_comes_back_with_a_format_that_can_be_laid_so(client: Visitor, other: dict[str, str]) -> None:
    """Bug: the way through a format that cannot be laid so lost it."""

    def sent(page: str) -> dict[str, str]:
        """What the form says of it."""
        hidden = dict(findall(r'<input type="hidden" name="(laid\w*)" value="([^"]*)">', page))
        chosen = findall(r'<select[^>]*name="(laid)".*?<option value="(\w*)" selected', page)
        return {**hidden, **dict(chosen)}

    there = client.get("/configure/tile", params=chosen(client, laid="herringbone", **other)).text
    assert "in herringbone" not in there, "the control: such tiles are not laid so"
    back = {**chosen(client), **sent(there)}
    assert address(back, client)["laid"] == "herringbone"
    again = client.get("/configure/tile", params=address(back, client)).text
    assert '<option value="herringbone" selected>' in again
    assert sent(again) == {"laid": "herringbone"}, "it is seen, so nothing is kept beside it"
    assert address({**back, **other, "laid": "bond"}, client)["laid"] == "bond", "what is chosen anew counts"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Laid in the picture", "For the picture only; your order does not carry it.</span>")),
        ("de", ("Im Bild verlegt", "im Fischgrätverband", "Nur für das Bild; Ihre Bestellung")),
        ("zh", ("图中铺法", "人字形铺贴", "仅用于图片，不写入您的订单。")),
    ],
)
def test_in_other_languages(client: Visitor, lang: str, words: tuple[str, ...]) -> None:
    page = client.get("/configure/tile", params=chosen(client, laid="herringbone", lang=lang)).text
    assert all(one in page for one in words)
