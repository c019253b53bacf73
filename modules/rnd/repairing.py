"""The ways out of an impossible selection as a customer is told them: found by the engine, uploads looked at
again, in words."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session

from cosmo.ports import Ask, Repair, WaysOut
from cosmo.repairing import mended
from cosmo.spec import Spec
from modules.rnd import words
from modules.rnd.configuring import Prepared, prepare
from modules.rnd.mending import Repair as Way
from modules.rnd.resolve import Unmeasured, resolve
from modules.rnd.selections import State
from modules.rnd.terms import QUANTITY

MOST_TOLD = 12
"""Most ways handed on to be priced; each set of options has its turn before one has a second."""


class ModelledRepairer:
    """The `Repairer`: the engine's smallest repairs, none of which an upload fails."""

    def ways_out(self, session: Session, ask: Ask, most: int) -> WaysOut:
        got = prepare(session, ask.family, ask.selections, ask.quantity)
        ways = _ways(session, ask, got, most)
        if not ways:
            return WaysOut()
        said = words.repairs(got.product, got.state, got.engine.clashes(got.state), ways, ask.locale)
        found = [
            Repair(_as_selections(way), label, _made(got, after(got.state, way)))
            for way, label in zip(ways, said, strict=True)
        ]
        return WaysOut(tuple(found), _as_chosen(got))


def after(state: State, way: Way) -> State:
    """The state once the changes of `way` are made."""
    options = [change for change in way.changes if change.option != QUANTITY]
    quantity = next((c.value for c in way.changes if c.option == QUANTITY), state.quantity)
    assert not isinstance(quantity, str)
    changed = {change.option: change.value for change in options}
    given = {name: value for name, value in {**state.given, **changed}.items() if value is not None}
    measured = {name: number for name, number in state.measured.items() if name.partition(".")[0] in given}
    return State(given, quantity, measured)


def _made(got: Prepared, state: State) -> Spec | None:
    return _spec(got, state) if got.engine.makeable(state, agrees=True) else None


def _as_chosen(got: Prepared) -> Spec | None:
    """What would be made if the choices went together; None where something is missing, too."""
    if got.state.problems or got.problems or got.engine.missing(got.state):
        return None
    return _spec(got, got.state)


def _spec(got: Prepared, state: State) -> Spec | None:
    try:
        return resolve(got.product, state, got.release)
    except Unmeasured:
        return None


def _ways(session: Session, ask: Ask, got: Prepared, most: int) -> list[Way]:
    """Whole sizes: all ways with the fewest changes, then with one more, until there are `most`."""
    found: list[Way] = []
    for way in got.engine.repairs(got.state, _wrong(ask, got)):
        if len(found) >= most and len(way.changes) > len(found[-1].changes):
            break
        if _uploads_stay_fine(session, ask, got, way):
            found.append(way)
    return _in_turns(found)[:MOST_TOLD]


def _wrong(ask: Ask, got: Prepared) -> dict[str, Decimal | None]:
    """Options whose value cannot be taken, with the number that was written."""
    problems = [*got.state.problems, *got.problems]
    wrote = {**ask.selections, QUANTITY: ask.quantity}
    return {name: _number(wrote.get(name)) for problem in problems for name in problem.options}


def _number(raw: Any) -> Decimal | None:
    try:
        value = Decimal(str(raw).strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _uploads_stay_fine(session: Session, ask: Ask, got: Prepared, way: Way) -> bool:
    """A picture is checked at its print size, which other changes may move."""
    plan = got.product.family.artwork
    if plan is None or plan.option not in got.state or plan.option in way.options:
        return True
    made = mended(ask, _as_selections(way))
    return not prepare(session, made.family, made.selections, made.quantity, got.release).problems


def _as_selections(way: Way) -> dict[str, Any]:
    return {change.option: words.plain(change.value) for change in way.changes}


def _in_turns(ways: Iterable[Way]) -> list[Way]:
    """The first way of every set of options, then the second of each."""
    turns: dict[frozenset[str], int] = {}
    placed: list[tuple[int, Way]] = []
    for way in ways:
        turns[way.options] = turns.get(way.options, -1) + 1
        placed.append((turns[way.options], way))
    return [way for _, way in sorted(placed, key=lambda one: one[0])]
