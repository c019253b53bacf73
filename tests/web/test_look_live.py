"""Swapping in a real browser: what a person has opened, typed and ticked survives what the server sends."""

# ruff: noqa: F811
from typing import Any

import pytest

from tests.web.look_server import Handler, address, visit  # noqa: F401
from web.styleguide import sample_shop
from web.styleguide.frame import environment, frame

HX = {
    "hx-post": "/live",
    "hx-trigger": "change",
    "hx-target": "#configure",
    "hx-swap": "outerMorph",
    "hx-sync": "this:replace",
}
PROBLEM = {
    "status": 409,
    "title": "This is not possible now",
    "detail": "The kiln space went to somebody else.",
    "extra": {},
}


def configurator(finish: str = "gloss", saved: str = "", *, whole: bool = False) -> str:
    """The configurator, or only its part, with one finish chosen by the server."""
    page = sample_shop.configure() | {"attrs": HX, "saved": saved}
    for value in page["groups"][2]["values"]:
        value["chosen"] = value["value"] == finish
    name = "styleguide/configure.html" if whole else "parts/configure.html"
    return environment("/static").get_template(name).render(frame(("Mugs",)) | {"page": page})


def problem() -> str:
    return (
        environment("/static")
        .get_template("shell/problem_fragment.html")
        .render(frame() | {"problem": PROBLEM})
    )


@pytest.fixture
def live(visit: Any) -> Any:
    """The configurator with a server behind it; `answers` says what each post gets."""
    Handler.made["live"] = {"configure": configurator(whole=True)}
    return visit("configure", locale="live")


def test_what_is_open_stays_open_and_what_the_server_refuses_is_unticked(live: Any) -> None:
    seen: list[dict[str, str]] = []

    def refuse(fields: dict[str, str]) -> tuple[int, str]:
        seen.append(fields)
        return 200, configurator("gloss", "Seen")

    Handler.posts["/live"] = refuse
    live.click("#fold-form summary")
    live.click("#opt-finish label:has-text('Matt')")
    live.wait_for_selector("#saved:has-text('Seen')")
    assert seen[0]["finish"] == "matt"
    assert live.evaluate("document.getElementById('fold-form').open")
    assert live.evaluate("document.querySelector('#opt-finish input:checked').value") == "gloss"


def test_the_negative_control_without_the_layouts_setting_it_closes(visit: Any) -> None:
    Handler.made["closing"] = {
        "configure": configurator(whole=True).replace('"data-ui-","open"', '"data-ui-"')
    }
    Handler.posts["/live"] = lambda fields: (200, configurator("matt", "Seen"))
    page = visit("configure", locale="closing")
    page.click("#fold-form summary")
    page.click("#opt-finish label:has-text('Matt')")
    page.wait_for_selector("#saved:has-text('Seen')")
    assert not page.evaluate("document.getElementById('fold-form').open")


def test_a_problem_shows_at_the_top_and_the_page_keeps_what_it_has(live: Any, visit: Any) -> None:
    visit.expected.append("Failed to load resource: the server responded with a status of 409")
    Handler.posts["/live"] = lambda fields: (409, problem())
    live.fill("#sum .qty input", "360")
    live.locator("#sum .qty input").blur()
    live.wait_for_selector("#problem .note")
    assert "somebody else" in live.inner_text("#problem")
    assert live.input_value("#sum .qty input") == "360"
    live.click("#problem [data-clear]")
    assert live.inner_text("#problem") == ""


def test_no_answer_at_all_is_said_where_every_problem_stands(live: Any, visit: Any) -> None:
    visit.expected += [
        "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
        "htmx: htmx:error: Failed to fetch",
    ]
    live.context.set_offline(True)
    live.fill("#sum .qty input", "361")
    live.locator("#sum .qty input").blur()
    live.wait_for_selector("#problem .note")
    assert "nothing you typed is lost" in live.inner_text("#problem")
    live.context.set_offline(False)
