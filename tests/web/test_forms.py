"""Every form of every page with every kind of bad input: refused with a sentence, and nothing typed is lost.

The walk fails for a form in a template that no page of the world shows, so a new form is tested without
anybody remembering to.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cosmo.limits import Limiter
from cosmo.parties import Role
from tests.access import rows
from tests.web.form_world import FormWorld, form_world
from tests.web.forms import Form, good, kept, read, written, wrongs
from tests.web_fixtures import Visitor

ROOT = Path(__file__).parents[2]
NOT_SHOWN = {
    "styleguide/guide.html": "the pattern book is drawn by a command and served to nobody",
    "macros/messages.html": "its own form is the pattern book's; pages write theirs",
    "macros/ui.html": "the toast with an undo is the pattern book's",
}
"""Templates whose forms no page shows, and why."""
OFTEN = 4
"""How many pages of one address are looked at in one role."""
SHOPPERS = (Role.GUEST, Role.CUSTOMER)
"""Who looks at the pages that everybody may see."""
FINE: dict[tuple[str, str, str], str] = {
    ("parts/configure.html", "", "empty"): "nothing chosen is a first visit: the family's usual choices",
    (
        "rnd/draft.html",
        "file.family.yaml",
        "too long",
    ): "a draft keeps whatever is typed; a release is checked",
    ("rnd/draft_start.html", "", "empty"): "a draft needs no note",
    ("rnd/proof_page.html", "", "empty"): "a new version needs no words",
    ("marketing/catalogue.html", "", "empty"): "no words of the seller's are the family's own",
}
"""(template, field, what is wrong with it) that is taken all the same, and why rightly."""
SKIPPED = re.compile(
    r"^/(static|api|metrics|healthz|readyz|preview|artwork|sign-out|made)\b|/(live|events|artwork|files)$|/papers/"
)


@dataclass(frozen=True, slots=True)
class Met:
    """A form on a page somebody may see."""

    who: str
    page: str
    form: Form


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormWorld]:
    with form_world(tmp_path_factory.mktemp("forms")) as made:
        yield made


@pytest.fixture(scope="module")
def met(world: FormWorld) -> dict[str, Met]:
    return all_met(world)


def all_met(world: FormWorld) -> dict[str, Met]:
    """Where each form was first met, by the place where it is written."""
    found: dict[str, Met] = {}
    for who, visitor in world.visitors.items():
        for page, form in _walk(world, who, visitor):
            found.setdefault(form.mark, Met(who, page, form))
    for who, address, fields in world.sent:
        for form in _answered(world.visitors[who], address, fields):
            found.setdefault(form.mark, Met(who, address, form))
    return found


def _answered(visitor: Visitor, address: str, fields: dict[str, str]) -> list[Form]:
    answer = visitor.post(address, data=fields)
    if answer.status_code == 303:
        answer = visitor.get(answer.headers["Location"])
    return read(answer.text).forms


def _walk(world: FormWorld, who: str, visitor: Visitor) -> Iterator[tuple[str, Form]]:
    """The forms of the pages that links lead to; of one address no more than `OFTEN` pages."""
    role = Role(who.split()[0])
    known = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", row.path) + "$"), row.path) for row in rows()
             if row.method == "GET" and role in row.allowed and not SKIPPED.search(row.path)
             and (role in SHOPPERS or Role.GUEST not in row.allowed)]  # fmt: skip
    first = [*world.first.get(who, ()), *(path for _, path in known if "{" not in path)]
    todo, seen, often = list(first), set[str](), Counter[str]()
    while todo:
        address = todo.pop(0).partition("#")[0]
        path = next((path for pattern, path in known if pattern.match(urlsplit(address).path)), None)
        if path is None or address in seen:
            continue
        if often[path] >= OFTEN and address not in first:
            continue
        seen.add(address)
        often[path] += 1
        answer = visitor.get(address)
        assert answer.status_code < 400, (who, address, answer.status_code)
        page = read(answer.text)
        todo += [a for a in [*page.links, answer.headers.get("Location", "")] if _is_here(a)]
        yield from ((address, form) for form in page.forms)


def _is_here(address: str) -> bool:
    return address.startswith("/") and "lang=" not in address


def test_every_form_is_met_on_a_page(world: FormWorld, met: dict[str, Met]) -> None:
    shown = written(world.site.pages.env) - met.keys()
    unmet = sorted(mark for mark in shown if mark.split(":")[0] not in NOT_SHOWN)
    assert not unmet, f"no page of the world shows {unmet}: bring it about in tests/web/form_world.py"
    python = [p for package in ("web", "modules") for p in (ROOT / package).rglob("*.py")]
    outside = [str(p.relative_to(ROOT)) for p in python if "<form" in p.read_text("utf-8")]
    assert not outside, "a form that is not in a template is met by nobody"


def test_bad_input_is_refused_and_kept(world: FormWorld, met: dict[str, Met]) -> None:
    wrong = []
    for one in met.values():
        sent = good(one.form)
        for name, what, value in wrongs(one.form):
            wrong += _complaints(world, one, sent | {name: value}, name, what)
    assert not wrong, "\n" + "\n".join(dict.fromkeys(wrong))


def test_an_empty_form_is_refused(world: FormWorld, met: dict[str, Met]) -> None:
    """A body without any field. A button that says everything by its address may succeed."""
    wrong = []
    for one in met.values():
        if one.form.method == "get":
            continue
        answer = _send(world, one, {})
        if answer.status_code >= 400:
            wrong += _refused(answer, f"{one.form.mark} {one.form.action}: empty")
        elif one.form.typed or one.form.buttons:
            fine = (one.form.mark.split(":")[0], "", "empty") in FINE
            wrong += [] if fine else [f"{one.form.mark} {one.form.action}: taken ({answer.status_code})"]
    assert not wrong, "\n" + "\n".join(wrong)


def test_what_no_page_sends_breaks_nothing(world: FormWorld, met: dict[str, Met]) -> None:
    """Hidden fields and buttons with values of nobody's; some are taken for what they stand for."""
    wrong = []
    for one in met.values():
        hidden = [f.name for f in one.form.fields.values() if f.kind == "hidden" and f.name != "csrf"]
        for name in [*hidden, *one.form.buttons]:
            answer = _send(world, one, good(one.form) | {name: "something-else"})
            if answer.status_code >= 400:
                wrong += _refused(answer, f"{one.form.mark} {one.form.action}: {name} tampered with")
    assert not wrong, "\n" + "\n".join(wrong)


