"""Words in the reader's language: gettext catalogs of kernel, shell and modules, and event sentences.

A catalog is `locales/<locale>.po` beside the code whose sentences it translates; the English sentence is the
msgid. Folders are read once, at first use. Where two catalogs translate the same msgid the kernel's wins,
then the shell's, then the modules' by name, so that installing a module changes no other page.
"""

import gettext as _stdlib_gettext
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from cosmo.events import Payload
from cosmo.formats import LOCALES, clock, day, day_of, daytime, fullday, money, number, percent, shortday
from cosmo.registry import Registry, registry
from cosmo.stages import VERBS, Stage

__all__ = [
    "LOCALES",
    "N_",
    "add_locales",
    "catalog",
    "clock",
    "day",
    "day_of",
    "daytime",
    "fullday",
    "gettext",
    "money",
    "ngettext",
    "number",
    "percent",
    "pick",
    "say",
    "shortday",
    "stage_name",
    "translator",
    "untranslated",
]

_KERNEL = Path(__file__).parent / "locales"
_BETWEEN = {"zh": ""}
_added: list[Path] = []


def N_(msgid: str) -> str:
    """Marks a msgid that stands in data and is translated where it is shown."""
    return msgid


def add_locales(folder: Path) -> None:
    """Read catalogs from `folder` too; for packages above the kernel that are no module (the shell)."""
    if folder not in _added:
        _added.append(folder)


@dataclass(frozen=True, slots=True)
class Catalog:
    """One locale's translations: by msgid, and by (singular, plural) with one form per plural class."""

    single: dict[str, str] = field(default_factory=dict)
    plural: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    plural_class: Callable[[int], int] = field(default=lambda n: int(n != 1))


def catalog(locale: str) -> Catalog:
    """The merged catalog of `locale`; empty for English and for unknown locales."""
    return _merged(locale, registry(), tuple(_added))


@lru_cache(maxsize=64)
def _merged(locale: str, modules: Registry, added: tuple[Path, ...]) -> Catalog:
    merged = Catalog()
    folders = [_KERNEL, *added, *(p.locales for p in modules.parts.values() if p.locales is not None)]
    for path in (folder / f"{locale}.po" for folder in folders):
        if path.exists():
            merged = _with_file(merged, path)
    return merged


def _with_file(merged: Catalog, path: Path) -> Catalog:
    with path.open("rb") as file:
        messages = read_po(file, locale=path.stem, abort_invalid=True)
    for message in messages:
        match message.id, message.string:
            case (singular, plural), (str(), *_) as forms if all(forms):
                merged.plural.setdefault((singular, plural), tuple(forms))
            case str(msgid), str(text) if msgid and text:
                merged.single.setdefault(msgid, text)
    return Catalog(merged.single, merged.plural, _stdlib_gettext.c2py(messages.plural_expr))


class Sentence(str):
    """A sentence with values in it, for an error's `detail`: English as it stands, and `gettext` tells it to
    every reader in their language.

        raise Invalid(Sentence(N_("Only {open} is open on this order."), open=Decimal(5), currency="EUR"))

    Dates, numbers and, with a `currency`, Decimals are written as the reader does.
    """

    msgid: str
    values: Mapping[str, Any]

    def __new__(cls, msgid: str, /, **values: Any) -> "Sentence":
        made = super().__new__(cls, _filled(msgid, values, "en"))
        made.msgid, made.values = msgid, values
        return made


def _filled(text: str, values: Mapping[str, Any], locale: str) -> str:
    currency = values.get("currency")
    return text.format(**{name: _word(value, locale, "UTC", currency) for name, value in values.items()})


def gettext(locale: str, msgid: str, /, **values: Any) -> str:
    """`msgid` in `locale`, or itself where no translation is known; `values` fill its {fields}."""
    if isinstance(msgid, Sentence):
        return _filled(catalog(locale).single.get(msgid.msgid, msgid.msgid), msgid.values, locale)
    text = catalog(locale).single.get(msgid, msgid)
    return text.format(**values) if values else text


