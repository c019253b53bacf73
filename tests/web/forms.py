"""The forms of the house, for test_forms.py: which templates have one, and what a page's forms take.

`mark_forms` has every `<form` of a template say where it is written, so that a walk over the pages can tell
which were met and which were not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from jinja2 import BaseLoader, Environment

MARK = "data-form"
_FORM = re.compile(r"<form\b")
NUMBERS = frozenset({"numeric", "decimal"})
BUTTONS = frozenset({"submit", "button", "image", "reset"})
_VOID = frozenset({"input", "br", "img", "hr", "meta", "link", "use", "path", "rect", "circle", "source"})
_SENTENCES = frozenset({"error", "note-late", "note-thin", "problem"})


class _Marked(BaseLoader):
    def __init__(self, inner: BaseLoader) -> None:
        self.inner = inner

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Any]:
        source, file, fresh = self.inner.get_source(environment, template)
        return _marked(template, source), file, fresh

    def list_templates(self) -> list[str]:
        return self.inner.list_templates()


def _marked(template: str, source: str) -> str:
    def said(match: re.Match[str]) -> str:
        return f'<form {MARK}="{_place(template, source, match.start())}"'

    return _FORM.sub(said, source)


def _place(template: str, source: str, at: int) -> str:
    """Template, line and place in the line: what an editor opens."""
    line = source.count("\n", 0, at) + 1
    return f"{template}:{line}:{at - source.rfind(chr(10), 0, at)}"


def mark_forms(env: Environment) -> None:
    """From now on every form of a template carries `data-form` with the place where it is written."""
    assert env.loader is not None
    env.loader = _Marked(env.loader)
    if env.cache is not None:
        env.cache.clear()


def written(env: Environment) -> set[str]:
    """The place of every form in every template of the shell and the modules."""
    loader = env.loader.inner if isinstance(env.loader, _Marked) else env.loader
    assert loader is not None
    found = set()
    for name in (n for n in loader.list_templates() if n.endswith(".html")):
        source = loader.get_source(env, name)[0]
        found |= {_place(name, source, match.start()) for match in _FORM.finditer(source)}
    return found


@dataclass(slots=True)
class Field:
    """One field; radio buttons of one name are one, with what can be chosen in `choices`."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    required: bool = False
    numeric: bool = False

    @property
    def typed(self) -> bool:
        return self.kind not in ("hidden", "file", "submit")


@dataclass(slots=True)
class Form:
    """A form as a page shows it. `mark`: where it is written; `live`: htmx sends it too."""

    mark: str
    method: str
    action: str
    live: bool = False
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: dict[str, list[str]] = field(default_factory=dict)

    @property
    def typed(self) -> list[Field]:
        return [f for f in self.fields.values() if f.typed]

    def values(self) -> dict[str, str]:
        return {f.name: f.value for f in self.fields.values() if f.kind != "file" and f.value != ""}


