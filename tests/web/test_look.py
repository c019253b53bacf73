"""The look in a real browser under the app's own policy: nothing refused, nothing sticks out, keys work."""

# ruff: noqa: F811
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from tests.web.look_server import STATIC, Handler, address, visit  # noqa: F401
from web.drawing.pictures import picture
from web.styleguide import sample_floor
from web.styleguide.__main__ import write
from web.styleguide.frame import environment, frame

FLOORS = ("floor", "floor-running", "floor-scrap", "floor-counting")
COMPOSITIONS = ("", "configure", "track", "plan", *FLOORS, "supplier")


@pytest.mark.parametrize("name", COMPOSITIONS)
@pytest.mark.parametrize("width", [360, 800, 1440])
def test_nothing_is_refused_and_nothing_sticks_out(visit: Any, name: str, width: int) -> None:
    page = visit(name, width)
    page.wait_for_timeout(120)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelectorAll('[style]').length") == 0


def test_the_negative_control_a_style_attribute_is_refused(browser: Any, address: str) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text))
    Handler.made["xx"] = {"bad": '<!doctype html><p style="color:red">x</p>'}
    page.goto(f"{address}/xx/bad")
    page.close()
    assert any("style" in words for words in said)


def test_the_look_can_be_chosen_and_is_remembered(visit: Any) -> None:
    page = visit("track")
    page.click("summary[aria-label='Language and look']")
    page.click("[data-theme-set=dark]")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 19)"
    assert "theme=dark" in page.evaluate("document.cookie")
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelectorAll('details.menu[open]').length") == 0


@pytest.mark.parametrize("name", ["track", "plan", "supplier"])
def test_on_paper_there_is_ink_on_white_and_nothing_to_press(visit: Any, name: str) -> None:
    page = visit(name)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    look = """[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
        getComputedStyle(document.body).getPropertyValue('--late-t'),
        [...document.querySelectorAll('.btn, .bar nav')].filter(x => x.checkVisibility()).length]"""
    ground, ink, late, pressed = page.evaluate(look)
    assert ground in ("rgb(13, 17, 19)", "rgb(21, 26, 29)"), "dark on the screen"
    assert (ink, late) == ("rgb(237, 242, 240)", "#ff8d9d")
    assert pressed
    page.emulate_media(media="print")
    assert page.evaluate(look) == ["rgb(255, 255, 255)", "rgb(17, 23, 26)", "#9c1830", 0]


def test_how_it_is_laid_is_not_chosen_on_paper(visit: Any) -> None:
    page = visit("configure")
    page.evaluate("stage.insertAdjacentHTML('beforeend', '<p class=laying>Laid in the picture</p>')")
    assert page.locator(".laying").is_visible(), "the control"
    page.emulate_media(media="print")
    assert not page.locator(".laying").is_visible()


@pytest.mark.parametrize(("name", "place"), [("track", ".say"), ("floor", ".pic")])
@pytest.mark.parametrize("width", [360, 600, 800, 1024, 1440])
def test_the_measures_of_a_drawing_are_read_where_it_is_small(
    visit: Any, name: str, place: str, width: int
) -> None:
    """Bug: they kept 11 px in the configurator alone."""
    page = visit(name, width)
    drawing = """<svg class="product" viewBox="0 0 600 540"><text class="dw-text">600 mm</text></svg>"""
    page.evaluate(
        "([at, svg]) => document.querySelector(at).insertAdjacentHTML('beforeend', svg)", [place, drawing]
    )
    measured = """at => [getComputedStyle(document.querySelector(at + ' .dw-text')).fontSize,
        document.querySelector(at + ' .product:last-child').getBoundingClientRect().width]"""
    size, shown = page.evaluate(measured, place)
    assert 100 < shown < 400, "the control: it is small"
    assert float(size.removesuffix("px")) * shown / 600 >= 11


@pytest.mark.parametrize("width", [360, 414, 800, 1440])
def test_the_measures_of_a_small_drawing_stay_on_the_page(visit: Any, width: int) -> None:
    """The box of a part has its measures farthest out."""
    box = {"part.longest": 120.5, "part.middle": 110.2, "part.shortest": 90.1}
    page = visit("track", width)
    page.evaluate(
        "svg => document.querySelector('.say').insertAdjacentHTML('beforeend', svg)",
        str(picture("part", box, uid="box")),
    )
    ends = "[...document.querySelectorAll('.say .dw-text')].map(e => e.getBoundingClientRect().right)"
    shown = page.evaluate(ends)
    assert len(shown) == 3
    assert max(shown) < width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_steppers_step_within_their_limits(visit: Any) -> None:
    page = visit("configure")
    page.click("#sum .qty [data-by='12']")
    assert page.input_value("#sum .qty input") == "252"
    for _ in range(30):
        page.click("#sum .qty [data-by='-12']")
    assert page.input_value("#sum .qty input") == "1"


def test_a_locked_choice_is_reached_by_key_and_leads_to_its_way_out(visit: Any) -> None:
    page = visit("configure")
    locked = page.locator("#opt-outer_glaze [aria-disabled=true]")
    locked.focus()
    assert (
        page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "why-outer_glaze-signal"
    )
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.value") == "signal-decal"
    assert "1,220" in page.inner_text("#live")


def test_everything_that_can_be_pressed_is_large_enough_on_the_floor(visit: Any) -> None:
    page = visit("floor", 1180, 820)
    sizes = page.evaluate("[...document.querySelectorAll('.big')].map(b => b.getBoundingClientRect().height)")
    assert sizes
    assert min(sizes) >= 112
    small = page.evaluate(
        "[...document.querySelectorAll('.job *, .queue *')]"
        ".filter(e => e.children.length === 0 && e.textContent.trim())"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)).filter(s => s < 16)"
    )
    assert small == []


