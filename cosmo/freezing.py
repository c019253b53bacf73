"""Until when something of a placed order may change: each option freezes when an operation begins.

Which one the family's files say; where they name none it is the first operation of the order's route. Once an
operation has begun, so have all before it, and what they were made for stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from cosmo.asking import answerers_for
from cosmo.errors import Conflict
from cosmo.formats import LOCALES, day_of
from cosmo.i18n import N_, STAGE_NAMES, Sentence
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.promise import spec_of
from cosmo.spec import Names, RoutingStep, Spec
from cosmo.stages import Stage

QUANTITY = "quantity"
HOW_MANY: Names = {"en": "The quantity", "de": "Die Menge", "zh": "数量"}
CHANGEABLE = (Stage.PLACED, Stage.ENGINEERED, Stage.SOURCED, Stage.SCHEDULED, Stage.IN_PRODUCTION)
SINCE = N_("{option} can no longer be changed: “{operation}” began on {day}.")
BEFORE = N_("This would change “{operation}”, which began on {day}.")
AMOUNT = N_("For this another number of pieces would have to be begun, and making began on {day}.")
TOO_LATE = N_("Nothing can be changed any more: {where}.")
NOT_YET = N_("This is not ordered yet; change it in the configurator.")


class Frozen(Conflict):
    """The freeze point has passed; `extra["frozen"]` says of what: `[{option, operation, since}]`."""

    type, title = "frozen", "This can no longer be changed"


@dataclass(frozen=True, slots=True)
class FreezePoint:
    """The operation at whose start something freezes, and when that was: None while it is still to come."""

    operation: str
    name: Names
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Freezing:
    """One order's route, what has begun of it (code -> when), and what the model names."""

    named: Mapping[str, tuple[str, ...]]
    begun: Mapping[str, datetime]
    route: tuple[RoutingStep, ...]

    def point(self, option: str, route: Sequence[RoutingStep] | None = None) -> FreezePoint | None:
        """Where `option` (or `quantity`) freezes on this order's `route`, or on another one; None where none
        of the operations it hangs on is on it."""
        steps, names = self.route if route is None else route, self.named.get(option, ())
        place = next((k for k, step in enumerate(steps) if not names or step.code in names), None)
        if place is None:
            return None
        return FreezePoint(steps[place].code, steps[place].name, self._since(steps[place:]))

    def _since(self, steps: Sequence[RoutingStep]) -> datetime | None:
        """When the first of these began; what comes later cannot begin before."""
        return min((self.begun[step.code] for step in steps if step.code in self.begun), default=None)

    @property
    def last(self) -> int:
        """Index of the last operation that has begun; -1 before the first."""
        return max((k for k, step in enumerate(self.route) if step.code in self.begun), default=-1)


def freezing_of(session: Session, order: Order) -> Freezing:
    """What may still change of this order."""
    answerers = answerers_for(session, order)
    named = answerers.freezer.named(session, order.family, order.release)
    return Freezing(named, answerers.progress.begun(session, order.id), spec_of(session, order.id).routing)


def must_be_changeable(order: Order) -> None:
    """Raises `Frozen` once everything is made, `Conflict` before it is ordered."""
    stage = Stage(order.stage)
    if stage in (Stage.DRAFT, Stage.QUOTED, Stage.LAPSED):
        raise Conflict(NOT_YET)
    if stage not in CHANGEABLE:
        raise Frozen(Sentence(TOO_LATE, where=STAGE_NAMES[stage]), frozen=[])


def must_not_be_frozen(
    session: Session, order: Order, freezing: Freezing, options: Iterable[str], spec: Spec | None = None
) -> None:
    """Raises `Frozen` if one of `options` is, on the order's route or on that of `spec`."""
    routes = (freezing.route, *([spec.routing] if spec else []))
    found = {name: point for name in options for point in _points(freezing, name, routes) if point.since}
    if not found:
        return
    told = [sentence_of(session, order, name, point) for name, point in found.items()]
    raise Frozen(told[0] if len(told) == 1 else " ".join(told), frozen=[_told(*one) for one in found.items()])


def _points(freezing: Freezing, option: str, routes: Sequence[Sequence[RoutingStep]]) -> list[FreezePoint]:
    """The order's own route decides; another one only for what has no part in it yet."""
    return [p for p in (freezing.point(option, route) for route in routes) if p is not None][:1]


def must_not_touch_what_began(
    session: Session, order: Order, freezing: Freezing, old: Spec, new: Spec
) -> None:
    """Raises `Frozen` where `new` is made otherwise up to the last operation that has begun, whatever the
    options say, or from another number of pieces."""
    last = freezing.last
    if last < 0:
        return
    step, ended = old.routing[last], last == len(old.routing) - 1
    until = None if ended else last + 1
    point = FreezePoint(step.code, step.name, freezing.begun[step.code])
    if old.start_quantity != new.start_quantity:
        raise _frozen(session, order, AMOUNT, replace(point, since=min(freezing.begun.values())))
    if _work(old, until) != _work(new, until):
        raise _frozen(session, order, BEFORE, point)


def _work(spec: Spec, until: int | None) -> list[object]:
    """All that decides how the operations up to there are done, and of what."""
    steps = spec.routing[:until]
    codes = {step.code for step in steps}
    first = spec.routing[0].code if spec.routing else ""
    lines = [b for b in spec.bom if (b.operation or first) in codes]
    known = {(b.material, b.operation or first): b.quantity for b in lines}
    return [[step.model_dump(exclude={"name"}) for step in steps], known]


def _frozen(session: Session, order: Order, msgid: str, point: FreezePoint) -> Frozen:
    day = _day(session, order, point)
    return Frozen(Sentence(msgid, operation=point.name, day=day), frozen=[_told(None, point)])


def sentence_of(session: Session, order: Order, option: str, point: FreezePoint) -> Sentence:
    """That an option is frozen, since when and by what."""
    name = name_of(session, order, option)
    return Sentence(SINCE, option=name, operation=point.name, day=_day(session, order, point))


def _day(session: Session, order: Order, point: FreezePoint) -> object:
    assert point.since is not None
    return day_of(point.since, session.get_one(Plant, order.plant_id).timezone)


def name_of(session: Session, order: Order, option: str) -> Names:
    """What an option of the order is called, in every language."""
    if option == QUANTITY:
        return HOW_MANY
    configurator = answerers_for(session, order).configurator
    told = {locale: configurator.describe(session, order.family, locale, order.release) for locale in LOCALES}
    return {
        locale: next((o["name"] for o in described["options"] if o["id"] == option), option)
        for locale, described in told.items()
    }


def _told(option: str | None, point: FreezePoint) -> dict[str, str | None]:
    since = point.since.isoformat() if point.since else None
    return {"option": option, "operation": point.operation, "since": since}
