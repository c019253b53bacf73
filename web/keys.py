"""What a request that may be sent twice is known by: its `Idempotency-Key`, and whose it is."""

from typing import Annotated

from fastapi import Header

from cosmo.identity import Principal

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


def scope_of(principal: Principal) -> str:
    """Whose key it is: an account's; all guests share one scope."""
    return principal.account_id or "guest"  # programs that keep no cookies must be known again
