"""What the API tells of a quote that was asked for anew."""

from cosmo.comparing import LineChange, changes
from cosmo.i18n import gettext, pick
from cosmo.orders import Order
from web.api_schemas import ChangedOut, LineChangeOut
from web.shapes import hinge_out


def changed_of(order: Order, locale: str) -> ChangedOut | None:
    """What its last renewal changed; None for a quote that was never renewed."""
    found = changes(order)
    if found is None:
        return None
    return ChangedOut(
        price_before=format(found.before.price.amount, "f"),
        price_now=format(found.price.amount, "f"),
        delivery_date_before=found.before.delivery_date,
        delivery_date_now=found.delivery_date,
        hinged_on_before=hinge_out(found.before.hinges_on, locale),
        lines=[_line(line, locale) for line in found.lines],
        why=[gettext(locale, sentence) for sentence in found.why()],
    )


def _line(line: LineChange, locale: str) -> LineChangeOut:
    before = None if line.before is None else format(line.before, "f")
    now = None if line.now is None else format(line.now, "f")
    return LineChangeOut(code=line.code, text=pick(line.text, locale), before=before, now=now)
