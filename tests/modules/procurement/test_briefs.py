"""A supplier is told what to make (artwork, size, colours, words) and nothing of the customer."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from sqlmodel import Session

from cosmo import attachments
from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.orders import Address, Order
from cosmo.parties import Party, Plant, Role
from cosmo.registry import Registry
from cosmo.settings import Settings
from modules import procurement, rnd
from modules.procurement.models import PurchaseLine
from modules.procurement.sourcing import source
from modules.rnd.releases import load_families
from tests.factories import MONDAY, NOW, make_customer, make_plant
from tests.modules.procurement import shop
from tests.modules.rnd.pictures import drawing, shell
from tests.web_fixtures import Visitor

MUGS = Path(__file__).parents[3] / "seeds" / "families" / "mug"
SHAPE = b"Canarina Vogelsang".ljust(80) + shell(85, 85, 95, 4)[80:]
CANARIES = ("Canarina", "Vogelsang", "canary@nest.example", "Finkenweg")
PLAIN = {
    "capacity": "325", "body": "porcelain", "shape": "soft", "handle": "c", "outer_glaze": "milk",
    "inner_glaze": "milk", "finish": "gloss", "gold_rim": "no", "backstamp": "lu", "packaging": "box",
    "print_zone": "front",
}  # fmt: skip


@pytest.fixture(autouse=True)
def two_modules(modules: Callable[..., Registry]) -> None:
    modules(procurement.module, rnd.module)


@pytest.fixture
def lu(database: Database, settings: Settings) -> Plant:
    database.files = settings.attachments
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        plant = make_plant(session, slug="lu-ceramics")
        load_families(session, MUGS, plant, NOW.business)
        return plant


@pytest.fixture
def order(
    database: Database, settings: Settings, lu: Plant, people: Callable[..., Visitor]
) -> Callable[..., tuple[Visitor, Visitor, PurchaseLine]]:
    """`order(code, artwork, **selections)`: (its supplier, another supplier, the line bought)."""

    def place(
        code: str,
        artwork: bytes | None = None,
        pieces: tuple[str, ...] = (),
        shape_file: bytes = b"",
        **chosen: str,
    ) -> tuple[Visitor, Visitor, PurchaseLine]:
        with database.write() as session:
            maker, other = shop.supplier(session, lu), shop.supplier(session, lu)
            shop.material(session, lu, code, maker, unit="pcs", order_specific=True)
            if artwork:
                chosen = {**chosen, "artwork": _kept(session, settings, artwork)}
            if shape_file:
                chosen = {**chosen, "shape_file": _kept(session, settings, shape_file)}
            made = shop.placed(session, lu, shop.spec(**{code: (253, True)}))
            _of_canarina(session, made, {**PLAIN, **chosen}, pieces)
            (line,) = source(session, made.id, NOW)
            parties = [session.get_one(Party, s.party_id) for s in (maker, other)]
        visitors = [people(Role.SUPPLIER, party=party, bearer=True) for party in parties]
        return visitors[0], visitors[1], line

    return place


def _kept(session: Session, settings: Settings, content: bytes) -> str:
    name = "VogelsangsMotiv.png" if content.startswith(b"\x89PNG") else "Vogelsang_cow parsley.svg"
    return attachments.store(session, settings.attachments, io.BytesIO(content), name, now=NOW).id


def _of_canarina(session: Session, made: Order, chosen: dict[str, str], pieces: tuple[str, ...]) -> None:
    made.customer_id = make_customer(session, "Canarina Vogelsang", "canary@nest.example").id
    session.get_one(Address, made.ship_to_id).street = "Finkenweg 4711"
    made.family, made.release, made.selections = "mug", "mug-1", chosen
    made.quantity, made.pieces = 240, [{"personal_name": name} for name in pieces]
    session.add(made)
    session.flush()


Place = Callable[..., tuple[Visitor, Visitor, PurchaseLine]]


def test_the_printer_is_told_what_to_print_and_not_for_whom(order: Place) -> None:
    printer, other, _ = order("LU-DECAL", drawing(), decoration="decal", personal_name="Mila")
    (told,) = printer.get("/api/v1/suppliers/me/orders").json()
    brief = told["lines"][0]["brief"]
    facts = {fact["label"]["en"]: fact["value"]["en"] for fact in brief["facts"]}
    assert facts == {
        "Decoration": "Decal",
        "Print zone": "Front",
        "Print size": "60 × 60 mm",
        "Colours": "2 (#22377f, black)",
        "Personal name": "Mila",
    }
    (file,) = brief["files"]
    assert file["name"] == "artwork.svg"  # its own name would say who she is
    got = printer.get(file["href"])
    assert (got.status_code, got.headers["content-type"]) == (200, "image/svg+xml")
    assert "<circle" in got.text or ":circle" in got.text
    assert "attachment" in got.headers["content-disposition"]
    assert other.get(file["href"]).status_code == 404
    assert printer.get(file["href"].replace("/artwork", "/personal_name")).status_code == 404
    for page in ("/supplier", "/supplier/orders", "/supplier/board"):
        text = printer.get(page).text
        assert [said for said in ("60 × 60 mm", "Mila", file["href"]) if said not in text] == [], page
        assert not [canary for canary in CANARIES if canary in text], page
    assert not [canary for canary in CANARIES if canary in str(told) + got.text]


def test_a_picture_goes_without_its_author(order: Place) -> None:
    printer, _, _ = order("LU-DECAL", _signed_png(), decoration="decal")
    (told,) = printer.get("/api/v1/suppliers/me/orders").json()
    (file,) = told["lines"][0]["brief"]["files"]
    assert file["name"] == "artwork.png"
    content = printer.get(file["href"]).content
    assert b"Canarina" not in content
    picture = Image.open(io.BytesIO(content))
    assert (picture.size, round(picture.info["dpi"][0])) == ((900, 900), 400)
    assert b"Canarina" in _signed_png()  # the control: it was in the upload


def _signed_png() -> bytes:
    image, out, said = Image.new("RGBA", (900, 900), (0, 0, 0, 0)), io.BytesIO(), PngImagePlugin.PngInfo()
    image.paste((20, 30, 90, 255), (200, 200, 600, 600))
    said.add_text("Author", "Canarina Vogelsang")
    image.save(out, "PNG", dpi=(400, 400), pnginfo=said)
    return out.getvalue()


def test_the_mould_maker_is_told_the_shape_and_not_the_names(order: Place) -> None:
    chosen = {"shape": "custom", "decoration": "decal", "personal_name": "Mila"}
    maker, _, _ = order("LU-MOULD", drawing(), shape_file=SHAPE, **chosen)
    (told,) = maker.get("/api/v1/suppliers/me/orders").json()
    facts = {fact["label"]["en"]: fact["value"]["en"] for fact in told["lines"][0]["brief"]["facts"]}
    assert facts == {"Capacity": "325 ml", "Body": "Porcelain", "Shape": "Your own shape"}
    (file,) = told["lines"][0]["brief"]["files"]
    assert file["name"] == "shape_file.stl"
    cast = maker.get(file["href"]).content
    assert (cast[:80], cast[80:]) == (bytes(80), SHAPE[80:])
    assert "Mila" not in str(told)
    assert "Mila" not in maker.get("/supplier/orders").text


def test_a_list_of_names_is_a_file(order: Place) -> None:
    names = ("Mila", "Jonas", "艾")
    printer, _, _ = order("LU-DECAL", decoration="decal", personal_name="x", pieces=names)
    (told,) = printer.get("/api/v1/suppliers/me/orders").json()
    (file,) = told["lines"][0]["brief"]["files"]
    assert file["name"] == "personal_name.txt"
    assert printer.get(file["href"]).text.split() == list(names)


def test_what_is_done_is_told_no_more(order: Place, database: Database) -> None:
    printer, _, line = order("LU-DECAL", drawing(), decoration="decal")
    at = f"/api/v1/suppliers/me/orders/{line.purchase_id}"
    href = printer.get(at).json()["lines"][0]["brief"]["files"][0]["href"]
    assert printer.get(href).status_code == 200
    printer.post(f"{at}/delivery", json={"lot_number": "ND-1"})
    assert printer.get(href).status_code == 404
    assert printer.get(at).json()["lines"][0]["brief"] is None
