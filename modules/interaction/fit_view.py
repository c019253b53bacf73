"""What the page that fits a day or a budget shows: what changes, what it costs, when it comes, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup

from cosmo import formats
from cosmo.fitting import Fit, Fitting, Nearest
from cosmo.i18n import N_, gettext, pick
from cosmo.money import Price
from cosmo.ports import FamilyCard
from cosmo.promise import Offer
from modules.interaction import selecting
from modules.interaction.changes_view import QUANTITY, SERVICE, change_told, service_names
from modules.interaction.wishing import Wish
from modules.interaction.words import difference, hinge

_KINDS = {
    Nearest.EARLIEST_IN_BUDGET: N_("The earliest day within your budget"),
    Nearest.CHEAPEST: N_("The lowest price there is"),
    Nearest.CHEAPEST_IN_TIME: N_("The lowest price by your day"),
    Nearest.EARLIEST: N_("The earliest day there is"),
}
_BY_PRICE = (Nearest.CHEAPEST, Nearest.CHEAPEST_IN_TIME)


@dataclass(frozen=True, slots=True)
class FitView:
    """How one customer's fits are told: from what was chosen, in whose words."""

    card: FamilyCard
    wish: Wish
    base: Offer
    timezone: str
    locale: str

    def found(self, fitting: Fitting) -> list[dict[str, Any]]:
        return [self._line(fit) for fit in fitting.found if fit.changes]

    def nearest(self, fitting: Fitting) -> list[dict[str, Any]]:
        """Each with what is best about it, and why it is not better."""
        lines: dict[str, dict[str, Any]] = {}
        for kind, fit in fitting.nearest.items():
            line = lines.setdefault(self._address(fit.changes), self._line(fit))
            line["best"].append(gettext(self.locale, _KINDS[kind]))
            line["whys"].append(self._why(kind, fit))
        return list(lines.values())

    def _line(self, fit: Fit) -> dict[str, Any]:
        more = fit.price.amount - self.base.price.amount
        return {
            "changes": [self._change(name, value) for name, value in fit.changes.items()],
            "day": formats.day(fit.promise.delivery_date, self.locale),
            "price": formats.money(fit.price.amount, fit.price.currency, self.locale),
            "difference": difference(more, fit.price.currency, self.locale) if more else "",
            "href": self._address(fit.changes) if fit.changes else "",
            "best": [],
            "whys": [],
        }

    def _why(self, kind: Nearest, fit: Fit) -> Markup:
        if kind in _BY_PRICE:
            return self._dearest(fit.price)
        return hinge(fit.promise.hinges_on, self.locale, self.timezone)

    def _dearest(self, price: Price) -> Markup:
        """What most of the price is for."""
        if not price.lines:
            return Markup("")
        most = max(price.lines, key=lambda line: line.amount)
        line = Markup("<b>{}</b>").format(formats.lower_first(pick(most.text, self.locale), self.locale))
        amount = formats.money(most.amount, price.currency, self.locale)
        told = gettext(self.locale, N_("The largest part of it is {line}: {amount}."))
        return Markup(Markup.escape(told)).format(line=line, amount=amount)

    def _change(self, name: str, value: Any) -> str:
        services = service_names(self.base.delivery, self.locale)
        described, before = self.wish.described, self._before(name)
        return change_told(described, services, name, before, str(value), self.locale)

    def _before(self, name: str) -> str:
        outside = {QUANTITY: str(self.wish.quantity), SERVICE: self.wish.service}
        return outside.get(name, str(self.wish.selections.get(name, "")))

    def _address(self, changes: Mapping[str, Any]) -> str:
        """The configurator with these changes made, and what they were before, for Undo."""
        was = {name: self._before(name) for name in changes}
        made = {name: value for name, value in changes.items() if name not in (QUANTITY, SERVICE)}
        return selecting.address(
            self.card.slug,
            {**self.wish.selections, **made},
            int(changes.get(QUANTITY, self.wish.quantity)),
            self.wish.ship_to,
            str(changes.get(SERVICE, self.wish.service)),
            was,
            self.wish.requested,
            self.wish.code,
            self.wish.design,
            self.wish.laid,
        )


def as_chosen(card: FamilyCard, wish: Wish) -> str:
    """The configurator as it was left."""
    chosen = (wish.selections, wish.quantity, wish.ship_to, wish.service)
    return selecting.address(
        card.slug, *chosen, requested=wish.requested, code=wish.code, design=wish.design, laid=wish.laid
    )


def hidden(card: FamilyCard, wish: Wish) -> list[tuple[str, str]]:
    """The fields that carry what is chosen through the form."""
    return parse_qsl(as_chosen(card, wish).partition("?")[2])
