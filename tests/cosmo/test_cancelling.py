"""What cancelling costs: nothing until materials are ordered, then what is spent, line by line."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from cosmo import cancelling
from cosmo.cancelling import TooLate, cost_of_cancelling, stated_terms
from cosmo.defaults import ByStage, NothingNamed
from cosmo.i18n import gettext
from cosmo.orders import Order, OrderSpec
from cosmo.parties import Plant
from cosmo.stages import Stage
from tests.factories import MONDAY, NOW, make_order, walk

ROUTE = ("form", "fire", "pack")


def ordered(session: Session, plant: Plant, stage: Stage, price: str = "100.00") -> Order:
    """An order of three operations at this stage."""
    order = make_order(session, plant, price_amount=Decimal(price))
    row = session.get_one(OrderSpec, order.id)
    (step, *_) = row.spec["routing"]
    route = [{**step, "code": code, "name": {"en": code.title(), "de": code.upper()}} for code in ROUTE]
    row.spec = {**row.spec, "routing": route}
    session.add(row)
    session.flush()
    return walk(session, order.id, stage)


def lines(session: Session, order: Order) -> list[tuple[str, str]]:
    cost = cost_of_cancelling(session, order)
    assert cost.fee == sum((line.amount for line in cost.lines), Decimal(0))
    return [(gettext("en", line.text), str(line.amount)) for line in cost.lines]


def begun(monkeypatch: pytest.MonkeyPatch, *codes: str) -> None:
    """These operations have begun."""

    def answer(self: Any, session: Session, order_id: str) -> Mapping[str, datetime]:
        return dict.fromkeys(codes, MONDAY)

    monkeypatch.setattr(ByStage, "begun", answer)


def terms(monkeypatch: pytest.MonkeyPatch, **percent: int) -> None:
    """The family's files say so."""

    def answer(self: Any, session: Session, family: str, release: str | None) -> Mapping[str, Decimal]:
        return {code: Decimal(value) for code, value in percent.items()}

    monkeypatch.setattr(NothingNamed, "spent", answer)


@pytest.mark.parametrize("stage", [Stage.PLACED, Stage.ENGINEERED])
def test_until_materials_are_ordered_it_costs_nothing(session: Session, plant: Plant, stage: Stage) -> None:
    cost = cost_of_cancelling(session, ordered(session, plant, stage))
    assert (cost.fee, cost.lines) == (Decimal(0), ())


def test_then_they_and_each_operation_as_it_begins(
    session: Session, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    materials = ("Materials are ordered", "10.00")
    assert lines(session, ordered(session, plant, Stage.SCHEDULED)) == [materials]
    order = ordered(session, plant, Stage.IN_PRODUCTION)
    begun(monkeypatch, "form")
    assert lines(session, order) == [materials, ("“Form” has begun", "16.67")]
    begun(monkeypatch, "fire")
    assert lines(session, order) == [materials, ("“Form” has begun", "16.67"), ("“Fire” has begun", "16.66")]
    begun(monkeypatch)
    assert cost_of_cancelling(session, order).fee == Decimal(60), "begun, and nobody tells how far"


def test_what_a_family_names_is_what_it_costs(
    session: Session, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms(monkeypatch, materials=25, fire=70, pack=20)
    order = ordered(session, plant, Stage.IN_PRODUCTION, "80.00")
    begun(monkeypatch, "form")
    assert lines(session, order) == [("Materials are ordered", "20.00")]
    begun(monkeypatch, "fire")
    assert lines(session, order)[-1] == ("“Fire” has begun", "56.00")
    begun(monkeypatch, "pack")
    assert lines(session, order)[-1] == ("“Pack” has begun", "4.00"), "never more than the price"
    stated = [(gettext("de", one.when), one.percent) for one in stated_terms(session, order)]
    assert stated == [("Bis Material bestellt ist", 0), ("Sobald Material bestellt ist", 25),
                      ("Sobald „FIRE“ begonnen hat", 95), ("Sobald „PACK“ begonnen hat", 100)]  # fmt: skip


def test_what_was_shown_is_what_is_kept(
    session: Session, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ordered(session, plant, Stage.IN_PRODUCTION)
    begun(monkeypatch, "form")
    shown = cost_of_cancelling(session, order)
    event = cancelling.cancel(session, order.id, reason="customer", actor="test", now=NOW)
    assert Decimal(event.payload["fee"]) == shown.fee == Decimal("26.67")


def test_once_all_is_made_it_is_too_late(session: Session, plant: Plant) -> None:
    with pytest.raises(TooLate):
        cost_of_cancelling(session, ordered(session, plant, Stage.PRODUCED))
