"""In a browser: who changes a measure or a surface sees it in the drawing, for each family of the demo."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest

from tests.modules.rnd.pictures import shell
from tests.shots import seen
from tests.stories.town import LARGE, SMALL, Town, Visit, choose

DRAWING = "#stage > svg"
BOX = "The box of your part: 60 × 40 × 25 mm"


@dataclass(frozen=True, slots=True)
class Preview:
    """`steps`: (option, value, how the drawing is called then); `unseen`: a choice that nobody can see."""

    family: str
    first: str
    steps: tuple[tuple[str, str, str], ...]
    unseen: tuple[str, str]


PREVIEWS = (
    Preview("mug", "Mug of 325 ml, C handle",
            (("capacity", "450", "Mug of 450 ml, C handle"), ("handle", "none", "Mug of 450 ml, no handle"),
             ("outer_glaze", "cobalt", "Mug of 450 ml, no handle")),
            ("packaging", "carton")),
    Preview("tile", "On a floor: 600 × 600 mm in a grid, joint 3 mm",
            (("joint", "10", "On a floor: 600 × 600 mm in a grid, joint 10 mm"),
             ("size", "300x600", "On a floor: 300 × 600 mm in a grid, joint 10 mm"),
             ("colour", "moss", "On a floor: 300 × 600 mm in a grid, joint 10 mm")),
            ("packing", "neutral")),
    Preview("cabinet", "Cabinet: 600 mm wide, 720 mm high, 560 mm deep, 2 drawers",
            (("width", "900", "Cabinet: 900 mm wide, 720 mm high, 560 mm deep, 2 drawers"),
             ("front", "shaker", "Cabinet: 900 mm wide, 720 mm high, 560 mm deep, 2 drawers"),
             ("drawers", "0", "Cabinet: 900 mm wide, 720 mm high, 560 mm deep")),
            ("hinge", "push")),
    Preview("part", "A block in place of your part; its box is drawn from your file",
            (("colour", "red", BOX), ("finish", "raw", BOX)),
            ("tolerance", "fine")),
)  # fmt: skip


def drawn(page: Any, called: str) -> str:
    """All lines and colours of the drawing, once it is the one so called."""
    page.locator(f'{DRAWING}[aria-label="{called}"]').wait_for()
    return str(page.locator(DRAWING).evaluate("svg => svg.innerHTML"))


def measure(page: Any, called: str) -> str:
    """Upload a hollow box, whose sides are measured; the drawing of it."""
    file = {"name": "box.stl", "mimeType": "model/stl", "buffer": shell(60, 40, 25, 3)}
    page.set_input_files("#opt-part input[type=file]", files=file)
    page.locator("#opt-part .art:has-text('box.stl')").wait_for()
    return drawn(page, called)


@pytest.mark.parametrize("preview", PREVIEWS, ids=[preview.family for preview in PREVIEWS])
def test_what_is_changed_is_seen_in_the_drawing(town: Town, visit: Visit, preview: Preview) -> None:
    page = visit(f"{town.address}/configure/{preview.family}", LARGE)
    pictures = [drawn(page, preview.first)]
    seen(page, f"preview-{preview.family}-0")
    if preview.family == "part":
        pictures.append(measure(page, BOX))
    for number, (option, value, called) in enumerate(preview.steps, 1):
        choose(page, option, value)
        pictures.append(drawn(page, called))
        assert page.locator(DRAWING).is_visible()
        seen(page, f"preview-{preview.family}-{number}-{option}")
    assert len(set(pictures)) == len(pictures), "each choice is seen"
    choose(page, *preview.unseen)
    assert drawn(page, preview.steps[-1][2]) == pictures[-1], "the control: what nobody sees draws nothing"
    page.set_viewport_size({"width": SMALL, "height": 780})
    seen(page, f"preview-{preview.family}-end")
    top = page.locator(DRAWING).bounding_box()
    assert 0 < top["width"] <= SMALL
    assert top["y"] + top["height"] < 780, "on a phone it stands on the first screen"


def test_the_drawing_has_the_measures_that_were_chosen(town: Town, visit: Visit) -> None:
    """Half as wide again is drawn half as wide again beside the height."""
    page = visit(f"{town.address}/configure/cabinet", LARGE)
    narrow = front_of(page, 600)
    choose(page, "width", "900")
    assert front_of(page, 900) == pytest.approx(1.5 * narrow, rel=0.1)


def front_of(page: Any, width: int) -> float:
    """How wide the front is drawn, as a share of its height, by the two measured lines beside it."""
    page.locator(f"{DRAWING}[aria-label*='{width:,} mm wide']").wait_for()
    return float(
        page.locator(DRAWING).evaluate("""svg => {
      const lines = [...svg.querySelectorAll('line,path')].map(one => one.getBBox());
      const across = Math.max(...lines.filter(b => b.height < 14).map(b => b.width));
      const up = Math.max(...lines.filter(b => b.width < 14).map(b => b.height));
      return across / up;
    }""")
    )


_WRITTEN_OVER = """() => {
  const shown = document.querySelectorAll('.turn button:not([hidden])');
  const buttons = [...shown].map(button => button.getBoundingClientRect());
  const walk = document.createTreeWalker(document.querySelector('#stage .promise'), NodeFilter.SHOW_TEXT);
  const range = document.createRange(), found = [];
  while (walk.nextNode()) {
    range.selectNodeContents(walk.currentNode);
    for (const line of range.getClientRects()) for (const b of buttons)
      if (line.left < b.right && b.left < line.right && line.top < b.bottom && b.top < line.bottom)
        found.push(walk.currentNode.data);
  }
  return found;
}"""


@pytest.mark.parametrize("lang", ["en", "de", "zh"])
@pytest.mark.parametrize("query", ["", "?finish=reactive&quantity=48"], ids=["fits", "conflict"])
def test_the_button_to_turn_it_lies_over_no_words(town: Town, visit: Visit, query: str, lang: str) -> None:
    """The reason why it cannot be made stands where a date would, on a phone below the drawing."""
    page = visit(f"{town.address}/configure/mug{query}{'&' if query else '?'}lang={lang}", SMALL)
    page.locator("[data-turn=open]").wait_for()
    assert page.evaluate(_WRITTEN_OVER) == []
    seen(page, f"turn-{lang}-{'conflict' if query else 'fits'}")


_WORDS = """() => {
  const drawing = document.querySelector('#stage > svg'), frame = drawing.getBoundingClientRect();
  return [...drawing.querySelectorAll('text')].map(text => {
    const box = text.getBoundingClientRect();
    return {said: text.textContent, left: box.left, right: box.right, top: box.top, bottom: box.bottom,
      tall: parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a,
      inside: box.left >= frame.left && box.right <= Math.min(frame.right, innerWidth)
        && box.bottom <= frame.bottom};
  });
}"""
LEAST = 11
"""px: the smallest letters that are read on a phone."""


@pytest.mark.parametrize("width", [SMALL, 414, 800, LARGE])
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("cabinet?width=1200&height=2000&drawers=0", 3),
        ("cabinet", 3),
        ("tile", 1),
        ("tile?size=1200x1200", 1),
        ("part", 3),
    ],
)
def test_the_measures_can_be_read(town: Town, visit: Visit, query: str, says: int, width: int) -> None:
    """Bug: on a phone the letters were six px tall."""
    page = visit(f"{town.address}/configure/{query}", width)
    if query == "part":
        measure(page, BOX)
    words = page.evaluate(_WORDS)
    assert len(words) == says
    assert [one for one in words if one["tall"] < LEAST or not one["inside"]] == []
    for one, other in combinations(words, 2):
        apart = one["right"] <= other["left"] or other["right"] <= one["left"]
        assert apart or one["bottom"] <= other["top"] or other["bottom"] <= one["top"], (one, other)
    seen(page, f"measures-{query.replace('?', '-')}")


@pytest.mark.parametrize("width", [SMALL, 1024, LARGE])
def test_no_corner_of_a_wall_or_a_floor_is_cut(town: Town, visit: Visit, width: int) -> None:
    """Bug: the panel lay over the floor's near corner."""
    for use in ("floor", "wall"):
        page = visit(f"{town.address}/configure/tile?use={use}", width)
        stage = page.locator("#stage").bounding_box()
        wall = page.locator(f"{DRAWING} > g").last.locator("path").first.bounding_box()
        assert wall["x"] + wall["width"] <= stage["x"] + stage["width"]
        seen(page, f"corner-{use}")
