"""What differs between two releases of a family, or a draft and its base, thing by thing and in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from cosmo.i18n import N_
from modules.rnd.family import LANGUAGES, Family

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SECTIONS = ("options", "values", "rules", "formulas", "price", "texts", "cases")
LABELS = {
    "type": N_("Kind"), "group": N_("Group"), "optional": N_("Optional"), "default": N_("Default"),
    "freeze": N_("Can change until"), "unit": N_("Unit"), "min": N_("Smallest"), "max": N_("Largest"),
    "step": N_("Step"), "max_length": N_("Longest text"), "accept": N_("Kinds of file"),
    "facts": N_("Facts"), "swatch": N_("Colour"), "picture": N_("Picture"),
    "svg": N_("Drawing"), "rule": N_("Rule"), "check": N_("Check on uploads"),
    "limit": N_("Limit"), "positive": N_("Narrowest line"), "negative": N_("Narrowest gap"),
    "when": N_("Where"), "resources": N_("Resources"), "speed": N_("Speed"),
    "fixed_minutes": N_("Minutes a lot"), "minutes_per_piece": N_("Minutes a piece"),
    "family": N_("Setup family"), "size_per_piece": N_("Room a piece"), "yield_": N_("Yield"),
    "min_lag": N_("Waits at least"), "max_lag": N_("Waits at most"), "material": N_("Material"),
    "per_piece": N_("Amount a piece begun"), "per_good": N_("Amount a good piece"),
    "per_order": N_("Amount an order"), "order_specific": N_("Made for the order"),
    "tell": N_("Its maker is told"), "operation": N_("Operation"), "kind": N_("Kind"),
    "amount": N_("How much"), "rate": N_("Rate"), "quantity": N_("Quantity"),
    "selections": N_("Selection"), "measured": N_("Measures"), "bom": N_("Bill of materials"),
    "routing": N_("Route"), "price": N_("Price"), "drawing": N_("Drawing"), "plant": N_("Plant"),
    "slug": N_("Name in addresses"), "artwork": N_("Print zone"), "standard": N_("Usual upload"),
    "one_shade": N_("One shade lot"), "cancelling": N_("What cancelling costs, in percent"),
    "text_glyphs": N_("Letters that can be printed"),
    "good": N_("Good pieces"), "pieces_per_carton": N_("Pieces in a carton"),
    "kg_per_piece": N_("Kilograms a piece"), "cubic_metres_per_piece": N_("Cubic metres a piece"),
    "name": N_("Its name"), "help": N_("Help"), "why": N_("Sentence"), "text": N_("Sentence"),
    "blurb": N_("Introduction"), "title": N_("Title"), "order": N_("Order"), "code": N_("Code"),
    "packing": N_("Packing"),
}  # fmt: skip
"""What a field of the files is called in words."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is new, gone or different. `subject` is text or a text in every language, told after
    `role`; `label` names the field, `language` which of its texts; `before` and `after` are as written.
    """

    section: str
    kind: str
    role: str
    subject: Any
    label: str = ""
    language: str = ""
    before: str = ""
    after: str = ""


def compare(old: Family, new: Family) -> list[Change]:
    """Every difference, section by section; empty where both say the same."""
    found = [*_family(old, new), *_options(old, new), *_making(old, new)]
    found += _keyed("rules", N_("Rule"), _by(old.rules, "id"), _by(new.rules, "id"), _id)
    found += _keyed("price", N_("Price driver"), _by(old.price, "code"), _by(new.price, "code"), _named)
    found += _keyed("texts", N_("Note"), _by(old.notes, "id"), _by(new.notes, "id"), _id)
    found += _keyed("texts", N_("Picture"), _by(old.pictures, "name"), _by(new.pictures, "name"), _named)
    found += _keyed("cases", N_("Case"), _by(old.cases, "id"), _by(new.cases, "id"), _id)
    return sorted(found, key=lambda change: SECTIONS.index(change.section))


def _family(old: Family, new: Family) -> Iterator[Change]:
    alone = ("name", "blurb", "title", "drawing", "unit", "plant", "slug", "one_shade", "cancelling",
             "standard", "text_glyphs", "artwork")  # fmt: skip
    yield from _fields("formulas", N_("Family"), new.name, old, new, alone)
    yield from _fields("options", N_("Quantity"), "", old.quantity, new.quantity)
    yield from _keyed("texts", N_("Group"), _by(old.groups, "id"), _by(new.groups, "id"), _named)


def _options(old: Family, new: Family) -> Iterator[Change]:
    before, after = _by(old.options, "id"), _by(new.options, "id")
    yield from _keyed("options", N_("Option"), before, after, _named, ("values",))
    for id_ in before.keys() & after.keys():
        one, two = before[id_], after[id_]
        values = _keyed("values", N_("The value"), _by(one.values, "id"), _by(two.values, "id"), _named)
        yield from (_within(two.name, change) for change in values)


def _within(option: Mapping[str, str], change: Change) -> Change:
    """A value is told with its option."""
    names = change.subject
    if not isinstance(names, dict):
        subject: Any = option if not names else {la: f"{option[la]}: {names}" for la in LANGUAGES}
    else:
        subject = {language: f"{option[language]}: {names[language]}" for language in LANGUAGES}
    return Change(change.section, change.kind, change.role, subject, change.label, change.language,
                  change.before, change.after)  # fmt: skip


def _making(old: Family, new: Family) -> Iterator[Change]:
    a, b = old.making, new.making
    yield from _plain(N_("Constant"), a.constants, b.constants)
    yield from _plain(N_("Derived figure"), a.derived, b.derived)
    yield from _fields("formulas", N_("Family"), new.name, a, b, ("good",))
    yield from _fields("formulas", N_("Packing"), "", a.packing, b.packing)
    yield from _keyed("formulas", N_("Operation"), _by(a.routing, "code"), _by(b.routing, "code"), _named)
    yield from _keyed("formulas", N_("Material"), _by(a.bom, "material"), _by(b.bom, "material"), _material)


def _plain(role: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Figures with a name and nothing else."""
    for name in dict.fromkeys([*old, *new]):
        before, after = shown(old.get(name)), shown(new.get(name))
        if before != after:
            kind = ADDED if name not in old else REMOVED if name not in new else CHANGED
            yield Change("formulas", kind, role, name, before=before, after=after)


