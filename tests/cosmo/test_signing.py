"""A quote's signature vouches for what a customer agrees to: any change of it makes another signature."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.db import Database
from cosmo.orders import Order, OrderSpec
from cosmo.placing import Customer, place
from cosmo.ports import Ask
from cosmo.quoting import Requester, quote
from cosmo.settings import WrongSetting, read_settings
from cosmo.signing import NotAsSigned, Signed, is_signed, signature
from cosmo.stages import Stage
from tests.factories import NOW, make_plant, make_standard_product

SECRET = "s" * 32
ADA = Customer("Ada", "ada@example.test")
GUEST = Requester(session_id="s1")


def quoted(session: Session, family: str = "cup") -> Order:
    make_standard_product(session, make_plant(session), family)
    chosen = {"glaze": "cobalt", "height": 12.5, "gold": True, "name": "Zoë 李"}
    return quote(session, Ask(family, chosen, 5, pieces=({"name": "Mia"},)), requester=GUEST, now=NOW)


def test_it_is_the_same_when_the_quote_is_read_again(either_database: Database) -> None:
    with either_database.write() as session:
        order = quoted(session)
        made, order_id = signature(session, SECRET, order), order.id
    assert len(made) == 43
    with either_database.read() as session:
        order = session.get_one(Order, order_id)
        assert is_signed(session, SECRET, order, made)
        assert not is_signed(session, "t" * 32, order, made), "another site's secret"


def _spec(session: Session, order: Order) -> None:
    row = session.get_one(OrderSpec, order.id)
    row.spec = {**row.spec, "mass_kg": "6"}


def _expiry(session: Session, order: Order) -> None:
    assert order.quote_expires_at is not None
    order.quote_expires_at += timedelta(microseconds=1)


def _promise(session: Session, order: Order) -> None:
    assert order.promised_date is not None
    order.promised_date -= timedelta(days=1)


def _set(name: str, value: Any) -> Callable[[Session, Order], None]:
    return lambda _session, order: setattr(order, name, value)


TERMS: dict[str, Callable[[Session, Order], None]] = {
    "price": lambda _, order: setattr(order, "price_amount", order.price_amount - Decimal("0.01")),
    "currency": _set("price_currency", "USD"),
    "lines": _set("price_lines", []),
    "promise": _promise,
    "expiry": _expiry,
    "quantity": _set("quantity", 6),
    "selections": _set("selections", {"glaze": "cobalt", "height": 12.5, "gold": True, "name": "Zoe 李"}),
    "pieces": _set("pieces", [{"name": "Mio"}]),
    "family": _set("family", "bowl"),
    "release": _set("release", "cup-2"),
    "spec": _spec,
}


@pytest.mark.parametrize("term", TERMS)
def test_every_term_is_under_it(session: Session, term: str) -> None:
    order = quoted(session)
    made = signature(session, SECRET, order)
    TERMS[term](session, order)
    session.flush()
    assert not is_signed(session, SECRET, order, made)
    with pytest.raises(NotAsSigned):
        Signed(SECRET, {order.id: made}).check(session, [order])


def test_what_nobody_agrees_to_is_not_under_it(session: Session) -> None:
    """The control: not every change of the row is a change of the quote."""
    order = quoted(session)
    made = signature(session, SECRET, order)
    order.locale, order.tracking_token, order.seq = "de", "other", 9
    assert is_signed(session, SECRET, order, made)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: "",
        lambda s: s[:-1],
        lambda s: s + "=",
        lambda s: s.swapcase(),
        lambda s: f" {s}",
        lambda s: "Ä" * 43,
        lambda s: "\ud800" * 43,
        lambda s: "\x00",
        lambda s: s * 1000,
    ],
)
def test_nothing_else_passes_for_it(session: Session, change: Callable[[str], str]) -> None:
    order = quoted(session)
    assert not is_signed(session, SECRET, order, change(signature(session, SECRET, order)))


def test_only_what_was_signed_is_placed(session: Session) -> None:
    order = quoted(session)
    made, other = signature(session, SECRET, order), quoted(session, "bowl")
    wrong = ({}, {order.id: "x"}, {order.id: signature(session, SECRET, other)}, {other.id: made})
    for given in wrong:
        with pytest.raises(NotAsSigned):
            place(session, [order.id], ADA, requester=GUEST, now=NOW, signed=Signed(SECRET, given))
        assert order.stage == Stage.QUOTED
    place(session, [order.id], ADA, requester=GUEST, now=NOW, signed=Signed(SECRET, {order.id: made}))
    assert order.stage == Stage.PLACED


def test_a_quote_that_was_made_cheaper_behind_the_back_is_not_placed(session: Session) -> None:
    order = quoted(session)
    signed = Signed(SECRET, {order.id: signature(session, SECRET, order)})
    order.price_amount -= Decimal(1)
    session.flush()
    with pytest.raises(NotAsSigned):
        place(session, [order.id], ADA, requester=GUEST, now=NOW, signed=signed)
    place(session, [order.id], ADA, requester=GUEST, now=NOW)  # the control: it is the signature that refuses
    assert order.stage == Stage.PLACED


# The secret


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = read_settings({"COSMO_HOME": str(tmp_path)})
    again = read_settings({"COSMO_HOME": str(tmp_path)})
    other = read_settings({"COSMO_HOME": str(tmp_path / "other")})
    assert first.secret == again.secret != other.secret
    assert len(first.secret) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("secret")] == ["secret"]


def test_processes_that_start_at_once_have_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from cosmo.settings import read_settings as r; print(r().secret)"]
    env = {**os.environ, "COSMO_HOME": str(tmp_path)}
    begun = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate()[0].strip() for process in begun}
    assert len(said) == 1
    assert len(said.pop()) >= 32


def test_it_may_be_set_and_is_never_written_out(tmp_path: Path) -> None:
    settings = read_settings({"COSMO_HOME": str(tmp_path), "COSMO_SECRET": SECRET})
    assert settings.secret == SECRET
    assert not (tmp_path / "secret").exists()
    shown = [repr(settings), str(settings), repr(replace(settings, port=1)), repr(Signed(SECRET, {}))]
    assert not any(SECRET in text for text in shown)
    with pytest.raises(WrongSetting) as refused:
        read_settings({"COSMO_HOME": str(tmp_path), "COSMO_SECRET": "tooshort"})
    assert "COSMO_SECRET" in refused.value.detail
    assert "tooshort" not in refused.value.detail