def test_what_would_be_lost_or_taken_is_seen() -> None:
    """The walk's own control: a page without the form, without a value, without a sentence."""
    fields = '<input name="x" value="{}"><input name="y" required>'
    shown = f'<form data-form="a:1:1" method="post" action="/a">{fields}'
    form = read(shown.format("old") + "</form>").forms[0]
    sent = good(form) | {"x": "new"}
    assert kept(form, sent, read(shown.format("new") + "</form>").forms) == []
    assert kept(form, sent, read(shown.format("old") + "</form>").forms) == ["x"]
    assert kept(form, sent, read("<p>Something needs another value</p>").forms) == ["x", "y"]
    assert ("y", "empty", "") in list(wrongs(form))
    assert read('<p class="error">Write it.</p><div class="note">All is well.</div>').sentences == [
        "Write it."
    ]


def _complaints(world: FormWorld, one: Met, sent: dict[str, str], name: str, what: str) -> list[str]:
    """What is not as it should be with the answer to one bad form."""
    case = f"{one.form.mark} {one.form.action}: {name} {what}"
    answer = _send(world, one, sent)
    if answer.status_code < 400:
        fine = (one.form.mark.split(":")[0], name, what) in FINE
        return [] if fine else [f"{case}: taken ({answer.status_code})"]
    said = _refused(answer, case)
    lost = kept(one.form, sent, read(answer.text).forms)
    said += [f"{case}: {', '.join(lost)} thrown away"] if lost else []
    return said + _translated(world, one, sent, answer, case)


def _refused(answer: Any, case: str) -> list[str]:
    if answer.status_code >= 500:
        return [f"{case}: broke ({answer.status_code})"]
    page = answer.headers["Content-Type"].startswith("text/html")
    sentences = read(answer.text).sentences if page else []
    return [] if any(len(s) > 3 for s in sentences) else [f"{case}: {answer.status_code} without a sentence"]


def _translated(world: FormWorld, one: Met, sent: dict[str, str], english: Any, case: str) -> list[str]:
    german = read(_send(world, one, sent, "de").text).sentences
    same = set(german) & set(read(english.text).sentences)
    return [f"{case}: English to a German: {', '.join(same)}"] if same else []


def _send(world: FormWorld, one: Met, sent: dict[str, str], locale: str = "en") -> Any:
    visitor, form = world.visitors[one.who], one.form
    world.site.limiter = Limiter()
    address = form.action.partition("#")[0]
    if form.method == "get":
        return visitor.get(address, params={**sent, "lang": locale})
    return visitor.post(address, data=sent, params={"lang": locale})
