"""Who waits for an answer goes first; what stands aside gets on all the same."""

import threading
import time

import pytest

from cosmo.broker import make_broker
from cosmo.db import Database
from cosmo.precedence import Precedence

SOON = 20.0
"""Seconds until a test gives up."""


def _aside(precedence: Precedence) -> threading.Thread:
    thread = threading.Thread(target=precedence.stand_aside)
    thread.start()
    return thread


def test_nobody_waits_so_nobody_stands_aside() -> None:
    began = time.monotonic()
    Precedence(aside=SOON).stand_aside()
    assert time.monotonic() - began < SOON / 2


def test_it_stands_aside_until_the_last_one_is_answered() -> None:
    precedence = Precedence(aside=SOON, quiet=0.01)
    with precedence.taken():
        with precedence.taken():
            aside = _aside(precedence)
        aside.join(0.1)
        assert aside.is_alive(), "one still waits"
    aside.join(SOON / 2)
    assert not aside.is_alive()


def test_a_short_pause_is_not_quiet() -> None:
    precedence = Precedence(aside=SOON, quiet=SOON / 2)
    with precedence.taken():
        pass
    aside = _aside(precedence)
    aside.join(0.1)
    assert aside.is_alive()
    precedence._quiet = 0.0  # the rest of the pause is not waited for
    with precedence.taken():
        pass
    aside.join(SOON / 2)
    assert not aside.is_alive()


def test_whoever_comes_it_gets_on_in_the_end() -> None:
    precedence = Precedence(aside=0.05)
    with precedence.taken():
        aside = _aside(precedence)
        aside.join(SOON)
        assert not aside.is_alive()


@pytest.mark.parametrize("waits", [True, False])
def test_deliveries_stand_aside(database: Database, waits: bool) -> None:
    """The negative control: with nobody waiting the actor goes on at once."""
    from cosmo.actors import declare_deliver

    database.precedence = Precedence(aside=SOON, quiet=0.01)
    deliver = declare_deliver(make_broker(None), database)
    thread = threading.Thread(target=deliver.fn, args=("none",))
    if not waits:
        thread.start()
        thread.join(SOON / 2)
        assert not thread.is_alive()
        return
    with database.precedence.taken():
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
    thread.join(SOON / 2)
    assert not thread.is_alive()
