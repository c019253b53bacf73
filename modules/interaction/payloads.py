"""Events of the conversation; the words and the address stay in their rows."""

from typing import ClassVar

from cosmo.events import Payload
from cosmo.i18n import N_


class MessageSent(Payload):
    type: ClassVar[str] = "message-sent"
    sentence: ClassVar[str] = N_("A new message.")

    message: str
    from_plant: bool


class AddressChanged(Payload):
    type: ClassVar[str] = "address-changed"
    sentence: ClassVar[str] = N_("You changed where it goes.")

    address: str
