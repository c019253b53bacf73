"""A frozen quote on paper: everything it says, in three languages, for whoever asked and for the plant."""

import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from cosmo import attachments
from cosmo.attachments import Attachment
from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.orders import Address, Order
from cosmo.parties import Plant, Role
from cosmo.settings import Settings
from tests.factories import make_plant
from tests.modules.interaction.conftest import CHECKOUT, defaults, quoted
from tests.modules.interaction.test_order import expire
from tests.modules.rnd.pictures import drawing
from tests.web_fixtures import Visitor
from web import sheet

pytestmark = pytest.mark.usefixtures("priced")
SAID = {
    "en": ("Lu Ceramics", "24 pieces", "Promised for", "Friday 12 June 2026",
           "Half of such orders arrive by Thu 11 June", "nine of ten by Mon 15 June", "It hinges on",
           "Outer glaze", "Celadon", "24 × €1.08", "€120.59", "VAT 19 %",
           "€22.91", "Total with VAT, in EUR", "€143.50", "Until “Glaze” begins, planned for Wed 10 June",
           "How many", "Once “Form” has begun", "Berlin, UTC+", "Paid when it is ordered", "1 / 2"),
    "de": ("24 Stück", "Zugesagt für", "Freitag, 12. Juni 2026", "neun von zehn bis Mo. 15. Juni",
           "Außenglasur", "Seladon", "24 × 1,08", "120,59", "Umsatzsteuer 19 %", "143,50",
           "Was Stornieren kostet", "Bis „Glasieren“ beginnt", "Berlin, UTC+", "Preis und Platz gelten bis"),
    "zh": ("24 件", "承诺送达", "2026年6月12日星期五", "6月15日周一", "外釉", "青瓷", "€120.59",
           "增值税 19%", "€143.50", "“施釉”开始之前", "取消费用", "柏林", "签章", "价格与排产位置有效至"),
}  # fmt: skip


@pytest.fixture
def quote_id(client: Visitor, database: Database) -> str:
    """Two dozen mugs to Berlin, at a plant that has learnt how sure its days are."""
    made = quoted(client, city="Berlin", postal_code="10115", country="DE")
    with database.write() as session:
        order = session.get_one(Order, made)
        likely = {"half": "2026-06-11", "most": "2026-06-15", "orders": 40}
        order.promise = {**order.promise, "likely": likely}
        session.add(order)
    return made


