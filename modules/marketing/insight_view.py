"""The insight of one seller's plants over a window, ready for the page, the API and a spreadsheet."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from babel.dates import format_skeleton
from sqlmodel import Session

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.demand_ports import ANOTHER
from cosmo.errors import NotFound
from cosmo.formats import day_of, number
from cosmo.i18n import N_, pick, translator
from cosmo.parties import Plant
from cosmo.ports import FamilyCard
from modules.marketing import insight
from modules.marketing.asked import Asked, asked
from modules.marketing.conflicts import Met, conflicts_met
from modules.marketing.insight import Group
from web.drawing.demand import round_ticks

FEW_WEEKS, MANY_WEEKS = 14, 27
"""So many columns carry a label each; beyond so many they carry no figure either."""
MOST_CONFLICTS = 12
MOST_WAYS = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """What the seller looks at: plants, families and how many days back."""

    plants: Sequence[Plant]
    cards: Sequence[FamilyCard]
    days: int

    @property
    def timezone(self) -> str:
        return self.plants[0].timezone if self.plants else "UTC"

    def first(self, now: Now) -> date:
        return day_of(insight.since(now, self.days), self.timezone)

    def today(self, now: Now) -> date:
        return day_of(now.business, self.timezone)


def quotes_of(session: Session, scope: Scope, now: Now) -> list[Asked]:
    families = {card.slug for card in scope.cards}
    found = asked(session, scope.plants, insight.since(now, scope.days))
    return [one for one in found if one.family in families]


@dataclass(frozen=True, slots=True)
class Words:
    """What one family's options, values and rules are called."""

    options: dict[str, str]
    values: dict[tuple[str, str], str]
    rules: dict[str, str]


def words_of(session: Session, card: FamilyCard, locale: str) -> Words:
    configurator = answerers_at(session, card.manufacturer_id).configurator
    told = configurator.describe(session, card.slug, locale)
    answer = configurator.answer(session, card.slug, {}, 1, locale)
    values = {(option, str(v.value)): v.label for option, vs in answer.domains.items() for v in vs}
    rules = {rule["id"]: rule["text"] for rule in told.get("rules", ())}
    return Words(defaultdict(str, {o["id"]: o["name"] for o in told["options"]}), values, rules)


def page(session: Session, scope: Scope, now: Now, locale: str) -> dict[str, Any]:
    """Everything the page draws."""
    quotes = quotes_of(session, scope, now)
    words = {card.slug: words_of(session, card, locale) for card in scope.cards}
    names = {card.slug: pick(card.name, locale) for card in scope.cards}
    weeks = insight.by_week(quotes, scope.first(now), scope.today(now))
    return {
        "all": insight.group("", quotes),
        "weeks": weeks,
        "chart": _chart(weeks, locale) if quotes else None,
        "families": [_named(g, names[g.key]) for g in insight.by_family(quotes)],
        "shares": _shares(quotes, locale),
        "conflicts": conflict_rows(session, scope, now, words, locale),
        "names": names,
        "demands": [_demand(session, card, scope, now, words[card.slug]) for card in scope.cards],
    }


SHARES = {
    "prices": (
        N_("By price"),
        N_("The price of a piece against the middle price of a piece of its family in this time."),
        insight.by_price,
    ),
    "days": (N_("By promised days"), N_("From the quote to the day promised."), insight.by_days),
    "wishes": (
        N_("By the day asked for"),
        N_("Only quotes that named a day: how far beyond it the promise was."),
        insight.by_wish,
    ),
}


def _shares(quotes: Sequence[Asked], locale: str) -> list[dict[str, Any]]:
    _ = translator(locale)
    return [
        {"id": key, "title": _(title), "how": _(how), "rows": [_named(g, _(g.key)) for g in banded(quotes)]}
        for key, (title, how, banded) in SHARES.items()
    ]


def _named(found: Group, words: str) -> dict[str, Any]:
    return {"words": words, "group": found, "few": found.share is None}


def _chart(weeks: Sequence[Group], locale: str) -> dict[str, Any]:
    most = max(week.quotes - week.replaced for week in weeks)
    return {
        "weeks": [_week(week, i, len(weeks), locale) for i, week in enumerate(weeks)],
        "ticks": [{"value": v, "label": number(v, locale)} for v in round_ticks(most)],
        "title": translator(locale)(N_("Quotes by week: ordered, still open and lost")),
    }