class _Reader(HTMLParser):
    """Forms with their fields, links, and the sentences a page says about what went wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.sentences: list[str] = []
        self._form: Form | None = None
        self._into: Field | None = None
        self._choosing = False
        self._depth, self._since = 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.links += [told[a] for a in ("href", "hx-get") if told.get(a) and tag != "link"]
        if tag not in _VOID:
            self._depth += 1
        if not self._since and self._is_sentence(told):
            self._since = self._depth
            self.sentences.append("")
        if tag == "form":
            self._form = Form(told.get(MARK, "?"), told.get("method", "get").lower(), told.get("action", ""),
                              "hx-post" in told or "hx-get" in told)  # fmt: skip
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "textarea", "select", "button", "option"):
            self._field(tag, told)

    @staticmethod
    def _is_sentence(told: Mapping[str, str]) -> bool:
        return told.get("role") == "alert" or bool(_SENTENCES & set(told.get("class", "").split()))

    def _field(self, tag: str, told: Mapping[str, str]) -> None:
        assert self._form is not None
        if tag == "option":
            self._choice(told)
            return
        name, kind = told.get("name", ""), told.get("type", "text") if tag == "input" else tag
        kind = "hidden" if "hidden" in told else kind
        if tag == "button" or kind in BUTTONS:
            if name:
                self._form.buttons.setdefault(name, []).append(told.get("value", ""))
            return
        if not name:
            return
        known = self._form.fields.get(name)
        found = known or Field(name, kind, "", [], "required" in told, _numeric(told, kind))
        self._form.fields[name] = found
        if kind in ("radio", "checkbox"):
            found.choices.append(told.get("value", "on"))
            found.value = told.get("value", "on") if "checked" in told else found.value
        elif tag == "input":
            found.value = told.get("value", "")
        self._into = found if tag in ("textarea", "select") else None

    def _choice(self, told: Mapping[str, str]) -> None:
        if self._into is None:
            return
        value = told.get("value", "")
        self._into.choices.append(value)
        if "selected" in told or len(self._into.choices) == 1:
            self._into.value = value

    def handle_data(self, data: str) -> None:
        if self._since:
            self.sentences[-1] += data
        if self._into is not None and self._into.kind == "textarea":
            self._into.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self._into = None
        if tag == "form":
            self._form = None
        if tag in _VOID:
            return
        if self._since == self._depth:
            self._since = 0
        self._depth -= 1


def _numeric(told: Mapping[str, str], kind: str) -> bool:
    return kind == "number" or told.get("inputmode") in NUMBERS


@dataclass(frozen=True, slots=True)
class Page:
    forms: list[Form]
    links: list[str]
    sentences: list[str]
    """What is said of a wrong input, a refusal or a missing page."""


def read(html: str) -> Page:
    """A page or a fragment, read as a browser would."""
    reader = _Reader()
    reader.feed(html)
    said = [" ".join(s.split()) for s in reader.sentences]
    return Page(reader.forms, reader.links, [s for s in said if s])


TOO_LONG = "a long story " * 400
NO_NUMBERS = ("lots", "-5", "7654321", "9" * 40, "NaN")
NO_DAYS = ("2026-02-31", "someday")
GOOD = {
    "amount": "1.50", "reference": "bank slip 7", "name": "Ada Lovelace", "email": "ada@example.test",
    "phone": "030 123", "street": "Ring 1", "postal_code": "10115", "city": "Berlin", "country": "DE",
    "text": "Good morning", "label": "the shop", "old": "something-old", "new": "something-new-1",
    "password": "something-old", "percent": "5", "from_quantity": "100", "hours": "2", "reason": "burner 3",
    "lot_number": "A-7", "received_by": "Ada", "comment": "A little larger", "code": "000000",
    "answer": "We are sorry", "pieces": "1", "q": "mug", "quantity": "12",
}  # fmt: skip
"""What somebody would rightly type into a field of that name."""


def good(form: Form) -> dict[str, str]:
    """The form filled in as it should be; what it holds already stays."""
    told = form.values() | {name: values[-1] for name, values in form.buttons.items() if name != "set"}
    return told | {f.name: GOOD[f.name] for f in form.typed if not f.value and f.name in GOOD}


def wrongs(form: Form) -> Iterator[tuple[str, str, str]]:
    """(field, what is wrong, value) for every typed field."""
    for f in form.typed:
        for what, value in _wrong(f):
            yield f.name, what, value
        if f.required:
            yield f.name, "empty", ""


def _wrong(f: Field) -> Iterator[tuple[str, str]]:
    if f.name == "date" or f.kind == "date":
        yield from (("no day", day) for day in NO_DAYS)
    elif f.kind in ("select", "radio", "checkbox"):
        yield "no choice", "something-else"
    elif f.numeric:
        yield from (("no number", value) for value in NO_NUMBERS)
    else:
        yield "too long", TOO_LONG
        if f.kind == "email":
            yield "no address", "nobody at home"


def kept(form: Form, sent: Mapping[str, str], again: list[Form]) -> list[str]:
    """Names of typed fields whose value the answer does not show again; all of them without the form."""
    same = [f for f in again if f.action.partition("?")[0] == form.action.partition("?")[0]]
    lost = [_lost(form, sent, f) for f in same]
    return min(lost, key=len, default=[f.name for f in form.typed])


def _lost(form: Form, sent: Mapping[str, str], again: Form) -> list[str]:
    names = []
    for f in form.typed:
        if f.name not in sent or f.kind in ("password", "checkbox"):
            continue
        shown = again.fields.get(f.name)
        if f.choices and sent[f.name] not in f.choices:
            continue  # what is no choice cannot stand in the field
        if shown is None or shown.value.strip() != sent[f.name].strip():
            names.append(f.name)
    return names
