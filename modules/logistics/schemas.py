"""What carriers send, and what they get to see: an address, never the order or its price."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class PickupIn(BaseModel):
    """`event_time`: when it really happened, if not now."""

    model_config = ConfigDict(extra="forbid")

    event_time: AwareDatetime | None = None


class DeliveryIn(PickupIn):
    """The name of whoever took it in proves the delivery."""

    received_by: Name


class ShipmentOut(BaseModel):
    """One shipment as its carrier and its plant see it."""

    id: str
    number: str
    state: str
    service: str
    pieces: int
    mass_kg: Decimal
    units: int
    to: dict[str, str]
    packed_at: datetime
    expected_at: datetime | None
    picked_up_at: datetime | None
    delivered_at: datetime | None
