"""Changes of an order that meet each other, a start, a forged signature, or a house without a module."""

import threading
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.asking import family_card
from cosmo.changing import ChangeMoved, change
from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.events import events_after
from cosmo.freezing import Frozen
from cosmo.placing import place_directly
from cosmo.ports import Ask
from cosmo.quoting import Requester
from modules.manufacturing.making import Act, NotStartable, start
from modules.manufacturing.models import JobOrder
from modules.marketing.lists import load_price_list
from seeds.files import FAMILIES, read_yaml
from tests.stories.changes import (
    MUGS,
    SECRET,
    ceramics,
    changed,
    everything,
    findings,
    jobs,
    make_until,
    mugs,
    needs,
    order_of,
    ordered,
    proposed,
    wish,
)
from tests.stories.workshop import ADA, HAMBURG


def test_of_two_changes_the_second_sees_the_first(either_database: Database) -> None:
    _, now = ceramics(either_database)
    order_id = ordered(either_database, now)
    shown = [proposed(either_database, order_id, now, outer_glaze=glaze) for glaze in ("ash", "cobalt")]
    done: list[object] = []

    def confirm(glaze: str, signature: str) -> None:
        def work(session: Session) -> object:
            return change(session, order_id, wish(outer_glaze=glaze), secret=SECRET, signature=signature,
                          actor="guest", now=now)  # fmt: skip

        try:
            done.append(either_database.retry(work))
        except ChangeMoved as moved:
            done.append(moved)

    both = [
        threading.Thread(target=confirm, args=(glaze, found.signature(SECRET)))
        for glaze, found in zip(("ash", "cobalt"), shown, strict=True)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    (lost,) = [one for one in done if isinstance(one, ChangeMoved)]
    won = next(one for one in done if not isinstance(one, ChangeMoved))
    assert lost.proposal.asked[0].selections == won.asked[1].selections, "shown anew, from what it is now"  # type: ignore[attr-defined]
    order = order_of(either_database, order_id)
    assert order.selections == won.asked[1].selections  # type: ignore[attr-defined]
    with either_database.read() as session:
        assert [e.type for e in events_after(session, order_id)].count("order-changed") == 1
        assert findings(either_database) == []


def test_a_change_and_a_start_at_once(either_database: Database) -> None:
    """Whoever is first: the glazing that begins is the one that is ordered."""
    _, now = ceramics(either_database)
    order_id = ordered(either_database, now)
    at = make_until(either_database, order_id, "glaze", running=False)
    shown = proposed(either_database, order_id, at, outer_glaze="cobalt")
    with either_database.read() as session:
        (glazing,) = [row.id for row in jobs(session, order_id) if row.code == "glaze"]
    outcomes: dict[str, object] = {}

    def begin() -> None:
        def work(session: Session) -> object:
            row = session.get_one(JobOrder, glazing)
            return start(session, [row], Act(at.business, "operator"), at)

        outcomes["start"] = _outcome(lambda: either_database.retry(work))

    def confirm() -> None:
        def work(session: Session) -> object:
            return change(session, order_id, wish(outer_glaze="cobalt"), secret=SECRET,
                          signature=shown.signature(SECRET), actor="guest", now=at)  # fmt: skip

        outcomes["change"] = _outcome(lambda: either_database.retry(work))

    both = [threading.Thread(target=begin), threading.Thread(target=confirm)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    began = not isinstance(outcomes["start"], Exception)
    changed_ = not isinstance(outcomes["change"], Exception)
    assert began != changed_, outcomes
    order = order_of(either_database, order_id)
    assert order.selections["outer_glaze"] == ("celadon" if began else "cobalt")
    if began:
        assert isinstance(outcomes["change"], Frozen)
    else:
        assert isinstance(outcomes["start"], NotStartable), "the place it named was given back"


def _outcome(work: Any) -> object:
    try:
        return work()
    except CosmoError as error:
        return error


@pytest.mark.parametrize("tamper", ["signature", "selections", "quantity", "secret", "empty"])
def test_only_what_was_shown_is_done(database: Database, tamper: str) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now)
    signature = proposed(database, order_id, now, 80, outer_glaze="ash").signature(SECRET)
    other = {
        "selections": {"outer_glaze": "oat", "quantity": 80},
        "quantity": {"outer_glaze": "ash", "quantity": 8},
    }
    asked = other.get(tamper, {"outer_glaze": "ash", "quantity": 80})
    given = {"signature": signature[:-1] + ("A" if signature[-1] != "A" else "B"), "empty": ""}.get(
        tamper, signature
    )
    secret = "y" * 32 if tamper == "secret" else SECRET
    before = everything(database, order_id)

    def confirm(signature: str, secret: str) -> None:
        with database.write() as session:
            change(
                session, order_id, wish(**asked), secret=secret, signature=signature, actor="guest", now=now
            )

    with pytest.raises(ChangeMoved) as moved:
        confirm(given, secret)
    assert everything(database, order_id) == before
    confirm(moved.value.proposal.signature(secret), secret)
    assert everything(database, order_id) != before, "the control: what is shown then can be done"


def test_dearer_meanwhile_is_shown_again(database: Database) -> None:
    plant, now = ceramics(database)
    order_id = ordered(database, now)
    shown = proposed(database, order_id, now, outer_glaze="ash")
    lines = read_yaml(FAMILIES / "mug" / "price.yaml")
    with database.write() as session:
        load_price_list(session, plant, "mug", [{**lines[0], "rate": "9.00"}, *lines[1:]], now)
    with pytest.raises(ChangeMoved) as moved, database.write() as session:
        change(session, order_id, wish(outer_glaze="ash"), secret=SECRET, signature=shown.signature(SECRET),
               actor="guest", now=now)  # fmt: skip
    assert moved.value.proposal.after.price.amount > shown.after.price.amount
    assert order_of(database, order_id).selections["outer_glaze"] == "celadon"


# Modules that are off


@pytest.mark.parametrize(
    "off", ["interaction", "logistics", "manufacturing", "marketing", "procurement", "service"]
)
def test_with_another_module_off(database: Database, off: str) -> None:
    _, now = ceramics(database, off)
    with database.write() as session:
        order_id = mugs(session, now).id
    made = changed(database, order_id, now, 80, outer_glaze="ash")
    assert made.difference > 0
    order = order_of(database, order_id)
    assert (order.quantity, order.selections["outer_glaze"]) == (80, "ash")
    with database.read() as session:
        (event,) = [e for e in events_after(session, order_id) if e.type == "order-changed"]
        assert event.payload["off"] == [n for n in ("manufacturing", "procurement") if n == off]
        assert bool(jobs(session, order_id)) is (off != "manufacturing")
        assert bool(needs(session, order_id)) is (off != "procurement")


def test_without_models_only_how_many(database: Database) -> None:
    _, now = ceramics(database, "rnd")
    with database.write() as session:
        ask = Ask("mug", {}, MUGS, HAMBURG)
        order_id = place_directly(session, ask, ADA, requester=Requester(session_id="s"), now=now).id
    with pytest.raises(CosmoError, match="only how many"):
        proposed(database, order_id, now, outer_glaze="ash")
    made = changed(database, order_id, now, 90)
    assert made.options == ("quantity",)
    with database.read() as session:
        (event,) = [e for e in events_after(session, order_id) if e.type == "order-changed"]
        assert event.payload["off"] == ["rnd"]
        assert {j.pieces for j in jobs(session, order_id) if j.position == 0}
        assert family_card(session, "mug").slug == "mug"
