"""A family's files looked through before a release: what blocks it, what is odd, and where each is mended.

One reading for the page, the program's interface and the release itself: what blocks here is refused there.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import yaml
from pydantic import ValidationError

from cosmo.i18n import N_, gettext
from modules.rnd import cases, words
from modules.rnd.cases import Difference
from modules.rnd.engine import Engine
from modules.rnd.family import FILES, LOADER, Family, FamilyError, content_of, digest, refuse_knots
from modules.rnd.faults import Fault, faults
from modules.rnd.places import Place, Places
from modules.rnd.product import Product

_MOST_ERRORS = 20
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a family. `rules` is the smallest set of rules that causes it, with where each
    stands; `lines` are a failed case's differences.
    """

    kind: str
    blocks: bool
    msgid: str
    place: Place
    values: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[tuple[str, Place], ...] = ()
    lines: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and the family ready to be tried where it can be read."""

    findings: tuple[Finding, ...]
    engine: Engine | None = None

    @property
    def errors(self) -> list[Finding]:
        return [one for one in self.findings if one.blocks]

    @property
    def warnings(self) -> list[Finding]:
        return [one for one in self.findings if not one.blocks]


_checked: OrderedDict[tuple[str, str, str], Checked] = OrderedDict()
_lock = Lock()


def check(files: Mapping[str, str], family: str, plant: str) -> Checked:
    """Look through the files of `family`, which has to stay that family of that plant.

    The same text is looked through once: whoever tries values out does not wait for it again.
    """
    key = (digest(files), family, plant)
    with _lock:
        if key in _checked:
            _checked.move_to_end(key)
            return _checked[key]
    found = _check(files, family, plant)
    with _lock:
        _checked[key] = found
        while len(_checked) > _KEPT:
            _checked.popitem(last=False)
    return found


def _check(files: Mapping[str, str], family: str, plant: str) -> Checked:
    broken = tuple(unreadable(files))
    if broken:
        return Checked(broken)
    places = Places(files)
    try:
        content = content_of(files, family)
        product = Product(Family.model_validate(content))
        engine = Engine(product)
    except ValidationError as error:
        return Checked(tuple(_invalid(error, places)))
    except FamilyError as error:
        return Checked(tuple(_refused(error, places)))
    told = [*_moved(content, family, plant, places), *_told(engine, places)]
    return Checked(tuple(sorted(told, key=lambda one: not one.blocks)), engine)


def unreadable(files: Mapping[str, str]) -> Iterator[Finding]:
    """What of these files cannot be read at all, each with its line."""
    if not files.get(FILES[0], "").strip():
        yield _plain(N_("{file} is missing or empty."), Place(FILES[0]), file=FILES[0])
    for name in FILES:
        try:
            refuse_knots(files.get(name, ""))
            yaml.compose(files.get(name, ""), Loader=LOADER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            why = getattr(error, "problem", None) or str(error)
            # the reader written in C finds the end of a file on the line after its last
            place = Place(name, min(mark.line, files[name].count("\n")) + 1 if mark else 0)
            yield _plain(N_("This file cannot be read: {why}."), place, why=why)


def _plain(msgid: str, place: Place, **values: Any) -> Finding:
    return Finding("unreadable", True, msgid, place, values)


def _invalid(error: ValidationError, places: Places) -> Iterator[Finding]:
    for one in error.errors()[:_MOST_ERRORS]:
        path = tuple(one["loc"])
        where = ".".join(map(str, path))
        yield _plain(N_("{where}: {why}."), places.at(path), where=where, why=one["msg"])


def _refused(error: FamilyError, places: Places) -> Iterator[Finding]:
    for said, about in error.faults[:_MOST_ERRORS]:
        yield _plain("{why}", places.text(about), why=said)


def _moved(content: Mapping[str, Any], family: str, plant: str, places: Places) -> Iterator[Finding]:
    for key, own in (("slug", family), ("plant", plant)):
        if content.get(key) != own:
            yield _plain(N_("{key} has to stay {own}."), places.at((key,)), key=key, own=own)


def _told(engine: Engine, places: Places) -> Iterator[Finding]:
    found = list(faults(engine))
    yield from (_placed(fault, engine, places) for fault in found)
    if any(fault.blocks for fault in found):
        return
    for case in engine.product.family.cases:
        lines = tuple(cases.run(engine, case))
        if lines:
            said = N_("Case “{id}” does not give what it should.")
            yield Finding("case", True, said, places.item("cases", case.id), {"id": case.id}, lines=lines)


def _placed(fault: Fault, engine: Engine, places: Places) -> Finding:
    ids = [engine.product.rules[index].id for index in fault.rules]
    rules = tuple((id_, places.item("rules", id_, "rule")) for id_ in ids)
    place = _place(fault, places) if fault.about else rules[0][1] if rules else Place("")
    return Finding(fault.kind, fault.blocks, fault.msgid, place, fault.values, rules)


def _place(fault: Fault, places: Places) -> Place:
    first, *path = fault.about
    return places.item(fault.part, first, *path)


def refuse(found: Iterable[Finding]) -> None:
    """Raise what blocks a release as one refusal, with its places. Raises `FamilyError`."""
    blocking = [one for one in found if one.blocks]
    if blocking:
        raise FamilyError(" ".join(_line(one) for one in blocking[:5]))


def _line(one: Finding) -> str:
    rules = f" ({', '.join(id_ for id_, _ in one.rules)})" if one.rules else ""
    lines = "".join(f" {x.subject}: {x.expected or '-'} -> {x.found or '-'}." for x in one.lines[:5])
    return f"{where(one.place)}{sentence(one, 'en')}{rules}{lines}"


def where(place: Place) -> str:
    """`rules.yaml:12: `, or nothing where no file is known."""
    return f"{place.file}:{place.line}: " if place.line else f"{place.file}: " if place.file else ""


def sentence(finding: Finding, locale: str) -> str:
    return (
        words.fill(finding.msgid, finding.values, locale)
        if finding.values
        else gettext(locale, finding.msgid)
    )
