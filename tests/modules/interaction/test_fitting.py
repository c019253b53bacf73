"""The nearest configuration that fits a day or a budget is what trying everything finds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from sqlmodel import Session

from cosmo import fitting_search
from cosmo.asking import Answerers, answerers_at, family_card
from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.errors import Conflict, CosmoError
from cosmo.fitting import MOST, WITHIN, Aim, Fit, Nearest, fitting
from cosmo.fitting_choices import changed, fewer, other_choices
from cosmo.once import kept
from cosmo.parties import PartyKind, Plant
from cosmo.ports import Answer, Ask, ShipTo
from cosmo.promise import Offer, offer
from cosmo.registry import Registry
from modules import interaction, logistics, marketing, rnd, service
from modules.logistics.models import CarrierService
from modules.marketing.lists import load_price_list
from modules.rnd.releases import load_families
from seeds.files import read_yaml
from tests.factories import make_party, make_plant
from tests.modules.interaction.conftest import MUGS

BERLIN = ShipTo(city="Berlin", postal_code="10115", country="DE")
CABINETS = MUGS.parent / "cabinet"
LIT = {"drawers": "3", "led": "strip", "transformer": "w20", "front": "shaker", "carcass": "oak"}
NAMED = {"decoration": "decal", "print_zone": "front", "personal_name": "Ada"}
UNTOUCHED = {
    "shape", "handle", "inner_glaze", "outer_glaze", "backstamp", "packaging", "colour", "drawer_load",
}  # fmt: skip
"""Options that nobody would change here: fewer are tried in full."""
Changes = frozenset[tuple[str, Any]]


@dataclass(frozen=True)
class Row:
    """One configuration that can be made: what is changed, what it costs, when it comes."""

    changes: Changes
    amount: Decimal
    day: date

    @property
    def options(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.changes)

    @property
    def rank(self) -> tuple[int, Decimal, date]:
        return len(self.changes), self.amount, self.day


@pytest.fixture(autouse=True)
def five_modules(modules: Callable[..., Registry]) -> None:
    modules(interaction.module, rnd.module, marketing.module, service.module, logistics.module)


@pytest.fixture
def shop(database: Database, priced: Plant) -> None:
    """Mugs and cabinets with their prices, brought by a van or, dearer, by an express."""
    with database.write() as session:
        cabinets = make_plant(session, slug="hansa-cabinets", name="Hansa", city="Hamburg", country="DE")
        now = read_now(session)
        load_families(session, CABINETS, cabinets, now.wall)
        load_price_list(session, cabinets, "cabinet", read_yaml(CABINETS / "price.yaml"), now)
        for plant in (priced, cabinets):
            give_services(session, plant)


def give_services(session: Session, plant: Plant) -> None:
    carrier = make_party(session, PartyKind.CARRIER, "Swift")
    for code, days, base in (("van", 3, "12"), ("express", 1, "45")):
        zones = {"domestic": {"days": days, "base": base, "per_kg": "0.2"}}
        name = {"en": code.title()}
        row = CarrierService(
            plant_id=plant.id,
            carrier_id=carrier.id,
            code=code,
            name=name,
            standard=code == "van",
            zones=zones,
        )
        session.add(row)


@dataclass(frozen=True)
class Chosen:
    """A selection with its answer, and everything that one or two changes make of it."""

    session: Session
    answerers: Answerers
    plant_id: str
    base: Offer
    answer: Answer

    def fit(self, aim: Aim, **bound: int) -> Any:
        now = read_now(self.session)
        return fitting(
            self.session, self.answerers, self.plant_id, self.base, self.answer, aim, now,
            bound=replace(WITHIN, **bound),
        )  # fmt: skip


def chosen(session: Session, family: str, extra: Mapping[str, Any], quantity: int) -> Chosen:
    card = family_card(session, family)
    answerers = answerers_at(session, card.manufacturer_id)
    selections = {**card.defaults, **extra}
    answer = answerers.configurator.answer(session, family, selections, quantity, "en")
    assert answer.complete
    assert not answer.conflicts
    domains = {name: values for name, values in answer.domains.items() if name not in UNTOUCHED}
    ask = Ask(family, selections, quantity, BERLIN, locale="en")
    base = offer(session, answerers, card.plant_id, ask, read_now(session))
    return Chosen(session, answerers, card.plant_id, base, replace(answer, domains=domains))


def everything(one: Chosen) -> list[Row]:
    """What is chosen, and every configuration with one or two changes that can be made, asked for in full."""
    singles = list(changes_of(one))
    pairs = ((a, b) for a, b in combinations(singles, 2) if a[0] != b[0])
    with kept(one.session):
        made = [row_of(one, some) for some in [(), *((a,) for a in singles), *pairs]]
    return [row for row in made if row is not None]


def changes_of(one: Chosen) -> Iterator[tuple[str, Any]]:
    selections = one.base.ask.selections
    for option, values in one.answer.domains.items():
        yield from ((option, v.value) for v in values if v.value != selections.get(option))
    yield from ((option, "") for option in one.answer.inputs if selections.get(option))
    yield from (("quantity", count) for count in fewer(one.base.ask.quantity))
    yield "service", "express"


def row_of(one: Chosen, changes: Sequence[tuple[str, Any]]) -> Row | None:
    told = dict(changes)
    try:
        made = offer(
            one.session, one.answerers, one.plant_id, changed(one.base.ask, told), read_now(one.session),
            service=told.get("service"),
        )  # fmt: skip
    except CosmoError:
        return None
    return Row(frozenset(changes), made.price.amount, made.promise.delivery_date)


def best(rows: Sequence[Row], aim: Aim) -> list[Row]:
    """By the definition: no change that is not needed, no piece fewer than needed, one for every set."""
    fits = [row for row in rows if aim.affords(row.amount) and aim.waits_for(row.day)]
    needed = [row for row in fits if not any(is_nearer(other, row) for other in fits)]
    of_set: dict[frozenset[str], Row] = {}
    for row in sorted(needed, key=lambda row: row.rank):
        of_set.setdefault(row.options, row)
    return list(of_set.values())[:MOST]


def is_nearer(one: Row, other: Row) -> bool:
    """`one` does with fewer of the other's changes, or with the same and more pieces."""
    mine, its = dict(one.changes), dict(other.changes)
    if one == other or not mine.keys() <= its.keys():
        return False
    more = mine.get("quantity", 0) >= its.get("quantity", 0)
    rest = all(its[name] == value for name, value in mine.items() if name != "quantity")
    return rest and ("quantity" not in mine or more)


