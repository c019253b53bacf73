"""Events of research and development: a proof goes out, and comes back."""

from typing import ClassVar

from cosmo.events import Payload
from cosmo.i18n import N_


class ProofAsked(Payload):
    """A proof waits for the customer; its mail is the kernel's."""

    type: ClassVar[str] = "proof-asked"
    sentence: ClassVar[str] = N_("Your proof is ready. We begin when you approve it.")

    proof: str
    version: int


class ProofApproved(Payload):
    type: ClassVar[str] = "proof-approved"
    sentence: ClassVar[str] = N_("The proof is approved.")

    proof: str
    version: int


class ProofReturned(Payload):
    """The customer wants changes; what she wrote stays with the proof."""

    type: ClassVar[str] = "proof-returned"
    sentence: ClassVar[str] = N_("You asked for changes to the proof. The plant sends a new one.")

    proof: str
    version: int


PAYLOADS = (ProofAsked, ProofApproved, ProofReturned)
PROOF_OPEN = "proof-open"
"""The hold while a proof waits (see cosmo.payloads.HOLD_REASONS)."""
