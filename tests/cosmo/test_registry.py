"""The registry: modules with their parts, switches per manufacturer, answers to ports."""

from collections.abc import Callable
from typing import Protocol

import pytest
from sqlmodel import Session

from cosmo.clock import Now
from cosmo.errors import Invalid
from cosmo.events import Event
from cosmo.parties import Plant
from cosmo.registry import Handler, Module, Parts, Registry, Slot, modules_on, registry, switch, use_registry
from tests.factories import make_plant


def nothing(session: Session, event: Event, now: Now) -> None:
    """An effect."""


class Greeter(Protocol):
    def greet(self) -> str: ...


class Says:
    def __init__(self, what: str) -> None:
        self.what = what

    def greet(self) -> str:
        return self.what


def module(name: str, parts: Parts) -> Module:
    return Module(name, {"en": name.title()}, lambda: parts)


@pytest.fixture
def two(modules: Callable[..., Registry]) -> Registry:
    one = Parts(
        handlers=(Handler("one.x", "placed", nothing),),
        ports={Greeter: Says("one")},
        slots=(Slot("track.panel", lambda _: "b", rank=60),),
    )
    other = Parts(
        handlers=(Handler("two.x", "placed", nothing), Handler("two.y", "shipped", nothing)),
        ports={Greeter: Says("two")},
        slots=(Slot("track.panel", lambda _: "a", rank=40), Slot("plant.home", lambda _: None)),
    )
    return modules(module("two", other), module("one", one))


def test_handlers_of_modules_that_are_on(two: Registry) -> None:
    both = frozenset({"one", "two"})
    assert {h.name for h in two.handlers_for("placed", both)} >= {"one.x", "two.x"}
    names = {h.name for h in two.handlers_for("placed", frozenset({"two"}))}
    assert "one.x" not in names
    assert two.handler("two.y") is not None
    assert two.handler("gone.x") is None


def test_the_kernels_handlers_are_on_for_everybody(two: Registry) -> None:
    names = {h.name for h in two.handlers_for("placed", frozenset())}
    assert names == {"kernel.mail-placed"}
    assert {h.module for h in two.handlers_for("placed", frozenset())} == {"kernel"}


def test_ports_are_answered_by_who_is_on(two: Registry) -> None:
    default = Says("kernel")
    assert two.port(Greeter, frozenset({"two"}), default).greet() == "two"  # type: ignore[type-abstract]
    assert two.port(Greeter, frozenset(), default).greet() == "kernel"  # type: ignore[type-abstract]
    all_of_them = two.contributors(Greeter, frozenset({"one", "two"}))  # type: ignore[type-abstract]
    assert [greeter.greet() for greeter in all_of_them] == ["one", "two"]


def test_slots_come_in_their_rank(two: Registry) -> None:
    found = two.slots("track.panel", frozenset({"one", "two"}))
    assert [slot.render(None) for slot in found] == ["a", "b"]
    assert two.slots("track.panel", frozenset()) == []


def test_a_handler_is_named_after_its_module() -> None:
    with pytest.raises(ValueError, match="named after its module 'one'"):
        Registry([module("one", Parts(handlers=(Handler("two.x", "placed", nothing),)))])


def test_switches_are_per_manufacturer(session: Session, plant: Plant, two: Registry) -> None:
    other = make_plant(session)
    switch(session, plant.manufacturer_id, "one", False)
    assert modules_on(session, plant.manufacturer_id) == {"two"}
    assert modules_on(session, other.manufacturer_id) == {"one", "two"}
    switch(session, plant.manufacturer_id, "one", True)
    assert modules_on(session, plant.manufacturer_id) == {"one", "two"}
    with pytest.raises(Invalid, match="There is no module 'three'; there are one, two"):
        switch(session, plant.manufacturer_id, "three", True)


def test_a_replaced_registry_is_given_back(two: Registry) -> None:
    mine = Registry([])
    assert use_registry(mine) is two
    assert registry() is mine
