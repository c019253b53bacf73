"""Minutes as people say them: dates and spans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.errors import FormatError
from scheduler.model import EPOCH

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY = 1440


class Calendar:
    """The dates of a problem's minutes. A problem without an origin of its own has minutes only."""

    def __init__(self, origin: str) -> None:
        self.dated = origin != EPOCH
        try:
            zero = datetime.fromisoformat(origin)
        except ValueError:
            raise FormatError(f"the origin {origin!r} is not a date and time") from None
        self.zero = zero if zero.tzinfo else zero.replace(tzinfo=UTC)

    def at(self, minute: int) -> datetime:
        """The moment, in the origin's own time zone."""
        return self.zero + timedelta(minutes=minute)

    def moment(self, minute: int) -> str:
        """As "Thu 8 Jan 14:20", or "minute 3,860" where there are no dates."""
        if not self.dated:
            return f"minute {minute:,}"
        at = self.at(minute)
        return f"{self.day(minute)} {at:%H:%M}"

    def day(self, minute: int) -> str:
        """As "Thu 8 Jan"."""
        at = self.at(minute)
        return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}"


def span(minutes: int) -> str:
    """As "45 min", "3 h 10 min", "2 d 4 h": the two largest units."""
    if minutes < 0:
        return f"-{span(-minutes)}"
    if minutes < 60:
        return f"{minutes} min"
    large, small = (minutes // 60, minutes % 60) if minutes < DAY else (minutes // DAY, minutes % DAY // 60)
    units = ("h", "min") if minutes < DAY else ("d", "h")
    return f"{large} {units[0]} {small} {units[1]}" if small else f"{large} {units[0]}"
