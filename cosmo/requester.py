"""Who asks for a quote, saves a design or places an order, and how long a place is held for them."""

from dataclasses import dataclass
from datetime import timedelta

GUEST_HOLD = timedelta(minutes=15)
ACCOUNT_HOLD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks: a guest by session, or an account acting for a customer party."""

    actor: str = "guest"
    session_id: str | None = None
    customer_id: str | None = None

    @property
    def guest(self) -> bool:
        return self.customer_id is None

    @property
    def hold_for(self) -> timedelta:
        return GUEST_HOLD if self.guest else ACCOUNT_HOLD