def _week(week: Group, at: int, of: int, locale: str) -> dict[str, Any]:
    every = -(-of // FEW_WEEKS)
    told = translator(locale)(
        N_("Week of {day}: {taken} ordered, {open} still open, {lost} lost"),
        day=week_words(week, locale), taken=week.taken, open=week.open, lost=week.lost,
    )  # fmt: skip
    figure = f"{week.taken}/{week.decided}" if week.decided and of <= MANY_WEEKS else ""
    return {
        "label": week_words(week, locale) if (of - 1 - at) % every == 0 else "",
        "firm": week.taken, "held": week.open, "likely": week.lost,
        "total": figure, "title": told,
    }  # fmt: skip


def week_words(week: Group, locale: str) -> str:
    """The Monday, without its year."""
    babel = {"zh": "zh_Hans_CN", "en": "en_GB"}.get(locale, locale)
    return str(format_skeleton("MMMd", date.fromisoformat(week.key), locale=babel))


def conflict_rows(
    session: Session, scope: Scope, now: Now, words: dict[str, Words], locale: str
) -> list[dict[str, Any]]:
    """Rules in words with what was chosen instead, most often met first."""
    plants = [plant.id for plant in scope.plants]
    met = conflicts_met(session, plants, list(words), scope.first(now))
    return [
        {"met": one, "rule": _rule(one, words[one.family]), "ways": _ways(one, words[one.family], locale)}
        for one in met
    ]


def _rule(met: Met, words: Words) -> str:
    """The rules' sentences; one that the family has no more is named by its number."""
    return " ".join(dict.fromkeys(words.rules.get(rule, rule) for rule in met.rule.split(", ")))


def _ways(met: Met, words: Words, locale: str) -> list[tuple[str, int]]:
    return [(_way(option, value, words, locale), times) for option, value, times in met.instead]


def _way(option: str, value: str, words: Words, locale: str) -> str:
    _ = translator(locale)
    name = words.options.get(option) or (_("quantity") if option == "quantity" else option)
    if value == ANOTHER:
        return _("another {option}", option=name)
    if not value:
        return _("{option} left out", option=name)
    return f"{name}: {words.values.get((option, value), value)}"


def _demand(session: Session, card: FamilyCard, scope: Scope, now: Now, words: Words) -> dict[str, Any]:
    """One family's choices grouped by option, most asked first."""
    counted = insight.demand(session, card.plant_id, card.slug, now, scope.days)
    options: dict[str, list[Any]] = {}
    for choice in counted.choices:
        options.setdefault(choice.option, []).append(choice)
    return {"card": card, "demand": counted, "options": options, "words": words}


# Spreadsheets

_GROUP = ("quotes", "taken", "lost", "replaced", "open")


def table(session: Session, scope: Scope, name: str, now: Now, locale: str) -> str:
    """One of the page's tables as CSV. Raises `NotFound`."""
    if name not in TABLES:
        raise NotFound(f"There is no such table; there are {', '.join(TABLES)}.")
    rows = TABLES[name](session, scope, now, locale)
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _groups(first: str, groups: Iterable[tuple[str, Group]]) -> list[Sequence[Any]]:
    rows = [(words, *(getattr(g, name) for name in _GROUP)) for words, g in groups]
    return [(first, *_GROUP), *rows]


def _weeks(session: Session, scope: Scope, now: Now, locale: str) -> list[Sequence[Any]]:
    weeks = insight.by_week(quotes_of(session, scope, now), scope.first(now), scope.today(now))
    return _groups("week", ((week.key, week) for week in weeks))


def _families(session: Session, scope: Scope, now: Now, locale: str) -> list[Sequence[Any]]:
    return _groups("family", ((g.key, g) for g in insight.by_family(quotes_of(session, scope, now))))


def _bands(name: str) -> Any:
    def rows(session: Session, scope: Scope, now: Now, locale: str) -> list[Sequence[Any]]:
        groups = SHARES[name][2](quotes_of(session, scope, now))
        return _groups(name, ((translator(locale)(g.key), g) for g in groups))

    return rows


def _conflicts(session: Session, scope: Scope, now: Now, locale: str) -> list[Sequence[Any]]:
    """A row for each rule, and one for each way out of it."""
    words = {card.slug: words_of(session, card, locale) for card in scope.cards}
    rows: list[Sequence[Any]] = [("family", "rule", "sentence", "instead", "times")]
    for row in conflict_rows(session, scope, now, words, locale):
        met = row["met"]
        rows.append((met.family, met.rule, row["rule"], "", met.times))
        rows += [(met.family, met.rule, row["rule"], way, times) for way, times in row["ways"]]
    return rows


def _options(session: Session, scope: Scope, now: Now, locale: str) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = [("family", "option", "value", "quoted", "ordered", "pieces")]
    for card in scope.cards:
        found = insight.demand(session, card.plant_id, card.slug, now, scope.days)
        rows += [(card.slug, c.option, c.value, c.quoted, c.ordered, c.pieces) for c in found.choices]
    return rows


TABLES = {
    "weeks": _weeks, "families": _families, "prices": _bands("prices"), "days": _bands("days"),
    "wishes": _bands("wishes"), "conflicts": _conflicts, "options": _options,
}  # fmt: skip
