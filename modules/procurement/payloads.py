"""What procurement says about an order: ids and days, never who ordered or at what price."""

from datetime import date
from typing import Any, ClassVar

from cosmo.events import Payload
from cosmo.spec import Names

ACTOR = "module:procurement"


class _AboutMaterial(Payload):
    material: str
    """The material's id."""
    line: str | None = None
    """The purchase line's id."""
    name: Names
    """The material's name, from the plant's list."""

    def words(self) -> dict[str, Any]:
        return super().words() | {"name": dict(self.name)}


class MaterialOrdered(_AboutMaterial):
    type: ClassVar[str] = "material-ordered"
    sentence: ClassVar[str] = "{name}: ordered for you, at our door on {due}."

    due: date


class MaterialArrived(_AboutMaterial):
    type: ClassVar[str] = "material-arrived"
    sentence: ClassVar[str] = "{name}: here."


class MaterialDelayed(_AboutMaterial):
    """It comes after it is needed. `operation` waits for it; the plan answers."""

    type: ClassVar[str] = "material-delayed"
    sentence: ClassVar[str] = "{name}: later than agreed, on {new}. We plan around it."

    operation: str
    old: date
    new: date


class MaterialEarlier(_AboutMaterial):
    type: ClassVar[str] = "material-earlier"
    sentence: ClassVar[str] = "{name}: earlier than agreed, on {new}."

    operation: str
    old: date
    new: date


PAYLOADS = (MaterialOrdered, MaterialArrived, MaterialDelayed, MaterialEarlier)
