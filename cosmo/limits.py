"""Rate limits on what strangers may repeat; wall time, counted in this process's memory.

Several processes together allow several times as much: the limits stop a flood, they do not bill.
"""

from math import ceil

from limits import RateLimitItem, WindowStats, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from cosmo.clock import wall_time
from cosmo.errors import TooMany

RULES: dict[str, tuple[str, str]] = {
    "sign-in": ("10/minute", "Too many sign-in attempts. Wait a minute, then try again."),
    "sign-in-address": ("120/minute", "Too many sign-in attempts. Wait a minute, then try again."),
    "guest-quote": ("60/minute", "That is many quotes at once. Wait a minute, or sign in to go on."),
    "guest-quote-address": ("900/minute", "That is many quotes at once. Wait a minute, or sign in to go on."),
    "attachment": ("60/minute", "That is many files at once. Wait a minute, then go on."),
    "save": ("30/minute", "That is many designs at once. Wait a minute, then save it again."),
    "fit": ("60/minute", "That is much to look for at once. Wait a minute, then go on."),
    "idea": ("10/minute", "That is many ideas at once. Wait a minute, then send it again."),
    "vote": ("60/minute", "That is many votes at once. Wait a minute, then go on."),
    "pledge": (
        "20/minute",
        "That is many pledges at once. Wait a minute, then send it again.",
    ),
    "offer-code": (
        "20/hour",
        "That is many codes that are none. Wait a while; until then prices are without one.",
    ),
    "same-offer-code": ("1/hour", ""),
    "code": ("5/minute", "That is many codes at once. Wait a minute, then ask again."),
}
"""Rule -> (how often, the sentence when it is too often)."""


class Limiter:
    """Counts hits per rule and visitor in a moving window."""

    def __init__(self) -> None:
        self._limits: dict[str, RateLimitItem] = {name: parse(rate) for name, (rate, _) in RULES.items()}
        self._strategy = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, rule: str, who: str) -> None:
        """Count one attempt of `who`. Raises `TooMany`, with `retry_after` in whole seconds."""
        if not self.count(rule, who):
            raise self._too_many(rule, who)

    def count(self, rule: str, who: str) -> bool:
        """Count one attempt of `who`; False, and not counted, where there was no room for it."""
        return self._strategy.hit(self._limits[rule], rule, who)

    def must_have_room(self, rule: str, who: str) -> None:
        """Count nothing. Raises `TooMany` where the next attempt would be one too many."""
        if not self._strategy.test(self._limits[rule], rule, who):
            raise self._too_many(rule, who)

    def _too_many(self, rule: str, who: str) -> TooMany:
        limit = self._limits[rule]
        stats: WindowStats = self._strategy.get_window_stats(limit, rule, who)
        return TooMany(RULES[rule][1], retry_after=max(1, ceil(stats.reset_time - wall_time().timestamp())))
