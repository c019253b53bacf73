"""The questions of other modules that procurement answers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.journey_ports import AsBuilt, Journey
from cosmo.ports import MaterialDate, MaterialPromiser, MaterialsMoved
from cosmo.spec import Spec
from modules.procurement import changing, firming, holding, issuing
from modules.procurement.journeys import Arrivals, Consumed


class Promiser:
    """`cosmo.ports.MaterialPromiser`, from stock, dated receipts and lead times."""

    def available(
        self, session: Session, plant_id: str, spec: Spec, order_from: datetime, now: Now
    ) -> list[MaterialDate]:
        return holding.available(session, plant_id, spec, order_from, now)

    def hold(
        self,
        session: Session,
        order_id: str,
        plant_id: str,
        spec: Spec,
        needed: Mapping[str, datetime],
        now: Now,
    ) -> None:
        holding.hold(session, order_id, plant_id, spec, needed, now)

    def firm(self, session: Session, order_ids: Sequence[str], now: Now) -> None:
        firming.firm(session, order_ids, now)

    def release(self, session: Session, order_id: str, now: Now) -> None:
        holding.release(session, order_id, now)

    def change(
        self,
        session: Session,
        order_id: str,
        spec: Spec,
        anew: Collection[str],
        order_from: datetime,
        now: Now,
    ) -> MaterialsMoved:
        return changing.change(session, order_id, spec, anew, order_from, now)

    def settle(self, session: Session, order_id: str, needed: Mapping[str, datetime], now: Now) -> None:
        changing.settle(session, order_id, needed, now)

    def planned(self, session: Session, order_id: str, needed: Mapping[str, datetime], now: Now) -> None:
        changing.needed_anew(session, order_id, needed, now)

    def dates(self, session: Session, order_id: str) -> dict[str, datetime]:
        return holding.dates(session, order_id)

    def missing(self, session: Session, order_id: str, operation: str) -> list[str]:
        return holding.missing(session, order_id, operation)

    def issue(self, session: Session, order_id: str, operation: str, share: Decimal, now: Now) -> None:
        issuing.issue(session, order_id, operation, share, now)


PORTS: dict[type, Any] = {MaterialPromiser: Promiser(), Journey: Arrivals(), AsBuilt: Consumed()}
