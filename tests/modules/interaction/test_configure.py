"""The configurator: conflicts with their way out, files that are refused, choices that are never lost."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from sqlmodel import select

from cosmo.asking import all_families
from cosmo.attachments import MOST_BYTES, Attachment
from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from modules.interaction import selecting
from modules.rnd.releases import load_families
from tests.modules.interaction.conftest import MUGS, defaults, quoted
from tests.statements import asked
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("mugs")
HTMX = {"HX-Request": "true"}


def picture(width: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, width), "navy").save(out, "PNG")
    return out.getvalue()


def test_the_first_visit_shows_price_and_date(client: Visitor) -> None:
    page = client.get("/configure/mug").text
    assert "Lu Ceramics" in page.partition("</header>")[0], "the plant's name is the brand here"
    for words in ("It hinges on", "before VAT", "Order for "):
        assert words in page
    for attribute in (
        'hx-sync="this:replace"',
        'hx-encoding="multipart/form-data"',
        'hx-target="#configure"',
    ):
        assert attribute in page


def test_a_conflict_says_the_rules_sentence_and_the_way_out(client: Visitor) -> None:
    chosen = {**defaults(client), "finish": "reactive", "quantity": "24"}
    page = client.post("/configure/mug", data=chosen, headers=HTMX).text
    problem = page.partition('id="conflicts"')[2].partition("</div>")[0]
    assert "A reactive glaze is mixed for one colour at a time, from 2,000 mugs on." in problem
    assert 'name="set"' in problem, "the change that resolves it"
    change = re.findall(r'name="set" value="([^"]*)"', problem)[0].replace("&amp;", "&")
    solved = client.post("/configure/mug", data={**chosen, "set": change}, headers=HTMX).text
    assert 'id="conflicts"' not in solved
    assert "Order for " in solved


def test_a_locked_value_names_its_reason_and_its_way_out(client: Visitor) -> None:
    page = client.get("/configure/mug").text
    assert 'aria-disabled="true"' in page
    why = page.partition('class="why"')[2].partition("</p>")[0]
    assert "from 2,000 mugs on" in page or "needs" in why


def test_set_changes_quantity_and_service_too() -> None:
    form = {"finish": "gloss", "quantity": "24", "service": "express"}
    assert selecting.changed({**form, "set": selecting.change({"quantity": 2000})})["quantity"] == "2000"
    assert selecting.changed({**form, "set": "service="})["service"] == ""
    odd = {"personal_name": "Tom & Ada = 2"}
    assert selecting.changed({"set": selecting.change(odd)}) == odd
    assert selecting.changed({"set": selecting.change({"finish": None})}) == {"finish": ""}


@pytest.mark.parametrize("quantity", ["0", "-3", "²", "1e9", "10000000000", "many"])
@pytest.mark.parametrize("do", ["", "order"])
def test_an_odd_quantity_stays_and_is_said(client: Visitor, quantity: str, do: str) -> None:
    form = {**defaults(client), "quantity": quantity, "do": do}
    for headers in ({}, HTMX):
        answer = client.post("/configure/mug", data=form, headers=headers)
        assert answer.status_code == 422
        assert f'name="quantity" value="{quantity}"' in answer.text
        assert "Write how many as a whole number" in answer.text
        assert "Not yet" in answer.text, "no date for a quantity that nobody wrote"


def test_no_quantity_is_the_usual_one(client: Visitor) -> None:
    answer = client.post("/configure/mug", data={**defaults(client), "quantity": ""}, headers=HTMX)
    assert answer.status_code == 200
    assert selecting.quantity_of({"quantity": ""}, 24) == 24


@pytest.mark.parametrize(
    ("option", "value"), [("capacity", "lots"), ("body", "gold"), ("personal_name", "x" * 99)]
)
def test_what_can_never_be_is_refused_and_drawn_all_the_same(
    client: Visitor, option: str, value: str
) -> None:
    form = {**defaults(client), "quantity": "36", option: value}
    answer = client.post("/configure/mug", data=form)
    assert answer.status_code == 422
    assert 'id="conflicts"' in answer.text
    assert 'name="quantity" value="36"' in answer.text
    assert client.get(f"/preview/mug.svg?{option}={value}").status_code == 200


def test_without_a_script_the_address_keeps_the_choices(client: Visitor) -> None:
    there = client.post("/configure/mug", data={**defaults(client), "finish": "matt", "quantity": "36"})
    assert there.status_code == 303
    page = client.get(there.headers["Location"]).text
    assert re.search(r'name="finish" value="matt" checked', page)
    assert 'value="36"' in page


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"MZ no picture", "This"), (b"\x89PNG\r\n\x1a\n" + b"0" * MOST_BYTES, "up to 10 MB"), (b"", "")],
    ids=["wrong", "large", "nothing chosen"],
)
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["script", "plain"])
def test_a_refused_file_says_why_beside_it_and_loses_no_choice(
    client: Visitor, database: Database, content: bytes, why: str, headers: dict[str, str]
) -> None:
    chosen = {**defaults(client), "finish": "matt", "quantity": "36"}
    files = {"upload-artwork": ("art.png" if content else "", content)}
    answer = client.post("/configure/mug", data=chosen, files=files, headers=headers)
    if not why:
        assert answer.status_code in (200, 303)
        return
    assert answer.status_code == 422
    beside = answer.text.partition('id="opt-artwork"')[2].partition("</div>")[0]
    assert 'role="alert"' in beside
    assert why in beside
    assert re.search(r'name="finish" value="matt" checked', answer.text)
    assert 'value="36"' in answer.text
    with database.read() as session:
        assert session.exec(select(Attachment)).all() == []


@pytest.mark.parametrize(
    ("width", "said", "chosen"), [(40, "we need 300, that is", ""), (1100, "", "mm in print: fine")]
)
def test_beside_a_file_stands_whether_it_can_be_printed(
    client: Visitor, width: int, said: str, chosen: str
) -> None:
    files = {"upload-artwork": ("art.png", picture(width))}
    form = {**defaults(client), "decoration": "decal"}
    page = client.post("/configure/mug", data=form, files=files, headers=HTMX).text
    beside = page.partition('id="opt-artwork"')[2].partition("<fieldset")[0]
    assert said in beside
    assert ('role="alert"' in beside) == bool(said)
    assert chosen in beside


def test_a_file_is_shown_kept_and_taken_away(client: Visitor) -> None:
    chosen = {**defaults(client), "decoration": "decal"}
    files = {"upload-artwork": ("art.png", picture())}
    page = client.post("/configure/mug", data=chosen, files=files, headers=HTMX).text
    found = re.search(r'name="artwork" value="(\w+)"', page)
    assert found is not None
    shown = client.get(f"/artwork/{found[1]}")
    assert shown.headers["Content-Type"] == "image/png"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert f'id="drop-artwork-{found[1]}"' in page, "a new, empty field: the file is not sent again"
    without = {**chosen, "artwork": found[1], "set": "artwork="}
    taken = client.post("/configure/mug", data=without, headers=HTMX).text
    assert f'<input type="hidden" name="artwork" value="{found[1]}"' in page
    assert '<input type="hidden" name="artwork"' not in taken
    assert f'name="set" value="artwork={found[1]}"' in taken, "it can be had back"


def test_ordering_makes_a_quote_and_refusing_it_shows_the_reason(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    with database.read() as session:
        made = session.get_one(Order, quote_id)
        assert (made.stage, made.quantity) == ("quoted", 24)
    conflict = {**defaults(client), "finish": "reactive", "quantity": "24", "do": "order"}
    answer = client.post("/configure/mug", data=conflict)
    assert answer.status_code == 422
    assert 'id="conflicts"' in answer.text


def test_the_plant_of_another_product_may_not_ask(people: Callable[..., Visitor], mugs: Plant) -> None:
    planner = people(Role.PLANNER)
    answer = planner.post("/configure/mug", data={**defaults(planner), "do": "order", "quantity": "24"})
    assert answer.status_code == 404


def test_the_shop_and_drawings(client: Visitor) -> None:
    page = client.get("/").text
    assert "/configure/mug" in page
    assert "<svg" in page
    drawn = client.get("/preview/mug.svg?outer_glaze=cobalt")
    assert drawn.headers["Content-Type"].startswith("image/svg+xml")
    assert client.get("/configure/nothing").status_code == 404


def test_the_shop_asks_no_script_for_anything(client: Visitor) -> None:
    """So it does without htmx, which is fetched for the page after; the negative control needs it."""
    shop, configurator = (client.get(path).text for path in ("/", "/configure/mug"))
    asks, brings = re.compile(r"\shx-(?!headers)"), re.compile(r'<script src="[^"]*/htmx')
    assert not asks.search(shop.partition("<body")[2])
    assert not brings.search(shop)
    assert asks.search(configurator.partition("<body")[2])
    (ahead,) = re.findall(r'<link rel="prefetch" href="([^"]+)"', shop)
    assert f'<script src="{ahead}"' in configurator


def test_the_price_alone_does_not_ask_the_plan(client: Visitor) -> None:
    asked = {"selections": defaults(client), "quantity": 240}
    whole = client.post("/api/v1/families/mug/configure", json=asked).json()
    alone = client.post("/api/v1/families/mug/configure", json={**asked, "promise": False}).json()
    assert whole["promise"], "the negative control: a date is there where it is asked for"
    assert alone["promise"] is None
    assert alone["price"] == whole["price"]
    assert alone["domains"] == whole["domains"]


def test_a_click_asks_the_database_at_most_eleven_times(
    client: Visitor, priced: Plant, database: Database
) -> None:
    chosen = client.get("/api/v1/families/mug").json()["defaults"]
    wish = {"selections": chosen, "quantity": 240, "ship_to": {"city": "Hamburg"}}
    address = "/api/v1/families/mug/configure"
    with asked(database) as statements:
        assert client.post(address, json=wish).json()["price"]
    assert 0 < len([one for one in statements if one.startswith("SELECT")]) <= 11


def test_which_families_there_are_is_asked_once_for_each_maker(mugs: Plant, database: Database) -> None:
    with database.write() as session:
        load_families(session, MUGS.parent / "tile", mugs, wall_time())
    with database.write() as session, asked(database) as statements:
        families = all_families(session)
    about_modules = [one for one in statements if "FROM cosmo_module_switch" in one]
    assert len(families) > len(about_modules) == len({card.manufacturer_id for card in families})


def test_in_chinese_no_space_stands_between_the_sentences_of_a_date(client: Visitor, priced: Plant) -> None:
    told = client.get("/configure/mug?lang=zh").text
    assert "刚刚从工厂计划中读取。" in told
    assert "刚刚从工厂计划中读取。 " not in told
