"""The mug in 3D: one source of measures with the drawing; a browser turns it, or keeps the drawing."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image, ImageChops

from cosmo import attachments
from cosmo.clock import set_clock, wall_time
from cosmo.db import Database
from cosmo.registry import Registry
from cosmo.settings import Settings
from modules import interaction, rnd
from modules.rnd.releases import load_families
from tests.factories import MONDAY, NOW, make_plant
from tests.web.servers import serving
from web.drawing.mug import Mug
from web.drawing.mug_handle import handle_line
from web.drawing.profiles import SHAPES, form
from web.drawing.solid import solid

MUGS = Path(__file__).parents[2] / "seeds" / "families" / "mug"
CHOSEN = "shape=soft&capacity=325&handle=c&outer_glaze=milk&inner_glaze=milk&finish=gloss&gold_rim=no"
SEEN = 20_000  # ms; a machine that is busy with other tests
RED = (200, 30, 30)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("handle", ["C", "D", "none"])
def test_measures_are_the_drawings(shape: str, handle: str) -> None:
    told, body = solid(Mug(shape=shape, handle=handle, capacity=450)), form(shape, 450)
    assert told["height"] == round(body.height, 1)
    assert (told["radii"][0], told["radii"][-1]) == (round(body.half(0), 1), round(body.half(1), 1))
    assert bool(told["handle"]) is (handle != "none")
    line = handle_line(body, handle) if handle != "none" else []
    assert told["handle"] == [[round(x - body.cx, 1), round(body.y(1) - y, 1)] for x, y in line]


def test_colours_rim_and_print_are_those_chosen() -> None:
    plain = solid(Mug(outer="cobalt", inner="milk"))
    assert (plain["outer"]["base"], plain["inner"]["base"]) == ("#2b4aa0", "#f1f0ea")
    assert solid(Mug(gold=True))["rim"] != solid(Mug())["rim"]
    assert (plain["art"], plain["name"], plain["zone"]) == (None, None, None)
    assert solid(Mug(name="Ada"))["name"]["text"] == "Ada"
    assert solid(Mug(decoration="decal", artwork="cow-parsley"))["art"] is None, "nobody else's motif"


@pytest.mark.parametrize(
    ("around", "places", "inside"),
    [("front", 1, False), ("both", 2, False), ("wrap", 1, False), ("inside", 1, True)],
)
def test_it_is_printed_where_it_was_chosen(around: str, places: int, inside: bool) -> None:
    art = solid(Mug(decoration="decal", artwork="/artwork/a1", ratio=2.5), around)["art"]
    assert (len(art["places"]), art["inside"]) == (places, inside)
    for place in art["places"]:
        assert place["from"] < place["to"]
        assert 0 < place["top"] < place["low"] < 1
    wide = round(art["places"][0]["to"] - art["places"][0]["from"], 2)
    front = solid(Mug(decoration="decal", artwork="/artwork/a1", ratio=2.5))["art"]["places"][0]
    assert (wide > round(front["to"] - front["from"], 2)) is (around == "wrap")


@pytest.fixture
def artwork(database: Database, settings: Settings, modules: Callable[..., Registry]) -> str:
    """A plant of mugs, and a red picture that somebody uploaded; its id."""
    modules(interaction.module, rnd.module)
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        load_families(session, MUGS, make_plant(session, slug="lu-ceramics"), wall_time())
        content = io.BytesIO()
        Image.new("RGB", (300, 400), RED).save(content, "PNG")
        content.seek(0)
        return attachments.store(session, settings.attachments, content, "red.png", now=NOW).id


@pytest.fixture
def address(artwork: str, app: FastAPI) -> Iterator[str]:
    with serving(app) as where:
        yield f"{where}/configure/mug?{CHOSEN}&decoration=decal&print_zone=front&artwork={artwork}"


def opened(browser: Any, address: str, script: str = "", **options: Any) -> Any:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce", **options)
    page = context.new_page()
    page.asked = []  # type: ignore[attr-defined]
    page.on("request", lambda request: page.asked.append(request.url))
    if script:
        page.add_init_script(script)
    page.goto(address)
    return page


def shot(page: Any) -> Image.Image:
    page.wait_for_timeout(400)
    return Image.open(io.BytesIO(page.locator("#stage").screenshot())).convert("RGB")


def reds(picture: Image.Image) -> int:
    """How many points are of the artwork."""
    red, green, blue = (channel.point(lambda v: v) for channel in picture.split())
    strong = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    return sum(strong.histogram()[80:])


def differing(one: Image.Image, other: Image.Image) -> int:
    return sum(ImageChops.difference(one, other).convert("L").histogram()[12:])


def bare(browser: Any, address: str) -> Image.Image:
    """The same mug in 3D, nothing printed on it."""
    page = opened(browser, address.replace("decoration=decal", "decoration=none"))
    page.get_by_role("button", name="Turn it").click()
    page.locator("canvas.solid").wait_for(timeout=SEEN)
    picture = shot(page)
    page.context.close()
    return picture


def test_it_turns_by_button_keys_and_drag(browser: Any, address: str) -> None:
    page = opened(browser, address)
    assert not [url for url in page.asked if "mug3d" in url], "the first view does not carry it"
    drawing = shot(page)
    page.get_by_role("button", name="Turn it").click()
    canvas = page.locator("canvas.solid")
    canvas.wait_for(timeout=SEEN)
    page.wait_for_function("() => document.querySelector('.stage.is-solid')")
    assert [url for url in page.asked if "mug3d" in url]
    assert not [url for url in page.asked if "127.0.0.1" not in url], "nothing comes from elsewhere"
    assert "Mug of 325 ml" in canvas.get_attribute("aria-label")
    front = shot(page)
    assert differing(drawing, front) > 500, "the drawing is gone, something else is there"
    assert differing(front, shot(page)) == 0, "the control: unturned it stays as it is"
    assert reds(front) > 3000, "the artwork is on it"
    assert reds(bare(browser, address)) == 0, "the control: a mug without artwork has none of its colour"
    page.get_by_role("button", name="Turn right").click()
    turned = shot(page)
    assert differing(front, turned) > 5000
    canvas.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    behind = shot(page)
    assert differing(turned, behind) > 5000
    assert reds(behind) < reds(front) / 10, "the artwork is on the other side"
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 320, box["y"] + 200, steps=4)
    page.mouse.up()
    assert differing(behind, shot(page)) > 5000
    page.get_by_role("button", name="Back to the drawing").click()
    assert canvas.count() == 0
    assert differing(drawing, shot(page)) == 0
    page.context.close()


def test_what_is_chosen_meanwhile_is_seen(browser: Any, address: str) -> None:
    page = opened(browser, address)
    page.get_by_role("button", name="Turn it").click()
    page.locator("canvas.solid").wait_for(timeout=SEEN)
    milk = shot(page)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("label.sw:has(input[name=outer_glaze][value=cobalt])").click()
    page.wait_for_function("() => document.querySelector('[data-solid]').dataset.solid.includes('#2b4aa0')")
    page.locator("canvas.solid").wait_for(timeout=SEEN)
    assert differing(milk, shot(page)) > 20_000
    assert page.locator("svg.mug").evaluate("one => getComputedStyle(one).visibility") == "hidden"
    page.context.close()


NO_WEBGL = "delete window.WebGLRenderingContext"
BROKEN = "HTMLCanvasElement.prototype.getContext = () => null"


@pytest.mark.parametrize("script", [NO_WEBGL, BROKEN])
def test_without_webgl_the_drawing_stays(browser: Any, address: str, script: str) -> None:
    page = opened(browser, address, script)
    drawing = shot(page)
    button = page.get_by_role("button", name="Turn it")
    if script == BROKEN:
        button.click()
        page.wait_for_function("() => document.getElementById('live').textContent.includes('in 3D')")
    assert not button.is_visible()
    assert page.locator("canvas.solid").count() == 0
    assert page.locator("svg.mug").evaluate("one => getComputedStyle(one).visibility") == "visible"
    after = shot(page)
    assert reds(after) == reds(drawing) > 3000
    page.context.close()


def test_without_a_script_nothing_is_offered(browser: Any, address: str) -> None:
    page = opened(browser, address, java_script_enabled=False)
    assert not page.get_by_role("button", name="Turn it").is_visible()
    assert page.locator("svg.mug").is_visible()
    page.context.close()
