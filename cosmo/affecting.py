"""Who and what a change of an order touches: operations and materials that go, come or are others now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cosmo.spec import Names, Spec

Named = tuple[str, Names]
"""(code, name)"""


@dataclass(frozen=True, slots=True)
class Parts:
    """Needed no more, newly needed, and needed otherwise (longer, in another quantity, by another recipe)."""

    gone: tuple[Named, ...] = ()
    new: tuple[Named, ...] = ()
    other: tuple[Named, ...] = ()

    def __len__(self) -> int:
        return len(self.gone) + len(self.new) + len(self.other)


def operations_between(old: Spec, new: Spec) -> Parts:
    """The operations that differ."""
    steps = [[(step.code, step.name, step.model_dump(exclude={"name"})) for step in spec.routing]
             for spec in (old, new)]  # fmt: skip
    return _between(*steps)


def materials_between(old: Spec, new: Spec) -> Parts:
    """The materials that differ; one that several operations take counts once."""
    lines = [[(line.material, line.name, _amounts(spec, line.material)) for line in spec.bom]
             for spec in (old, new)]  # fmt: skip
    return _between(*lines)


def _amounts(spec: Spec, material: str) -> list[tuple[str, Any]]:
    return sorted((line.operation or "", line.quantity) for line in spec.bom if line.material == material)


def _between(old: Iterable[tuple[str, Names, Any]], new: Iterable[tuple[str, Names, Any]]) -> Parts:
    before, after = _by_code(old), _by_code(new)
    gone = tuple((code, name) for code, (name, _) in before.items() if code not in after)
    come = tuple((code, name) for code, (name, _) in after.items() if code not in before)
    both = ((code, name, what) for code, (name, what) in after.items() if code in before)
    return Parts(gone, come, tuple((code, name) for code, name, what in both if before[code][1] != what))


def _by_code(lines: Iterable[tuple[str, Names, Any]]) -> Mapping[str, tuple[Names, Any]]:
    return {code: (name, what) for code, name, what in lines}
