"""Turns: in the order of asking, one at a time, and nobody waits for ever."""

import threading
import time

import pytest

from cosmo.turns import NoTurn, Turns


def test_turns_are_in_the_order_of_asking() -> None:
    turns, order = Turns(10), list[int]()

    def work(number: int) -> None:
        with turns:
            order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    with turns:
        for number, thread in enumerate(threads, 1):
            thread.start()
            while len(turns._queue) < number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_one_at_a_time() -> None:
    turns, inside, most = Turns(10), list[int](), list[int]()

    def work() -> None:
        for _ in range(50):
            with turns:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(most), len(most)) == (1, 400)


def test_who_waits_too_long_is_told_and_leaves_the_queue() -> None:
    turns, told = Turns(0.05), list[str]()

    def work() -> None:
        try:
            with turns:
                pass
        except NoTurn as error:
            told.append(str(error))

    thread = threading.Thread(target=work)
    with turns:
        thread.start()
        thread.join()
    assert told == ["no turn to write within 0.05 seconds"]
    with turns:
        pass


def test_an_error_gives_the_turn_on() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="mine"), turns:
        raise ValueError("mine")
    with turns:
        pass
