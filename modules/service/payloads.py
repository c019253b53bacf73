"""Events of service; the words of a claim stay in its row."""

from typing import ClassVar

from cosmo.events import Payload
from cosmo.i18n import N_


class ClaimOpened(Payload):
    type: ClassVar[str] = "claim-opened"
    sentence: ClassVar[str] = N_("You told us about {pieces} pieces. We are looking into it.")

    claim: str
    kind: str
    pieces: int


class ClaimAnswered(Payload):
    type: ClassVar[str] = "claim-answered"
    sentence: ClassVar[str] = N_("Your claim is answered.")

    claim: str
    state: str
    remake: str | None = None


class Rated(Payload):
    type: ClassVar[str] = "rated"
    sentence: ClassVar[str] = N_("You rated this order {stars} of 5.")

    stars: int