def _by(rows: Sequence[Any], key: str) -> dict[str, Any]:
    """By id; the second of the same material is told as `MATERIAL (2)`."""
    found: dict[str, Any] = {}
    for row in rows:
        id_ = getattr(row, key)
        same = sum(1 for name in found if name == id_ or name.startswith(f"{id_} ("))
        found[f"{id_} ({same + 1})" if same else id_] = row
    return found


def _named(id_: str, row: Any) -> Any:
    return row.name


def _id(id_: str, row: Any) -> Any:
    return id_


def _material(id_: str, row: Any) -> Any:
    return {language: f"{id_}, {row.name[language]}" for language in LANGUAGES}


def _keyed(
    section: str, role: str, old: dict[str, Any], new: dict[str, Any], subject: Any, leave: Sequence[str] = ()
) -> Iterator[Change]:
    """Rows known by an id: gone ones, new ones, and what differs in those that stayed."""
    for id_ in old:
        if id_ not in new:
            yield Change(section, REMOVED, role, subject(id_, old[id_]), before=_gist(old[id_]))
    for id_, row in new.items():
        if id_ not in old:
            yield Change(section, ADDED, role, subject(id_, row), after=_gist(row))
        else:
            yield from _fields(section, role, subject(id_, row), old[id_], row, leave=leave)
    stayed = [[id_ for id_ in rows if id_ in old and id_ in new] for rows in (old, new)]
    if stayed[0] != stayed[1]:
        yield Change(section, CHANGED, role, "", LABELS["order"], "", *(", ".join(x) for x in stayed))


def _gist(row: Any) -> str:
    """What matters most of a row that is new or gone."""
    for field in ("rule", "amount", "per_piece", "per_good", "per_order", "minutes_per_piece", "when"):
        if text := getattr(row, field, ""):
            return str(text)
    return ", ".join(value.id for value in getattr(row, "values", ()))


def _fields(
    section: str,
    role: str,
    subject: Any,
    old: BaseModel,
    new: BaseModel,
    only: Sequence[str] = (),
    leave: Sequence[str] = (),
) -> Iterator[Change]:
    for field in only or [name for name in type(new).model_fields if name not in leave]:
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        label = LABELS.get(field, field)
        if _is_text(before) or _is_text(after):
            yield from _texts(role, subject, label, before or {}, after or {})
        else:
            yield Change(section, CHANGED, role, subject, label, "", shown(before), shown(after))


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == set(LANGUAGES)


def _texts(
    role: str, subject: Any, label: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Change]:
    for language in LANGUAGES:
        one, two = before.get(language, ""), after.get(language, "")
        if one != two:
            kind = ADDED if not one else REMOVED if not two else CHANGED
            yield Change("texts", kind, role, subject, label, language, one, two)


def shown(value: Any) -> str:
    """A field of the files as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, BaseModel):
        return ", ".join(shown(part) for part in value.model_dump().values() if shown(part))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {shown(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(shown(part) for part in value)
    return str(value)
