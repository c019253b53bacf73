"""Logistics' own event: what was packed. Leaving and arriving are the kernel's stages."""

from typing import ClassVar

from cosmo.events import Payload
from cosmo.i18n import N_
from cosmo.payloads import BOTH


class Packed(Payload):
    type: ClassVar[str] = "packed"
    sentence: ClassVar[str] = N_("Packed in {units} cartons.")
    audiences: ClassVar[frozenset[str]] = BOTH | {"carrier"}

    shipment: str
    units: int
    pieces: int
