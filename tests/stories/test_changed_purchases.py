"""What suppliers see of a changed order: called off, bought anew, or left as it is; never pegged twice."""

from decimal import Decimal

import pytest
from sqlmodel import Session, select

from cosmo import ledger
from cosmo.cancelling import cancel
from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.orders import OrderSpec
from cosmo.relay import drain
from modules.procurement.models import LineState, Material, Need, PurchaseLine
from tests.modules.procurement.shop import check_books
from tests.stories.changes import (
    ceramics,
    changed,
    findings,
    jobs,
    needs,
    ordered,
    proposed,
)


def decals(session: Session, order_id: str) -> list[PurchaseLine]:
    query = select(PurchaseLine).where(PurchaseLine.order_id == order_id)
    return list(session.exec(query.order_by(PurchaseLine.id)))


def test_what_was_bought_for_it_alone_is_called_off_and_bought_anew(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", personal_name="Ada")
    with database.write() as session:
        (line,) = decals(session, order_id)
        line.state = LineState.CONFIRMED
    made = changed(database, order_id, now, personal_name="Zoe")
    assert made.suppliers
    with database.read() as session:
        first, second = decals(session, order_id)
        assert (first.state, first.open) == (LineState.WITHDRAWN, False)
        assert (second.state, second.quantity) == (LineState.ASKED, first.quantity)
    changed(database, order_id, now, decoration="none", personal_name="")
    with database.read() as session:
        assert {line.open for line in decals(session, order_id)} == {False}
        assert "decal_apply" not in {j.code for j in jobs(session, order_id)}


def test_a_change_that_tells_the_maker_nothing_new_leaves_the_purchase(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", personal_name="Ada")
    made = changed(database, order_id, now, outer_glaze="milk")
    with database.read() as session:
        (line,) = decals(session, order_id)
        assert line.open
        (glaze,) = session.exec(select(Material.supplier_id).where(Material.code == "LU-GLAZE-MILK"))
        assert glaze is not None
    assert len(made.suppliers) == 1, "the glaze's, not the decals'"


def test_what_is_on_its_way_stays_what_it_was(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", personal_name="Ada")
    with database.write() as session:
        (line,) = decals(session, order_id)
        line.state = LineState.ANNOUNCED
    with pytest.raises(CosmoError, match="on its way already") as refused:
        proposed(database, order_id, now, personal_name="Zoe")
    assert refused.value.type == "made-already"
    assert proposed(database, order_id, now, packaging="gift"), "the control"


def test_stock_is_free_again_and_never_pegged_twice(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, 700)
    for choices in (
        {"outer_glaze": "ash"},
        {"quantity": 90},
        {"body": "bone", "quantity": 300},
        {"gold_rim": "yes"},
    ):
        changed(database, order_id, now, **choices)
        with database.read() as session:
            check_books(session)
            open_needs = session.exec(select(Need).where(Need.order_id == order_id)).all()
            spec = session.get_one(OrderSpec, order_id).spec
            assert len(open_needs) == len({(b["material"], b["operation"]) for b in spec["bom"]})


def test_cancelling_a_changed_order_gives_everything_back(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now)
    changed(database, order_id, now, 90, gold_rim="yes")
    with database.write() as session:
        cancel(session, order_id, reason="customer", actor="test", now=now)
    drain(database)
    with database.read() as session:
        assert jobs(session, order_id) == []
        assert needs(session, order_id) == {}
        assert findings(database) == []
        assert ledger.total(session, order_id, "charge") > Decimal(0)