@pytest.mark.parametrize(
    ("width", "height", "strip"),
    [(1180, 820, False), (1180, 820, True), (1024, 768, True), (800, 900, True), (360, 780, True)],
)
@pytest.mark.parametrize("name", FLOORS)
def test_the_floors_big_button_is_always_within_the_screen(
    visit: Any, name: str, width: int, height: int, strip: bool
) -> None:
    shown = sample_floor.floor(name.partition("-")[2] or "next")
    shown["queue"]["rows"] *= 2
    page = environment("/static").get_template("styleguide/floor.html")
    framed = frame(name="Mara", clock_bar=strip) | {"page": shown}
    Handler.made[f"strip-{strip}"] = {name: page.render(framed)}
    tab = visit(name, width, height, locale=f"strip-{strip}")
    assert tab.locator(".clockbar").count() == strip
    for scrolled in (0, 300, 5000):
        tab.mouse.move(width / 2, height / 2)
        tab.mouse.wheel(0, scrolled)
        tab.wait_for_timeout(30)
        box = tab.locator(".big-go").bounding_box()
        assert box["height"] >= 112
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("width", [1180, 1024, 800, 360])
def test_a_count_of_four_digits_has_room_between_its_buttons(visit: Any, width: int) -> None:
    page = visit("floor-counting", width, 820)
    field = page.locator(".count input").first
    field.fill("9999")
    assert field.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_arrows_walk_the_board_and_tab_stops_once(visit: Any) -> None:
    page = visit("plan")
    page.wait_for_selector("[data-block][tabindex='-1']", state="attached")  # the board's script comes last
    assert page.locator("[data-block][tabindex='0']").count() == 1
    page.locator("[data-block]").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.block") == "24940"
    page.keyboard.press("ArrowDown")
    assert (
        page.evaluate("document.activeElement.closest('[data-row]').getAttribute('aria-label')")
        == "Dryers 1, 2"
    )


def test_offline_scans_are_kept_counted_and_told_when_refused(visit: Any) -> None:
    page = visit("floor", 1180, 820)
    page.wait_for_timeout(200)
    assert not page.is_visible("#offline")
    page.context.set_offline(True)
    page.click(".last button")
    page.wait_for_selector("#offline.is-shown")
    page.wait_for_selector("[data-offline-text]:has-text('1 scan')")
    kept = page.evaluate(
        "new Promise(r => { const q = indexedDB.open('cosmo-floor'); q.onsuccess = () => {"
        "const g = q.result.transaction('waiting').objectStore('waiting').getAll();"
        "g.onsuccess = () => r(g.result) } })"
    )
    assert len(kept) == 1
    assert dict(kept[0]["fields"])["key"]
    visit.expected.append("Failed to load resource: the server responded with a status of 409")
    Handler.posts["/en/floor"] = lambda fields: (409, '<p class="note-late">Nothing is left to undo.</p>')
    page.context.set_offline(False)
    page.wait_for_selector("#problem:has-text('Nothing is left to undo.')")
    page.wait_for_selector("#offline", state="hidden")


def test_the_guide_is_written_beside_its_compositions(tmp_path: Path) -> None:
    written = write(tmp_path / "look.html")
    assert [p.name for p in written] == ["look.html", *(f"look-{n}.html" for n in COMPOSITIONS[1:])]
    text = written[0].read_text()
    assert str(tmp_path) not in text
    assert not re.search(r"\sstyle=|<script>(?!</)|\son[a-z]+=", text)


def test_vendored_files_are_what_the_table_says() -> None:
    table = (STATIC / "vendor" / "VENDOR.md").read_text()
    rows = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", table, re.M)
    assert len(rows) == 13
    for name, digest in rows:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest
    shipped = {
        p.relative_to(STATIC / "vendor").as_posix()
        for p in (STATIC / "vendor").rglob("*.*")
        if p.suffix != ".md"
    }
    assert shipped == {name for name, _ in rows}


def _tokens() -> dict[str, dict[str, str]]:
    css = (STATIC / "css" / "tokens.css").read_text()
    light = dict(
        re.findall(
            r"--([\w-]+):(#[0-9a-f]{3,6})", css[css.index(":root{") : css.index("@media (prefers-color")]
        )
    )
    dark = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", css[css.index(":root[data-theme=dark]{") :]))
    asked = dict(
        re.findall(
            r"--([\w-]+):(#[0-9a-f]{3,6})",
            css[css.index("@media (prefers-color") : css.index(":root[data-theme=dark]{")],
        )
    )
    assert asked == dark
    return {"light": light, "dark": light | dark}


def _contrast(a: str, b: str) -> float:
    def light(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_graphics_keep_their_contrast(theme: str) -> None:
    tone = _tokens()[theme]
    grounds = ("surface", "ground", "sunken")
    text = [(ink, g) for ink in ("ink", "ink-2", "ink-3") for g in grounds]
    text += [
        ("cobalt", "surface"),
        ("cobalt", "ground"),
        ("on-cobalt", "cobalt"),
        ("cobalt-2", "cobalt-wash"),
    ]
    text += [("ink", "block"), ("ink-2", "block"), ("ink-2", "stage-a"), ("ink-2", "late-w")]
    for state in ("now", "kept", "thin", "late"):
        text += [(f"{state}-t", g) for g in ("surface", "ground", f"{state}-w")]
        assert _contrast(tone[state], tone["surface"]) >= 3
    for ink, ground in text:
        assert _contrast(tone[ink], tone[ground]) >= 4.5, (theme, ink, ground)
    assert _contrast(tone["control"], tone["surface"]) >= 3
