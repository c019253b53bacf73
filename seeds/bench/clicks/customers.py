"""Customers of the configurator: through the JSON API, through the page as a browser sends it, and such as
want what cannot be. Each draws from what the last answer said is possible."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from typing import Any

import httpx2

from seeds.bench.clicks.open_loop import Following

DATED, PRICED, UNFINISHED, CONFLICT, LINES = "dated", "priced", "unfinished", "conflict", "lines"
LINES_AFTER = 0.6
"""Seconds after an answer that the page waits before it asks for the counterfactual lines."""
Selections = Mapping[str, Any]
Locked = tuple[Selections, str, str]
"""What was chosen, and an option with a value that was not possible then."""


@dataclass(slots=True)
class ApiCustomer:
    """Changes one option a click to another value that the last answer gave as available; takes back what
    left something open."""

    random: Random
    family: str
    selections: Selections
    promise: bool = True
    choices: list[tuple[str, str]] = field(default_factory=list)
    locked: list[Locked] = field(default_factory=list)
    finished: Selections = field(default_factory=dict)

    def ask(self, client: httpx2.AsyncClient) -> httpx2.Request:
        selections = dict(self.selections)
        if self.finished and selections != self.finished:
            selections = dict(self.finished)
        elif self.choices:
            option, value = self.random.choice(self.choices)
            selections[option] = value
        return configure(client, self.family, selections, promise=self.promise)

    def hear(self, response: httpx2.Response) -> tuple[str, None]:
        told = response.raise_for_status().json()
        self.selections = told["selections"]
        if not told["complete"]:
            return UNFINISHED, None
        self.finished = self.selections
        values = [(option, one) for option, domain in told["domains"].items() for one in domain]
        chosen = self.selections
        self.choices = [(o, v["value"]) for o, v in values if v["available"] and v["value"] != chosen.get(o)]
        shut = [(chosen, o, v["value"]) for o, v in values if not v["available"]]
        self.locked += self.random.sample(shut, min(2, len(shut)))
        return DATED if told["promise"] else PRICED if told["price"] else UNFINISHED, None


def configure(
    client: httpx2.AsyncClient, family: str, selections: Selections, *, promise: bool = True
) -> httpx2.Request:
    """The API's request for one click."""
    body: dict[str, Any] = {"selections": dict(selections), "ship_to": {"city": "Hamburg", "country": "DE"}}
    body |= {} if promise else {"promise": False}
    return client.build_request("POST", f"/api/v1/families/{family}/configure", json=body)


@dataclass(slots=True)
class Insisting:
    """Chooses a value that was shown as impossible."""

    random: Random
    family: str
    locked: list[Locked]

    def ask(self, client: httpx2.AsyncClient) -> httpx2.Request:
        selections, option, value = self.random.choice(self.locked)
        return configure(client, self.family, {**selections, option: value})

    def hear(self, response: httpx2.Response) -> tuple[str, None]:
        told = response.raise_for_status().json()
        if not told["conflicts"] or not told["repairs"]:
            raise ValueError(f"No conflict or no repair was told for {told['selections']}.")
        return CONFLICT, None


@dataclass(slots=True)
class PageCustomer:
    """A browser at the configurator: sends the form that the last answer holds with one other radio button,
    and asks for the counterfactual lines where the answer names them."""

    random: Random
    address: str
    cookies: Mapping[str, str]
    form: "Form"
    dated: "Form"
    lines: bool = True

    def ask(self, client: httpx2.AsyncClient) -> httpx2.Request:
        fields = dict(self.dated.fields)
        if self.form is self.dated:
            name, value = self.random.choice(self.form.others)
            fields[name] = value
        return httpx2.Request("POST", self.address, data=fields, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        """As htmx sends them; not the client's own cookies, since many customers share it."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"HX-Request": "true", "Accept-Encoding": "gzip", "Cookie": cookies}

    def hear(self, response: httpx2.Response) -> tuple[str, Following | None]:
        self.form = read_form(response.raise_for_status().text)
        if self.form.lines is None:
            return UNFINISHED, None
        self.dated = self.form
        if not self.lines:
            return DATED, None
        url = httpx2.URL(self.address).join(self.form.lines)
        request = httpx2.Request("GET", url, headers=self._headers())
        return DATED, Following(request, LINES, LINES_AFTER)


@dataclass(slots=True)
class Form:
    """The configurator's form as it would be sent; `others`: radio buttons that could be pressed instead.
    `lines`: where the counterfactual lines are, which only an answer with a date names."""

    fields: dict[str, str] = field(default_factory=dict)
    others: list[tuple[str, str]] = field(default_factory=list)
    lines: str | None = None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form = Form()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if "others" in told.get("class", "").split():
            self.form.lines = told["hx-get"]
        if tag != "input" or "name" not in told or told.get("type") == "file":
            return
        if told.get("type") == "radio" and "checked" not in told:
            self.form.others.append((told["name"], told["value"]))
        else:
            self.form.fields[told["name"]] = told.get("value", "")


def read_form(html: str) -> Form:
    """The form in a page or a part of one."""
    reader = _Reader()
    reader.feed(html)
    return reader.form
