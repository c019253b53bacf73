"""Day and price of many wishes at one plant: what is made of the same goods by the same steps comes on the
same day, so the plan is asked for it once."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlmodel import Session

from cosmo.asking import Answerers
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.money import Price
from cosmo.ports import Ask, DeliveryAnswer, ShipTo
from cosmo.promise import Offer, Promise, offer
from cosmo.spec import Spec


@dataclass(slots=True)
class Makings:
    """Remembers offers for as long as one question takes; writes nothing."""

    session: Session
    answerers: Answerers
    plant_id: str
    now: Now
    _known: dict[str, Offer] = field(default_factory=dict)
    _ways: dict[tuple[ShipTo, Decimal, str | None], DeliveryAnswer | None] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """How many different ways of making the plan was asked for."""
        return len(self._known)

    def look_ahead(self, specs: Sequence[Spec]) -> None:
        """Ask once for the materials of all of them, so that within a question that keeps what it reads
        (`cosmo.once`) each of them finds its own read already."""
        lines = tuple({(x.material, x.operation): x for spec in specs for x in spec.bom}.values())
        if not lines:
            return
        together = specs[0].model_copy(update={"bom": lines})
        with suppress(CosmoError):  # whose material it is will say so itself
            self.answerers.materials.available(
                self.session, self.plant_id, together, self.now.business, self.now
            )

    def promised(self, ask: Ask, spec: Spec, service: str | None) -> tuple[Promise, Price]:
        """When it comes and what it costs. Raises `CosmoError` where the plant cannot say."""
        made = self._offer(ask, spec, service)
        if made.ask is ask:
            return made.promise, made.price
        price = self.answerers.pricer.price(self.session, ask, self.plant_id, spec, made.delivery, self.now)
        return made.promise, price

    def _offer(self, ask: Ask, spec: Spec, service: str | None) -> Offer:
        proof = self.answerers.engineer.needs_proof(self.session, ask)
        key = f"{proof} {service} {spec.model_dump_json(exclude={'title', 'drivers'})}"
        if key not in self._known:
            self._known[key] = offer(
                self.session, self.answerers, self.plant_id, ask, self.now, service=service, spec=spec
            )
        return self._known[key]

    def price_today(self, ask: Ask, spec: Spec, service: str | None) -> Price | None:
        """Without a day: the freight is what it costs from today. None where no carrier goes there."""
        key = (ask.ship_to, spec.mass_kg, service)
        if key not in self._ways:
            self._ways[key] = self._way_today(*key)
        way = self._ways[key]
        if way is None:
            return None
        return self.answerers.pricer.price(self.session, ask, self.plant_id, spec, way, self.now)

    def _way_today(self, ship_to: ShipTo, mass: Decimal, service: str | None) -> DeliveryAnswer | None:
        with suppress(CosmoError):
            way = self.answerers.delivery.deliver(
                self.session, self.plant_id, ship_to, mass, self.now.business, service, self.now
            )
            return replace(way, presumed=True)
        return None