def words(pdf: bytes, folder: Path) -> str:
    """What a reader's program finds in it, line breaks as spaces; it must find nothing to complain about."""
    path = folder / "quote.pdf"
    path.write_bytes(pdf)
    read = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    assert read.stderr == ""
    return re.sub(r"\s+", " ", read.stdout)


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("locale", SAID)
def test_paper_and_page_say_all_of_a_quote_in_each_language(
    client: Visitor, quote_id: str, locale: str, tmp_path: Path
) -> None:
    answer = client.get(f"/order/{quote_id}/paper.pdf?lang={locale}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert f'filename="quote-{quote_id}.pdf"' in answer.headers["Content-Disposition"]
    told = without_spaces(words(answer.content, tmp_path))
    page = client.get(f"/order/{quote_id}/paper?lang={locale}").text
    plain = without_spaces(re.sub(r"<[^>]+>", "", page))
    for sentence in SAID[locale]:
        assert without_spaces(sentence) in told, sentence
        assert sentence == "1 / 2" or without_spaces(sentence) in plain, sentence
    signature = re.findall(r'<section class="paper-signed">.*?<code>([^<]+)', page)[0]
    assert len(signature) == 43
    assert signature in told
    assert "<svg" in page
    assert b"/Subtype /Image" in answer.content, "the drawing"
    assert client.get(f"/order/{quote_id}/paper.pdf?lang={locale}").content == answer.content


def test_chinese_letters_come_from_the_house_and_not_from_the_machine(
    client: Visitor, quote_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet.paper, "CHINESE", ())
    monkeypatch.setattr(sheet.paper, "EUROPEAN", ())
    path = tmp_path / "quote.pdf"
    path.write_bytes(client.get(f"/order/{quote_id}/paper.pdf?lang=zh").content)
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
    (row,) = (line for line in fonts.splitlines() if "NotoSansSC" in line)
    assert "yes yes yes" in row, "embedded, only the letters used, and to be copied"
    assert "Helvetica" not in fonts
    assert path.stat().st_size < 400_000


def test_it_is_for_whoever_asked_and_for_the_plant_alone(
    client: Visitor, people: Callable[..., Visitor], database: Database, quote_id: str, mugs: Plant
) -> None:
    with database.write() as session:
        elsewhere = make_plant(session, slug="elsewhere")
    page = f"/order/{quote_id}/paper"
    addresses = (page, f"{page}.pdf", f"/api/v1/quotes/{quote_id}/paper")
    theirs = [client, people(Role.SELLER, mugs), people(Role.SELLER, mugs, bearer=True)]
    stranger = Visitor(client.app)  # type: ignore[arg-type]
    stranger.get("/")
    others = [stranger, people(Role.CUSTOMER), people(Role.SELLER, elsewhere), people(Role.SUPPLIER),
              people(Role.CARRIER), people(Role.PLATFORM)]  # fmt: skip
    for address in addresses:
        assert [who.get(address).status_code for who in theirs] == [200, 200, 200], address
        assert {who.get(address).status_code for who in others} <= {404, 403}, address
    assert f'href="{page}"' in client.get(f"/order/{quote_id}").text
    assert f'href="{page}"' in people(Role.SELLER, mugs).get(f"/plant/orders/{quote_id}").text


def test_the_code_is_checked_where_the_square_leads(
    client: Visitor, database: Database, quote_id: str
) -> None:
    signature = client.get(f"/api/v1/quotes/{quote_id}").json()["signature"]
    there = f"/order/{quote_id}/paper?signature="
    assert "The code is right: this is the quote as it was signed" in client.get(there + signature).text
    assert "This code is not that of the quote" in client.get(there + "x" + signature[1:]).text
    with database.write() as session:
        order = session.get_one(Order, quote_id)
        order.price_amount += 1
        session.add(order)
    assert "This code is not that of the quote" in client.get(there + signature).text


def test_an_expired_quote_says_so_and_is_not_signed_and_an_order_is_none(
    client: Visitor, database: Database, quote_id: str, tmp_path: Path
) -> None:
    signature = client.get(f"/api/v1/quotes/{quote_id}").json()["signature"]
    placed = quoted(client)
    assert client.post(f"/order/{placed}", data=CHECKOUT).status_code == 303
    assert client.get(f"/order/{placed}/paper.pdf").status_code == 409
    with database.write() as session:
        again = session.get_one(Order, quote_id)
        again.quote_expires_at = wall_time() + timedelta(minutes=5)
        session.add(again)
    expire(database, quote_id)
    told = words(client.get(f"/order/{quote_id}/paper.pdf").content, tmp_path)
    assert "This quote has expired; its place is free again." in told
    assert "Price and place stand until" not in told
    assert signature not in told


@pytest.mark.parametrize(
    ("country", "clocks", "tax"),
    [
        ("CN", ("Berlin, UTC+", "Shanghai, UTC+8"), "VAT is added as the law"),
        ("US", ("Berlin, UTC+", "UTC)"), "VAT is added as the law"),
        ("AT", ("At the plant and where it is delivered",), "VAT is added as the law"),
    ],
)
def test_until_when_it_stands_is_told_by_both_clocks(
    client: Visitor, database: Database, quote_id: str, tmp_path: Path, country: str, clocks: tuple[str, ...],
    tax: str,
) -> None:  # fmt: skip
    with database.write() as session:
        address = session.get_one(Address, session.get_one(Order, quote_id).ship_to_id)
        address.country = country
        session.add(address)
    told = words(client.get(f"/order/{quote_id}/paper.pdf").content, tmp_path)
    assert [one for one in (*clocks, tax) if one not in told] == []
    assert "VAT 19" not in told


def test_the_drawing_carries_the_customers_artwork_and_none_that_is_lost(
    client: Visitor, database: Database, settings: Settings, tmp_path: Path
) -> None:
    form = {"decoration": "decal", "print_zone": "front", "quantity": "24", "do": "order"}
    sent = ("flower.svg", drawing("60"), "image/svg+xml")
    answer = client.post("/configure/mug", data={**defaults(client), **form}, files={"upload-artwork": sent})
    assert answer.status_code == 303, answer.text[:300]
    made = str(answer.headers["Location"]).removeprefix("/order/")
    with_it = client.get(f"/order/{made}/paper.pdf").content
    assert "flower.svg" in words(with_it, tmp_path)
    with database.read() as session:
        row = attachments.find(session, session.get_one(Order, made).selections["artwork"])
    attachments.path_of(settings.attachments, row).unlink()
    without = client.get(f"/order/{made}/paper.pdf")
    assert without.status_code == 200
    assert without.content != with_it


def test_artwork_that_asks_for_too_much_stays_away_from_the_paper(
    client: Visitor, database: Database, settings: Settings
) -> None:
    form = {"decoration": "decal", "print_zone": "front", "quantity": "24", "do": "order"}
    dashed = drawing("60").replace(b"<path", b'<path stroke-dasharray=".001"')
    sent = ("flower.svg", dashed, "image/svg+xml")
    answer = client.post("/configure/mug", data={**defaults(client), **form}, files={"upload-artwork": sent})
    assert answer.status_code == 303, answer.text[:300]
    paper = f"/order/{str(answer.headers['Location']).removeprefix('/order/')}/paper.pdf"
    told = client.get(paper)
    with database.read() as session:
        (row,) = session.exec(select(Attachment)).all()
    attachments.path_of(settings.attachments, row).unlink()
    assert (told.status_code, client.get(paper).content) == (200, told.content), "as if it were lost"


def test_the_page_shows_the_square_and_of_a_wish_without_an_address_no_country_alone(
    client: Visitor, database: Database
) -> None:
    page = client.get(f"/order/{quoted(client, city='', postal_code='', street='')}/paper").text
    assert 'class="qr"' in page.partition('class="paper-signed"')[2]
    (to,) = re.findall(r"<address>(.*?)</address>", page)
    assert to not in ("DE", "")
