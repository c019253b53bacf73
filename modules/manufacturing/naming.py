"""What a promise hinges on, in words a customer knows: the material, the firing, the machine, the drying."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cosmo.ports import Hinge
from cosmo.spec import Names, RoutingStep, Spec
from modules.manufacturing.floor import Centre
from modules.manufacturing.lots import Lot
from modules.manufacturing.models import Kind
from modules.manufacturing.standing import Standing
from scheduler import promising
from scheduler.model import Assignment, Operation

_FIRING: Names = {
    "en": "the next free place in the {it}",
    "de": "der nächste freie Platz im {it}",
    "zh": "{it}的下一个空位",
}
_RESOURCE: Names = {
    "en": "the next free time on {it}",
    "de": "die nächste freie Zeit auf {it}",
    "zh": "{it}的下一个空档",
}
_CALENDAR: Names = {
    "en": "the next shift on {it}",
    "de": "die nächste Schicht auf {it}",
    "zh": "{it}的下一个班次",
}
_LAG: Names = {
    "en": "the time it rests after {it}",
    "de": "die Ruhezeit nach {it}",
    "zh": "{it}之后的静置时间",
}


def filled(template: Names, it: Names) -> Names:
    """The template in every language it has, with `it` in the same language."""
    return {locale: text.format(it=it.get(locale) or it["en"]) for locale, text in template.items()}


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is needed to name the scheduler's hinges."""

    plan: Standing
    spec: Spec
    steps: Mapping[str, RoutingStep]
    operations: Mapping[str, Operation]
    places: Mapping[str, Assignment]

    def told(self, hinge: promising.Hinge) -> Hinge:
        step, place = self.steps[hinge.operation], self.places[hinge.operation]
        centre, at = self.plan.floor.centres[place.resource], self.plan.instant(place.start)
        if hinge.kind == "release":
            return self._material(step, hinge, place)
        if hinge.kind == "predecessor":
            return Hinge("work", filled(_LAG, self.steps[hinge.id].name), at, hinge.minutes, hinge.id)
        if centre.kind == Kind.BATCH and hinge.kind in ("firing", "resource"):
            return Hinge("firing", filled(_FIRING, firing_name(centre, step)), at, hinge.minutes, step.code)
        template = _CALENDAR if hinge.kind == "calendar" else _RESOURCE
        kind = "calendar" if hinge.kind == "calendar" else "resource"
        return Hinge(kind, filled(template, centre.name), at, hinge.minutes, step.code)

    def _material(self, step: RoutingStep, hinge: promising.Hinge, place: Assignment) -> Hinge:
        """The operation waits for material; of several, the one ordered for this order alone is named."""
        at = self.plan.instant(self.operations[hinge.operation].release or place.start)
        first = self.spec.routing[0].code
        lines = [b for b in self.spec.bom if (b.operation or first) == step.code]
        lines.sort(key=lambda b: not b.order_specific)
        if not lines:
            return Hinge("material", step.name, at, hinge.minutes, step.code)
        return Hinge("material", lines[0].name, at, hinge.minutes, lines[0].material)


def firing_name(centre: Centre, step: RoutingStep) -> Names:
    """What a firing of this step's recipe is called; the operation's name where the plant gave it none."""
    return centre.recipe_name(step.family or step.code) or step.name


def hinges(plan: Standing, spec: Spec, lots: Sequence[Lot], promised: promising.Promise) -> tuple[Hinge, ...]:
    """The scheduler's hinges by name, biggest wait first, and last the longest operation."""
    steps = {op.id: step for lot in lots for op, step in zip(lot.operations, lot.steps, strict=True)}
    places = {a.operation: a for a in promised.assignments}
    operations = {op.id: op for lot in lots for op in lot.operations}
    telling = _Telling(plan, spec, steps, operations, places)
    longest = max(promised.assignments, key=lambda a: a.end - a.start)
    step = steps[longest.operation]
    work = Hinge("work", step.name, plan.instant(longest.start), longest.end - longest.start, step.code)
    return (*(telling.told(hinge) for hinge in promised.hinges_on), work)
