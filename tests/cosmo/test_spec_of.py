"""An order's spec is read once a session, and again when it has changed."""

from sqlmodel import Session

from cosmo.orders import OrderSpec
from cosmo.parties import Plant
from cosmo.promise import spec_of
from tests.factories import make_order


def test_a_session_reads_a_spec_once_and_again_when_it_has_changed(session: Session, plant: Plant) -> None:
    order = make_order(session, plant)
    first = spec_of(session, order.id)
    assert spec_of(session, order.id) is first
    row = session.get_one(OrderSpec, order.id)
    row.spec = {**row.spec, "quantity": first.quantity + 1}
    assert spec_of(session, order.id).quantity == first.quantity + 1
    session.flush()
    session.rollback()


def test_what_another_has_written_is_read(session: Session, plant: Plant) -> None:
    order = make_order(session, plant)
    before = spec_of(session, order.id).quantity
    changed = f"UPDATE cosmo_order_spec SET spec = json_set(spec, '$.quantity', {before + 2})"
    session.connection().exec_driver_sql(f"{changed} WHERE order_id = '{order.id}'")
    session.expire_all()
    assert spec_of(session, order.id).quantity == before + 2
