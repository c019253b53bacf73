"""What the page of a draft shows: the files as typed, what is wrong with them, and what would be made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from cosmo.i18n import pick
from cosmo.parties import Account, Plant
from modules.rnd import checking, drafts
from modules.rnd.checking import Checked, Finding
from modules.rnd.engine import Engine
from modules.rnd.family import FILES
from modules.rnd.models import Draft
from modules.rnd.places import Place
from modules.rnd.tryout import Tried, try_out
from web.drawing.pictures import picture
from web.forms import Sent

FILE, WAS, CHOSEN, CASE = "file.", "was.", "o.", "case"
"""What begins the names of the form's fields: a file's text, its print when it was shown, the try-out's; and
the name of a case.
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form of the draft's page sent. `was` tells which files were changed on that page."""

    files: dict[str, str] = field(default_factory=dict)
    was: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    """The try-out, and the name its case is to have."""
    version: int | None = None

    @property
    def edited(self) -> set[str]:
        return {name for name, text in self.files.items() if print_of(text) != self.was.get(name)}


def typed_of(sent: Sent) -> Typed:
    fields = sent.fields
    files, was = (
        {name: fields[kind + name] for name in FILES if kind + name in fields} for kind in (FILE, WAS)
    )
    chosen = {name: value for name, value in fields.items() if name.startswith(CHOSEN) or name == CASE}
    version = fields.get("version", "")
    known = version.isascii() and version.isdecimal() and len(version) < 10
    return Typed(files, was, chosen, int(version) if known else None)


def print_of(text: str) -> str:
    """The same for a text and for what a form makes of its line ends."""
    return sha256(text.replace("\r\n", "\n").encode("utf-8", "replace")).hexdigest()[:16]


def tried_at(engine: Engine, chosen: Mapping[str, str], locale: str, release: str) -> Tried:
    """The try-out's state; without any option in `chosen`, the defaults."""
    family = engine.product.family
    options = {name.removeprefix(CHOSEN): value for name, value in chosen.items() if value and name != CASE}
    given = {name: value for name, value in options.items() if name in engine.product.options}
    return try_out(engine, given or family.defaults, options.get("quantity", ""), locale, release)


def live(session: Session, draft: Draft, plant: Plant, files: Mapping[str, str], chosen: Mapping[str, str],
         locale: str) -> dict[str, Any]:  # fmt: skip
    """The check and the preview of these texts; nothing is written."""
    checked = checking.check(files, draft.family, plant.slug)
    engine = checked.engine
    tried = tried_at(engine, chosen, locale, draft.base) if engine and _sound(checked) else None
    return {
        "draft": draft,
        "findings": [told(finding, checked, files, locale) for finding in checked.findings],
        "blocked": bool(checked.errors),
        "options": engine.product.family.options if engine else (),
        "tried": tried,
        "drawing": _drawing(engine, tried) if engine and tried else "",
        "prefix": CHOSEN,
        "chosen": chosen,
        "currency": plant.currency,
    }


def _sound(checked: Checked) -> bool:
    """Whether the try-out has something to say: not where nothing at all can be ordered."""
    return not any(finding.kind == "contradiction" for finding in checked.findings)


def _drawing(engine: Engine, tried: Tried) -> Markup:
    family = engine.product.family
    own = {option.id for option in family.options if option.type == "file"}
    chosen = {name: value for name, value in tried.selections.items() if name not in own}
    sizes = {name: str(value) for name, value in family.standard.items()}
    return picture(family.drawing, {**sizes, **chosen}, uid="draft", title=pick(family.name, "en"))


def told(finding: Finding, checked: Checked, files: Mapping[str, str], locale: str) -> dict[str, Any]:
    """A finding in words, with the rules that cause it and the lines they stand on."""
    known = {rule.id: rule for rule in checked.engine.product.rules} if checked.engine else {}
    rules = [
        {"id": id_, "why": pick(known[id_].why, locale), "rule": known[id_].text, "place": place}
        for id_, place in finding.rules
    ]
    return {
        "kind": finding.kind,
        "blocks": finding.blocks,
        "sentence": checking.sentence(finding, locale),
        "place": finding.place,
        "excerpt": _excerpt(files, finding.place),
        "rules": rules,
        "lines": finding.lines,
        "case": finding.values.get("id") if finding.kind == "case" else None,
    }


def _excerpt(files: Mapping[str, str], place: Place) -> str:
    """The line as it stands, for whoever cannot jump to it."""
    lines = files.get(place.file, "").splitlines()
    return lines[place.line - 1].strip()[:120] if 0 < place.line <= len(lines) else ""


def texts(
    files: Mapping[str, str], base: Mapping[str, str], found: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The text fields: every file there may be, which are changed, which have something wrong."""
    wrong = {one["place"].file for one in found if one["blocks"]}
    return [
        {
            "name": name,
            "text": files.get(name, ""),
            "was": print_of(files.get(name, "")),
            "changed": files.get(name, "") != base.get(name, ""),
            "wrong": name in wrong,
        }
        for name in FILES
    ]


def merged(typed: Typed, draft: Draft) -> dict[str, str]:
    """After somebody else saved: one's own text where one typed, theirs everywhere else."""
    return {**draft.files, **{name: typed.files[name] for name in typed.edited}}


def moved(session: Session, typed: Typed, refused: drafts.DraftMoved) -> list[dict[str, Any]]:
    """What others changed, in the files where both typed line by line."""
    return [
        {
            "file": one.file,
            "by": name_of(session, one.by),
            "both": one.file in typed.edited,
            "lines": one.lines if one.file in typed.edited else (),
        }
        for one in refused.changed
    ]


def name_of(session: Session, author: str) -> str:
    """Who it was, by name; a part of the product is told as it calls itself."""
    account = session.get(Account, author)
    return account.name if account else author
