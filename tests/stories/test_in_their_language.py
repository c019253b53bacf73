"""A whole purchase in German and in Chinese: words of choices, reason, price, day and confirmation."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from sqlmodel import select

from cosmo.i18n import catalog
from cosmo.mail import Mail
from seeds.files import FAMILIES, read_yaml
from tests.shots import seen
from tests.stories.changes import order_of
from tests.stories.town import LARGE, SMALL, Town, Visit, choose, dated, place, priced, quoted

_WORDS = """() => {
  const found = [], walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest('script,style,noscript,code'))
    found.push(walk.currentNode.data);
  for (const one of document.querySelectorAll('main *'))
    for (const name of ['aria-label', 'alt', 'title', 'placeholder', 'data-busy'])
      if (one.hasAttribute(name)) found.push(one.getAttribute(name));
  return found.map(text => text.replace(/\\s+/g, ' ').trim()).filter(Boolean);
}"""
"""Everything in main that somebody reads or is read to."""
_APART = """() => [...document.querySelectorAll('main .date')].map(getComputedStyle)
  .map(style => parseFloat(style.lineHeight) / parseFloat(style.fontSize))"""
"""How far the lines of each large date are apart, in heights of its signs."""
ENGLISH = re.compile(r"\b(the|and|your|with|until|from|this|which|each|you|are)\b")
"""Words that stand in English sentences and in no German or Chinese one."""
LATIN = re.compile(r"\b[a-z]{4,}\b(?!\.)")
"""A Latin word in lower case, which is none in Chinese: no name, no unit, no file's ending."""
WORD = re.compile(r"(?<!{)\b[A-Za-z]{2,}\b(?!})")
"""Not the name of a field."""
NARROW = re.compile(r"[\u4e00-\u9fff][,.;:!?](\s|$)")
"""A Latin stop after a Chinese sign."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said on the way, in one language."""

    locale: str
    lang: str
    named: str
    """The language in the menu, by its own name."""
    title: str
    glaze: str
    cobalt: str
    reason: str
    way_out: str
    amount: re.Pattern[str]
    day: re.Pattern[str]
    placed: str


TOLD = (
    Told("de", "de", "Deutsch", "Becher", "Außenglasur", "Kobalt", "Signalrot", "Zu Steinzeug wechseln",
         re.compile(r"^\d{2,3},\d\d\xa0€$"), re.compile(r"^\w+tag \d+\. Juni$|^Mittwoch \d+\. Juni$"),
         "Pünktlich."),
    Told("zh", "zh-Hans", "中文", "杯", "外釉", "钴蓝", "信号红", "炻器",
         re.compile(r"^€\d{2,3}\.\d\d$"), re.compile(r"6月\d+日"), "准时"),
)  # fmt: skip


@cache
def english(locale: str) -> tuple[re.Pattern[str], ...]:
    """What would stand there in English, of all that has its own words in the language; fields are open."""
    known = {msgid for msgid, text in catalog(locale).single.items() if text != msgid and WORD.search(msgid)}
    known |= {
        name["en"]
        for name in named(read_yaml(FAMILIES / "mug" / "options.yaml"))
        if name["en"] != name[locale]
    }
    return tuple(re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(text))) for text in sorted(known))


def named(data: Any) -> Iterator[Mapping[str, str]]:
    """All names in a file of a family."""
    for value in data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ():
        if isinstance(value, Mapping) and "en" in value:
            yield value
        else:
            yield from named(value)


def left_in_english(page: Any, locale: str) -> list[str]:
    """Of what the page says, what is English."""
    words = [text for text in page.evaluate(_WORDS) if text]
    known = {text for text in words if any(one.fullmatch(text) for one in english(locale))}
    wrong = (ENGLISH, NARROW, LATIN) if locale == "zh" else (ENGLISH,)
    return [text for text in words if text in known or any(one.search(text) for one in wrong)]


def looked_at(page: Any, told: Told, name: str) -> None:
    assert page.locator("html").get_attribute("lang") == told.lang
    assert left_in_english(page, told.locale) == [], name
    if told.locale == "zh":  # its signs are as high as they are wide
        assert all(apart >= 1.09 for apart in page.evaluate(_APART)), name
    seen(page, f"{told.locale}-{name}")


@pytest.mark.parametrize("width", [SMALL, LARGE])
@pytest.mark.parametrize("told", TOLD, ids=[told.locale for told in TOLD])
def test_a_purchase(town: Town, visit: Visit, told: Told, width: int) -> None:
    page = visit(town.address, width)
    page.locator("header details.menu summary").first.click()
    page.get_by_role("link", name=told.named).click()
    page.wait_for_load_state()
    looked_at(page, told, "1-shop")
    page.locator("a[href='/configure/mug']").first.click()
    page.wait_for_url("**/configure/mug*")
    price, day = configure(page, told)
    order_id = quoted(page)
    assert page.inner_text(".order-price b") == price
    assert " ".join(page.inner_text(".order-say h1").split()) == day
    looked_at(page, told, "4-order")
    page.fill("#checkout [name=email]", "ada@nowhere")
    place(page)
    town.carry_on()
    page.reload()
    assert told.placed in page.inner_text("#live-order")
    assert told.cobalt in page.inner_text("main") or width == SMALL
    looked_at(page, told, "5-placed")
    page.locator("a[href$='/change']").first.click()
    page.locator("#change").wait_for()
    assert told.glaze in page.inner_text("#change")
    looked_at(page, told, "6-change")
    assert order_of(town.database, order_id).locale == told.locale
    with town.database.read() as session:
        letters = session.exec(select(Mail.template, Mail.locale).where(Mail.order_id == order_id)).all()
    assert ("confirmation", told.locale) in letters


def configure(page: Any, told: Told) -> tuple[str, str]:
    """Choices, a reason and its way out, price and day, each in the language."""
    assert told.title in page.inner_text("#options h1")
    assert told.glaze in page.inner_text("#opt-outer_glaze")
    assert told.reason in page.inner_text("#opt-outer_glaze .why")
    assert told.way_out in page.inner_text("#opt-outer_glaze .why button")
    looked_at(page, told, "2-configure")
    choose(page, "outer_glaze", "cobalt")
    choose(page, "finish", "matt")
    page.locator("#opt-outer_glaze .opt-h", has_text=told.cobalt).wait_for()
    assert told.amount.search(priced(page)), priced(page)
    assert told.day.search(dated(page)), dated(page)
    looked_at(page, told, "3-chosen")
    return priced(page), dated(page)


@pytest.mark.parametrize("locale", ["de", "zh"])
def test_english_is_noticed(town: Town, visit: Visit, locale: str) -> None:
    """Negative control: most of what an English page says."""
    page = visit(f"{town.address}/configure/mug", LARGE)
    found = left_in_english(page, locale)
    assert {"At your door by", "Outer glaze", "Save this design", "Needed by"} <= set(found)
    assert any(text.startswith("Signal red must fire") for text in found)
    assert len(found) > 60