def as_row(fit: Fit) -> Row:
    return Row(frozenset(fit.changes.items()), fit.price.amount, fit.promise.delivery_date)


def aims(base: Offer) -> Iterator[Aim]:
    amount, day = base.price.amount, base.promise.delivery_date
    slightly, much = round(amount * Decimal("0.85")), round(amount * Decimal("0.6"))
    yield from (Aim(budget=Decimal(budget)) for budget in (slightly, much))
    yield Aim(needed_by=day - timedelta(days=1))
    yield Aim(day - timedelta(days=1), Decimal(slightly))
    yield Aim(day - timedelta(days=2), amount)


CASES: dict[str, tuple[str, Mapping[str, Any], int]] = {
    "plain": ("cabinet", {}, 4),
    "lit": ("cabinet", LIT, 6),
    "named": ("mug", NAMED, 24),
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("case", CASES)
def test_it_is_what_trying_everything_finds(database: Database, case: str) -> None:
    with database.read() as session:
        one = chosen(session, *CASES[case])
        rows = everything(one)
        found = 0
        for aim in aims(one.base):
            fit = one.fit(aim)
            assert fit.whole
            assert [as_row(some).rank for some in fit.found] == [row.rank for row in best(rows, aim)], aim
            assert {as_row(some) for some in fit.found} <= set(rows)
            found += len(fit.found)
    assert found > len(list(aims(one.base))), "otherwise hardly anything was compared"


@pytest.mark.usefixtures("shop")
def test_a_search_that_overlooks_something_is_seen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison's own control: without the express, and without what needs another change as well."""
    with database.read() as session:
        one = chosen(session, *CASES["named"])
        rows = everything(one)
        aim = Aim(one.base.promise.delivery_date - timedelta(days=1))
        expected = [row.rank for row in best(rows, aim)]
        assert ranks(one, aim) == expected
        with monkeypatch.context() as patched:
            patched.setattr(
                fitting_search,
                "other_choices",
                lambda *a: [c for c in other_choices(*a) if c[0] != "service"],
            )
            assert ranks(one, aim) != expected
        with monkeypatch.context() as patched:
            patched.setattr(fitting_search, "freed_by", lambda refusal: frozenset())
            assert ranks(one, aim) != expected


def ranks(one: Chosen, aim: Aim) -> list[tuple[int, Decimal, date]]:
    return [as_row(some).rank for some in one.fit(aim).found]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("case", "days", "share"), [("named", 3, None), ("lit", 0, Decimal("0.2"))])