def ngettext(locale: str, singular: str, plural: str, n: int, /, **values: Any) -> str:
    """The form for `n` of something; {n} is filled with the number as `locale` writes it."""
    known = catalog(locale)
    forms = known.plural.get((singular, plural))
    text = forms[known.plural_class(n)] if forms else (singular if n == 1 else plural)
    return text.format(n=number(n, locale), **values)


def translator(locale: str) -> Callable[..., str]:
    """`_` for one reader: `_(msgid, **values)`."""

    def translate(msgid: str, /, **values: Any) -> str:
        return gettext(locale, msgid, **values)

    return translate


def pick(names: Mapping[str, str], locale: str) -> str:
    """One of several languages' texts (see cosmo.spec.Names), English where `locale` is missing."""
    return names.get(locale) or names.get("en", "")


def sentences(said: Iterable[str], locale: str) -> str:
    """Sentences one after the other; in Chinese nothing stands between them."""
    return _BETWEEN.get(locale, " ").join(said)


def untranslated(locale: str, msgids: Iterable[str]) -> list[str]:
    """Which of `msgids` have no translation; empty for English."""
    known = catalog(locale)
    seen = known.single.keys() | {singular for singular, _ in known.plural}
    return [] if locale == "en" else sorted(m for m in set(msgids) if m and m not in seen)


STAGE_NAMES: dict[Stage, str] = {
    Stage.DRAFT: N_("Draft"),
    Stage.QUOTED: N_("Quoted"),
    Stage.PLACED: N_("Ordered"),
    Stage.ENGINEERED: N_("Worked out"),
    Stage.SOURCED: N_("Material assured"),
    Stage.SCHEDULED: N_("Planned"),
    Stage.IN_PRODUCTION: N_("In the making"),
    Stage.PRODUCED: N_("Made"),
    Stage.SHIPPED: N_("On its way"),
    Stage.DELIVERED: N_("Delivered"),
    Stage.CLOSED: N_("Complete"),
    Stage.LAPSED: N_("Lapsed"),
    Stage.CANCELLED: N_("Cancelled"),
}
"""Stage -> its name for people (a msgid)."""

_TARGETS = {verb.event: verb.target for verb in VERBS.values()}


_ALWAYS_TRUE = frozenset({"quoted", "placed"})
"""Without their owner these still happen: at list price, through the API."""


def stage_name(stage: Stage | str, locale: str) -> str:
    """A stage's name for people."""
    return gettext(locale, STAGE_NAMES[Stage(stage)])


def say(payload: Payload, locale: str, tz: tzinfo | str) -> str:
    """An event's sentence for the customer; empty if the event is not told. `tz` is the plant's time zone."""
    if getattr(payload, "skipped", False) and payload.type not in _ALWAYS_TRUE:
        return gettext(
            locale, N_("Passed over here: {stage}."), stage=stage_name(_TARGETS[payload.type], locale)
        )
    currency = getattr(payload, "currency", None)
    words = {name: _word(value, locale, tz, currency) for name, value in payload.words().items()}
    return gettext(locale, payload.sentence).format(**words).strip()


def _word(value: Any, locale: str, tz: tzinfo | str, currency: str | None) -> str:
    """How one field reads: dates with their weekday, Decimals as money where the payload has a currency."""
    match value:
        case None:
            return ""
        case str():
            return gettext(locale, value)
        case datetime():
            return daytime(value, locale, tz)
        case date():
            return day(value, locale)
        case Decimal() if currency:
            return money(value, currency, locale)
        case bool():
            return str(value)
        case int() | float() | Decimal():
            return number(value, locale)
        case Mapping():
            return pick(value, locale)
        case list() | tuple():
            return ", ".join(_word(item, locale, tz, currency) for item in value)
    return str(value)
