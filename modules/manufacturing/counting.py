"""The counting form on the tablet: what was typed in it, and which of its numbers cannot be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cosmo.i18n import N_, gettext
from modules.manufacturing.work import Work

RANGE = N_("A whole number from {least} to {most}.")
NOTHING_RECORDED = N_("Nothing is recorded yet. {what}: a whole number from {least} to {most}.")
LABELS = {"good": N_("Good"), "scrap": N_("Scrap")}
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Counted:
    """What came back with the form: its `step`, what was `typed` by field, what is `wrong` by field, and the
    first of that as a sentence that can stand alone."""

    step: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""


def is_count(value: str) -> bool:
    """Digits only, and no more of them than any lot has."""
    return value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS


def counted(text: Mapping[str, str], work: Work | None, locale: str) -> Counted:
    """The form as it was sent, if it counts what the station shows; nothing is typed otherwise."""
    step = "scrap" if text.get("action") == "scrap" else "count"
    limits = dict(_limits(work, step)) if work else {}
    if work is None or not _is_about(text, work) or not limits.keys() & text.keys():
        return Counted()
    wrong, sentence = {}, ""
    for name, (least, most) in limits.items():
        value = text.get(name, str(least)).strip() or ("0" if name.startswith("scrap_") else "")
        if is_count(value) and least <= int(value) <= most:
            continue
        values = {"least": least, "most": most}
        wrong[name] = gettext(locale, RANGE, **values)
        what = gettext(locale, LABELS[name.partition("_")[0]])
        sentence = sentence or gettext(locale, NOTHING_RECORDED, what=what, **values)
    return Counted(step, text, wrong, sentence)


def _is_about(text: Mapping[str, str], work: Work) -> bool:
    """A firing is known by its planned start until it is lit, so its lots say as much as its name."""
    lots = {row.id for row, _ in work.rows}
    named = {name.removeprefix("scrap_") for name in text}
    return text.get("job") in lots or text.get("firing") == work.firing or bool(named & lots)


def _limits(work: Work, step: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each field's name, and the least and the most it takes."""
    if step == "scrap":
        yield "scrap", (1, work.pieces)
        return
    yield "good", (0, work.row.pieces)
    for row, _ in work.rows:
        yield f"scrap_{row.id}", (0, row.pieces)