def test_where_no_two_do_three_are_found_and_each_is_needed(
    database: Database, case: str, days: int, share: Decimal | None
) -> None:
    with database.read() as session:
        one = chosen(session, *CASES[case])
        day, amount = one.base.promise.delivery_date, one.base.price.amount
        aim = Aim(day - timedelta(days=days) if days else None, share and round(amount * share))
        assert best(everything(one), aim) == [], "no one and no two"
        fit = one.fit(aim)
        assert 1 <= len(fit.found) <= MOST
        assert fit.whole
        assert not fit.nearest
        for found in fit.found:
            assert len(found.changes) == 3
            really = row_of(one, [*found.changes.items()])
            assert really == as_row(found)
            assert aim.affords(really.amount)
            assert aim.waits_for(really.day)


@pytest.mark.usefixtures("shop")
def test_where_nothing_fits_the_nearest_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compared with all that one and two changes make."""
    monkeypatch.setattr(fitting_search.Search, "three_changes", lambda self, most: [])
    with database.read() as session:
        one = chosen(session, *CASES["lit"])
        rows = everything(one)
        first, least = min(row.day for row in rows), min(row.amount for row in rows)
        too_soon, too_little = first - timedelta(days=1), least - 1
        by_day, by_price = one.fit(Aim(too_soon)), one.fit(Aim(budget=too_little))
        both = one.fit(Aim(too_soon, too_little))
        affordable = one.fit(Aim(too_soon, least))
        in_time = one.fit(Aim(first, too_little))
        soonest = min(row.amount for row in rows if row.day == first)
    assert not any(fit.found for fit in (by_day, by_price, both, affordable, in_time))
    assert [(kind, fit.promise.delivery_date) for kind, fit in by_day.nearest.items()] == [
        (Nearest.EARLIEST, first)
    ]
    assert [(kind, fit.price.amount) for kind, fit in by_price.nearest.items()] == [(Nearest.CHEAPEST, least)]
    assert both.nearest.keys() == {Nearest.CHEAPEST, Nearest.EARLIEST}
    assert affordable.nearest[Nearest.EARLIEST_IN_BUDGET].price.amount <= least
    assert in_time.nearest[Nearest.CHEAPEST_IN_TIME].promise.delivery_date == first
    assert in_time.nearest[Nearest.CHEAPEST_IN_TIME].price.amount == soonest


@pytest.mark.usefixtures("shop")
def test_the_best_there_is_is_told_once(database: Database) -> None:
    """Bug: the earliest day of all was told once more as the earliest within the budget."""
    with database.read() as session:
        one = chosen(session, *CASES["plain"])
        day, amount = one.base.promise.delivery_date, one.base.price.amount
        roomy = one.fit(Aim(day - timedelta(days=9), amount * 2))
        dear = one.fit(Aim(day, Decimal(1)))
    assert roomy.nearest.keys() == {Nearest.EARLIEST}
    assert dear.nearest.keys() == {Nearest.CHEAPEST}


@pytest.mark.usefixtures("shop")
def test_what_fits_already_is_left_as_it_is(database: Database) -> None:
    with database.read() as session:
        one = chosen(session, *CASES["plain"])
        fit = one.fit(Aim(one.base.promise.delivery_date, one.base.price.amount))
    assert [dict(some.changes) for some in fit.found] == [{}]
    assert fit.found[0].price == one.base.price


@pytest.mark.usefixtures("shop")
def test_where_the_plant_cannot_say_for_the_day_the_soonest_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bug: the whole answer was an error."""

    def refused(*_: object, **_more: object) -> Offer:
        raise Conflict("No carrier goes there.")

    monkeypatch.setattr(fitting_search, "offer", refused)
    with database.read() as session:
        one = chosen(session, *CASES["plain"])
        fit = one.fit(Aim(one.base.promise.delivery_date + timedelta(days=9)))
    assert [some.promise for some in fit.found] == [one.base.promise]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("bound", [{"tried": 5}, {"dated": 1}])
def test_it_says_where_it_did_not_look(database: Database, bound: dict[str, int]) -> None:
    with database.read() as session:
        one = chosen(session, *CASES["plain"])
        aim = Aim(one.base.promise.delivery_date - timedelta(days=9))
        assert not one.fit(aim, **bound).whole
        assert one.fit(aim).whole


def test_smaller_quantities_are_round() -> None:
    assert fewer(1) == []
    assert fewer(4) == [3, 2, 1]
    assert fewer(24) == [22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2]
    assert fewer(240)[:2] == [220, 200]
    assert all(len(fewer(count)) <= 12 and max(fewer(count)) < count for count in range(2, 3000))
