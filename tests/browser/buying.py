"""What the customer does: configure with a conflict, read why, upload, order, approve."""

import io
import re
from typing import Any

from PIL import Image, ImageDraw

from tests.browser.people import People

SIGNAL = "Signal red must fire below 1,220 °C; porcelain and bone china fire hotter."
REACTIVE = "A reactive glaze is mixed for one colour at a time, from 2,000 mugs on."
ADA = {"name": "Ada Lovelace", "street": "Ring 1", "postal_code": "20357", "city": "Hamburg"}


def motif(width: int, height: int) -> bytes:
    """A drop on nothing, so that it does not run to the edge."""
    image = Image.new("RGBA", (width, height))
    ImageDraw.Draw(image).ellipse((width // 8, height // 8, width * 7 // 8, height * 7 // 8), "#22408a")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


MANY = 12_000
"""Mugs that fill the kilns for days: later than a few, whatever weekday the story begins on."""


def configure(people: People, page: Any) -> None:
    """From the shop to a mug with artwork of one's own."""
    people.shoot(page, "shop")
    people.press(page, "a[href='/configure/mug']")
    page.wait_for_selector("#configure")
    people.shoot(page, "configure")
    _read_why_and_free_it(people, page)
    _see_price_and_date_move(people, page)
    _bring_artwork(people, page)


def _read_why_and_free_it(people: People, page: Any) -> None:
    why = page.locator("#opt-outer_glaze .why")
    assert SIGNAL in why.inner_text()
    assert page.locator("#opt-outer_glaze [aria-disabled=true]:has-text('Signal')").count() == 1
    people.press(page, why.get_by_role("button", name="Switch to Stoneware"))
    page.wait_for_selector("#opt-outer_glaze input[value=signal]", state="attached")
    assert "Stoneware" in page.inner_text("#fold-form summary")
    choose(people, page, "outer_glaze", "Signal")
    people.shoot(page, "configure-signal")
    choose(people, page, "outer_glaze", "Cobalt")


def choose(people: People, page: Any, option: str, label: str) -> None:
    """Choose a value and wait until the page says so."""
    people.press(page, page.locator(f"#opt-{option} label", has_text=re.compile(f"^\\s*{label}\\s*$")))
    page.locator(f"#opt-{option} .opt-h span", has_text=re.compile(f"^\\s*{label}\\s*$")).wait_for()


def _see_price_and_date_move(people: People, page: Any) -> None:
    before = offer(page)
    count(people, page, 240, MANY)
    after = offer(page)
    assert before["price"] != after["price"], after
    assert before["date"] != after["date"], after
    people.shoot(page, "configure-many")
    choose(people, page, "finish", "Reactive")
    count(people, page, MANY, 48)
    conflicts = page.locator("#conflicts")
    conflicts.wait_for()
    assert REACTIVE in conflicts.inner_text()
    ways_out = conflicts.get_by_role("button")
    said = ways_out.all_inner_texts()
    assert any("Keep reactive and order 2,000" in one for one in said), said
    assert not page.locator("#sum button[value=order]:not([aria-disabled])").count()
    people.shoot(page, "configure-conflict")
    ways_out.filter(has_text="take gloss").click()
    conflicts.wait_for(state="detached")
    assert "Finish: Gloss instead of Reactive." in page.inner_text("#changed")
    people.shoot(page, "configure-repaired")


def offer(page: Any) -> dict[str, str]:
    """What the configurator promises: price and date as they stand."""
    price = page.locator("#sum .is b, #sum .brief b").locator("visible=true").first.inner_text()
    return {"price": price, "date": page.inner_text("#stage .date")}


def count(people: People, page: Any, old: int, quantity: int) -> None:
    """Type how many; on a phone the field is behind 'details'."""
    field = page.locator("#sum input[name=quantity]")
    if not field.is_visible():
        people.press(page, "#sum .brief a")
    assert field.input_value() == str(old)
    with page.expect_response(lambda r: r.request.method == "POST" and "/configure/mug" in r.url):
        field.fill(str(quantity))
        field.blur()
    page.wait_for_url(f"**quantity={quantity}*")


def _bring_artwork(people: People, page: Any) -> None:
    choose(people, page, "decoration", "Decal")
    people.shoot(page, "configure-decal")
    _upload(page, "small.png", motif(300, 270))
    page.wait_for_selector("#conflicts")
    said = page.inner_text("#opt-artwork .error")
    assert said == "95 dpi at 80 × 72 mm; we need 300, that is 945 × 851 pixels.", said
    people.shoot(page, "configure-artwork-too-small")
    _upload(page, "drop.png", motif(1000, 920))
    page.wait_for_selector("#opt-artwork .art:has-text('mm in print: fine')")
    assert not page.locator("#conflicts, #opt-artwork .error").count()
    people.shoot(page, "configure-artwork")


def _upload(page: Any, name: str, content: bytes) -> None:
    files = {"name": name, "mimeType": "image/png", "buffer": content}
    page.set_input_files("#opt-artwork input[type=file]", files)
    page.wait_for_selector(f"#opt-artwork .art:has-text('{name}')")


def order(people: People, page: Any) -> None:
    """Order it; a wrong address is said beside its field and nothing typed is lost."""
    people.press(page, "#sum button[value=order]")
    page.wait_for_url("**/order/*")
    people.shoot(page, "order")
    for name, value in ADA.items():
        page.fill(f"input[name={name}]", value)
    page.fill("input[name=email]", "ada@nowhere")
    people.press(page, ".order-form button.btn-go")
    page.wait_for_selector(".order-form .error")
    people.shoot(page, "order-refused")
    assert {n: page.input_value(f"input[name={n}]") for n in ADA} == ADA
    assert page.input_value("input[name=email]") == "ada@nowhere"
    page.fill("input[name=email]", "ada@example.test")
    people.press(page, ".order-form button.btn-go")
    page.wait_for_url("**/track/*")


def approve(people: People, page: Any) -> None:
    """The proof comes by itself; the customer looks and approves."""
    people.press(page, "#live-order a[href='#todo']")
    page.wait_for_selector("#todo #proof button[value=approve]")
    people.shoot(page, "track-proof")
    people.press(page, "#proof button[value=approve]")
    page.wait_for_selector("#proof :text('Approved')")
    people.shoot(page, "track-approved")
