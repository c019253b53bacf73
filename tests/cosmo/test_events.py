"""The event log: one payload type per event type, nothing personal in it, hidden from whom it must be."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from cosmo.errors import Invalid
from cosmo.events import AUDIENCES, PAYLOADS, Event, Payload, events_after, payload_of, register, scrubbed
from cosmo.payloads import KERNEL_PAYLOADS, Placed, Quoted
from cosmo.stages import VERBS, Stage
from tests.factories import NOW, PROMISED, make_order, make_plant, walk


class Secretive(Payload):
    type: ClassVar[str] = "test-secretive"
    sentence: ClassVar[str] = "Something happened."
    audiences: ClassVar[frozenset[str]] = frozenset({"customer", "plant", "supplier"})
    hidden: ClassVar[dict[str, frozenset[str]]] = {
        "supplier": frozenset({"margin"}),
        "customer": frozenset({"margin"}),
    }

    what: str
    margin: Decimal


def event_of(payload: Payload) -> Event:
    return Event(
        order_id="o",
        seq=1,
        type=payload.type,
        payload=payload.model_dump(mode="json"),
        actor="ada",
        event_time=NOW.business,
        record_time=NOW.wall,
    )


def test_every_verb_has_a_payload_and_a_sentence() -> None:
    assert {verb.event for verb in VERBS.values()} <= PAYLOADS.keys()
    assert all(payload.sentence for payload in KERNEL_PAYLOADS)
    assert all(payload.audiences <= set(AUDIENCES) for payload in KERNEL_PAYLOADS)


def test_a_type_belongs_to_one_class() -> None:
    register(Placed, Placed)

    class Other(Payload):
        type: ClassVar[str] = "placed"

    with pytest.raises(ValueError, match="'placed' is registered twice"):
        register(Other)


def test_payloads_are_frozen_and_take_nothing_else() -> None:
    placed = Placed(promised_date=PROMISED)
    with pytest.raises(ValidationError):
        Placed.model_validate({"promised_date": "2026-06-26", "customer_name": "Ada"})
    with pytest.raises(ValidationError):
        placed.promised_date = date(2030, 1, 1)


def test_a_stored_payload_reads_as_it_was() -> None:
    quoted = Quoted(promised_date=PROMISED, price=Decimal("9.50"), currency="EUR", held=False)
    assert payload_of(event_of(quoted)) == quoted


def test_scrubbing_hides_fields_and_whole_events() -> None:
    register(Secretive)
    event = event_of(Secretive(what="x", margin=Decimal("0.4")))
    assert scrubbed(event, "plant") == {"what": "x", "margin": "0.4"}
    assert scrubbed(event, "supplier") == scrubbed(event, "customer") == {"what": "x"}
    assert scrubbed(event, "carrier") is None


def test_events_after_a_number(session: Session) -> None:
    order = make_order(session, make_plant(session))
    walk(session, order.id, Stage.SCHEDULED)
    assert [event.seq for event in events_after(session, order.id, 2)] == [3, 4, 5]
    assert [event.seq for event in events_after(session, order.id, 0, limit=2)] == [1, 2]
    assert events_after(session, order.id, 99) == []
    with pytest.raises(Invalid):
        events_after(session, order.id, -1)
