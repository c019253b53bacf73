"""The day and the budget that somebody typed, read or answered with what to write instead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from cosmo import formats
from cosmo.fitting import Aim
from cosmo.i18n import N_, gettext
from cosmo.promise import farthest_day

MOST_BUDGET = 1_000_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AMOUNT = re.compile(r"\d{1,7}([.,]\d{1,2})?")
_NO_DAY = N_("Write the day as year-month-day, such as {day}.")
_PAST = N_("That day is over. Choose a day from {day} on.")
BEYOND = N_("Ask for a day within the next two years.")
_NO_AMOUNT = N_("Write the budget as a number above 0, at most {most}, such as 350 or 349.90.")


@dataclass(frozen=True, slots=True)
class Aimed:
    """What was typed, as it was typed; `errors`: field -> what to write instead; `aim` None: nothing to
    look for yet."""

    needed_by: str = ""
    budget: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    aim: Aim | None = None


def aimed(form: Mapping[str, Any], today: date, locale: str) -> Aimed:
    """`needed_by` is an ISO 8601 day from `today` on, `budget` an amount with a point or a comma."""
    typed = {name: str(form.get(name) or "").strip() for name in ("needed_by", "budget")}
    day, amount = _day(typed["needed_by"]), _amount(typed["budget"])
    errors: dict[str, str] = {}
    if typed["needed_by"] and day is None:
        errors["needed_by"] = gettext(locale, _NO_DAY, day=today.isoformat())
    elif day is not None and day < today:
        errors["needed_by"] = gettext(locale, _PAST, day=formats.day(today, locale))
    elif day is not None and day > farthest_day(today):
        errors["needed_by"] = gettext(locale, BEYOND)
    if typed["budget"] and amount is None:
        errors["budget"] = gettext(locale, _NO_AMOUNT, most=formats.number(MOST_BUDGET, locale))
    named = day is not None or amount is not None
    return Aimed(**typed, errors=errors, aim=Aim(day, amount) if named and not errors else None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    amount = Decimal(text.replace(",", ".")) if _AMOUNT.fullmatch(text) else Decimal(0)
    return amount if 0 < amount <= MOST_BUDGET else None
