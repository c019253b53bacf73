"""Which module answers which question for one manufacturer: the typed way to ask a port."""

from dataclasses import dataclass
from functools import cache

from sqlmodel import Session

from cosmo import defaults
from cosmo.brief_ports import Briefer
from cosmo.change_ports import Freezer, Progress
from cosmo.clock import Now
from cosmo.demand_ports import ConflictCount, NobodyCounts, NobodyKnows, Prospects
from cosmo.design_ports import DesignLibrary, NoLibrary
from cosmo.errors import NotFound
from cosmo.idea_ports import Ideas, NobodysIdeas
from cosmo.offer_ports import NoOffers, Offers
from cosmo.once import once
from cosmo.orders import Order
from cosmo.ports import (
    CapacityPromiser,
    Catalogue,
    Configurator,
    DeliveryPromiser,
    Engineer,
    FamilyCard,
    Listing,
    MaterialPromiser,
    Payments,
    Pricer,
    Repairer,
)
from cosmo.registry import modules_on, on_for, registry
from cosmo.work_ports import NoStations, Stations


@dataclass(frozen=True, slots=True)
class Answerers:
    """All ports as answered for one set of modules that are on."""

    on: frozenset[str]

    @property
    def configurator(self) -> Configurator:
        return registry().port(Configurator, self.on, defaults.StandardConfigurator())  # type: ignore[type-abstract]

    @property
    def repairer(self) -> Repairer:
        return registry().port(Repairer, self.on, defaults.NothingToRepair())  # type: ignore[type-abstract]

    @property
    def engineer(self) -> Engineer:
        return registry().port(Engineer, self.on, defaults.StandardEngineer())  # type: ignore[type-abstract]

    @property
    def freezer(self) -> Freezer:
        return registry().port(Freezer, self.on, defaults.NothingNamed())  # type: ignore[type-abstract]

    @property
    def progress(self) -> Progress:
        return registry().port(Progress, self.on, defaults.ByStage())  # type: ignore[type-abstract]

    @property
    def pricer(self) -> Pricer:
        return registry().port(Pricer, self.on, defaults.ListPricer())  # type: ignore[type-abstract]

    @property
    def catalogue(self) -> Catalogue:
        return registry().port(Catalogue, self.on, defaults.WholeCatalogue())  # type: ignore[type-abstract]

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
    def ideas(self) -> Ideas:
        return registry().port(Ideas, self.on, NobodysIdeas())  # type: ignore[type-abstract]

    @property
    def designs(self) -> DesignLibrary:
        return registry().port(DesignLibrary, self.on, NoLibrary())  # type: ignore[type-abstract]

    @property
    def briefer(self) -> Briefer:
        return registry().port(Briefer, self.on, defaults.NothingToldOfIt())  # type: ignore[type-abstract]

    @property
    def offers(self) -> Offers:
        return registry().port(Offers, self.on, NoOffers())  # type: ignore[type-abstract]

    @property
    def conflict_count(self) -> ConflictCount:
        return registry().port(ConflictCount, self.on, NobodyCounts())  # type: ignore[type-abstract]

    @property
    def prospects(self) -> Prospects:
        return registry().port(Prospects, self.on, NobodyKnows())  # type: ignore[type-abstract]

    @property
    def stations(self) -> Stations:
        return registry().port(Stations, self.on, NoStations())  # type: ignore[type-abstract]


def answerers_for(session: Session, order: Order) -> Answerers:
    """Ports as they are answered for this order (frozen once placed)."""
    return Answerers(on_for(session, order))


def answerers_at(session: Session, manufacturer_id: str) -> Answerers:
    """Ports as they are answered for this manufacturer now."""
    return Answerers(modules_on(session, manufacturer_id))


def all_families(session: Session, only: str | None = None) -> list[FamilyCard]:
    """Every family that can be ordered: modelled ones where rnd is on, standard products elsewhere. `only`:
    of that slug, if there is one."""
    everything = Answerers(frozenset(registry().modules))
    modelled = everything.configurator.families(session, only)
    model = cache(lambda maker: "rnd" in modules_on(session, maker))
    found = [card for card in modelled if model(card.manufacturer_id)]
    if found and only is not None:  # slugs are unique on the platform
        return found
    standard = defaults.StandardConfigurator().families(session, only)
    known = {card.slug for card in found}
    return found + [c for c in standard if c.slug not in known and not model(c.manufacturer_id)]


def shop_listings(session: Session, now: Now) -> list[Listing]:
    """What the shop lists: each manufacturer's families as its catalogue has them, plant by plant."""
    cards = sorted(all_families(session), key=lambda card: (card.plant_slug, card.slug))
    by_maker: dict[str, list[FamilyCard]] = {}
    for card in cards:
        by_maker.setdefault(card.manufacturer_id, []).append(card)
    return [
        listing
        for maker, own in by_maker.items()
        for listing in answerers_at(session, maker).catalogue.listed(session, own, now)
    ]


def family_card(session: Session, slug: str) -> FamilyCard:
    """The card of one family. Raises `NotFound`."""
    found = once(session, ("family", slug), lambda: all_families(session, slug))
    if found:
        return found[0]
    raise NotFound(f"There is no product family {slug!r}; GET /api/v1/families lists them.")
