"""Which module answers which question for one manufacturer: the typed way to ask a port."""

from dataclasses import dataclass

from sqlmodel import Session

from cosmo import defaults
from cosmo.errors import NotFound
from cosmo.orders import Order
from cosmo.ports import (
    Briefer,
    CapacityPromiser,
    Configurator,
    DeliveryPromiser,
    Engineer,
    FamilyCard,
    MaterialPromiser,
    Payments,
    Pricer,
)
from cosmo.registry import modules_on, on_for, registry


@dataclass(frozen=True, slots=True)
class Answerers:
    """All ports as answered for one set of modules that are on."""

    on: frozenset[str]

    @property
    def configurator(self) -> Configurator:
        return registry().port(Configurator, self.on, defaults.StandardConfigurator())  # type: ignore[type-abstract]

    @property
    def engineer(self) -> Engineer:
        return registry().port(Engineer, self.on, defaults.StandardEngineer())  # type: ignore[type-abstract]

    @property
    def pricer(self) -> Pricer:
        return registry().port(Pricer, self.on, defaults.ListPricer())  # type: ignore[type-abstract]

    @property
    def materials(self) -> MaterialPromiser:
        return registry().port(MaterialPromiser, self.on, defaults.AtHand())  # type: ignore[type-abstract]

    @property
    def capacity(self) -> CapacityPromiser:
        return registry().port(CapacityPromiser, self.on, defaults.WorkContent())  # type: ignore[type-abstract]

    @property
    def delivery(self) -> DeliveryPromiser:
        return registry().port(DeliveryPromiser, self.on, defaults.FromTheDoor())  # type: ignore[type-abstract]

    @property
    def payments(self) -> Payments:
        return registry().port(Payments, self.on, defaults.DemoPayments())  # type: ignore[type-abstract]

    @property
    def briefer(self) -> Briefer:
        return registry().port(Briefer, self.on, defaults.NothingToldOfIt())  # type: ignore[type-abstract]


def answerers_for(session: Session, order: Order) -> Answerers:
    """Ports as they are answered for this order (frozen once placed)."""
    return Answerers(on_for(session, order))


def answerers_at(session: Session, manufacturer_id: str) -> Answerers:
    """Ports as they are answered for this manufacturer now."""
    return Answerers(modules_on(session, manufacturer_id))


def all_families(session: Session) -> list[FamilyCard]:
    """Every family that can be ordered: modelled ones where rnd is on, standard products elsewhere."""
    everything = Answerers(frozenset(registry().modules))
    modelled = [c for c in everything.configurator.families(session) if _rnd_on(session, c.manufacturer_id)]
    known = {card.slug for card in modelled}
    standard = defaults.StandardConfigurator().families(session)
    return modelled + [c for c in standard if c.slug not in known and not _rnd_on(session, c.manufacturer_id)]


def _rnd_on(session: Session, manufacturer_id: str) -> bool:
    return "rnd" in modules_on(session, manufacturer_id)


def family_card(session: Session, slug: str) -> FamilyCard:
    """The card of one family. Raises `NotFound`."""
    for card in all_families(session):
        if card.slug == slug:
            return card
    raise NotFound(f"There is no product family {slug!r}; GET /api/v1/families lists them.")
