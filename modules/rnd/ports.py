"""The questions research and development answers: what can be chosen, what is made, what it was made of."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.journey_ports import AsBuiltPart, JourneyNode
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.ports import Answer, Ask, FamilyCard
from cosmo.spec import Names, Spec
from modules.rnd import configuring, engineering, proofing, releases
from modules.rnd.describing import describe
from modules.rnd.family import Family
from modules.rnd.models import FamilyRow, ProofState, Release

PROOF: Names = {"en": "Proof", "de": "Andruck", "zh": "样稿"}
RELEASE: Names = {"en": "Product release", "de": "Produktstand", "zh": "产品版本"}
# put together once, since it is asked with every click; not the content: the engine in memory has it
_OFFERED = (
    select(FamilyRow.slug, Release.id, Release.digest, Plant)
    .where(FamilyRow.release_id == Release.id)
    .where(FamilyRow.plant_id == Plant.id)
)
_THIS = _OFFERED.where(col(FamilyRow.slug) == bindparam("slug"))


class ModelledConfigurator:
    """The `Configurator`: families with options and rules, from their releases."""

    def families(self, session: Session, only: str | None = None) -> list[FamilyCard]:
        rows = session.exec(_OFFERED) if only is None else session.exec(_THIS, params={"slug": only})
        return [
            _card(releases.offered_engine(session, slug, release_id, digest).product.family, plant)
            for slug, release_id, digest, plant in rows
        ]

    def describe(
        self, session: Session, family: str, locale: str, release: str | None = None
    ) -> dict[str, Any]:
        release = release or releases.current_id(session, family)
        return describe(releases.engine_of(session, release), locale, release)

    def answer(
        self,
        session: Session,
        family: str,
        selections: Mapping[str, Any],
        quantity: int,
        locale: str,
        release: str | None = None,
    ) -> Answer:
        return configuring.answer(session, family, selections, quantity, locale, release)

    def measures(self, session: Session, family: str, selections: Mapping[str, Any]) -> Mapping[str, Decimal]:
        return configuring.measures(session, family, selections)


def _card(family: Family, plant: Plant) -> FamilyCard:
    return FamilyCard(
        slug=family.slug,
        name=family.name,
        blurb=family.blurb,
        plant_id=plant.id,
        plant_slug=plant.slug,
        manufacturer_id=plant.manufacturer_id,
        drawing=family.drawing,
        defaults=family.defaults,
        unit=family.unit,
        quantity=family.quantity.default,
    )


class ModellingEngineer:
    """The `Engineer`: resolves a wish against the family's current release."""

    def resolve(self, session: Session, ask: Ask) -> Spec:
        return ask.spec or configuring.resolved(session, ask)

    def needs_proof(self, session: Session, ask: Ask) -> bool:
        return ask.spec is None and proofing.needed(session, ask)

    def changed(self, session: Session, order_id: str, actor: str, now: Now) -> None:
        engineering.changed(session, order_id, actor, now)


class ModelledFreezer:
    """The `Freezer`: the family's files name the operations."""

    def named(self, session: Session, family: str, release: str | None) -> Mapping[str, tuple[str, ...]]:
        if release is None or session.get(Release, release) is None:
            return {}
        model = releases.engine_of(session, release).product.family
        return {option.id: option.freeze for option in model.options} | {"quantity": model.quantity.freeze}

    def spent(self, session: Session, family: str, release: str | None) -> Mapping[str, Decimal]:
        if release is None or session.get(Release, release) is None:
            return {}
        return releases.engine_of(session, release).product.family.cancelling


class ProofJourney:
    """The `Journey`: the proof is a gate before the work."""

    def nodes(self, session: Session, order_id: str, now: Now) -> list[JourneyNode]:
        proof = proofing.latest(session, order_id)
        if proof is None or proof.state == ProofState.WITHDRAWN:
            return []
        done = proof.state == ProofState.APPROVED
        at = proof.answered_at if done else proof.made_at + timedelta(hours=24)
        return [JourneyNode("proof", PROOF, "done" if done else "now", "gate", at)]


class Designed:
    """`AsBuilt`: the release the product follows and the proof that was approved."""

    def parts(self, session: Session, order_id: str) -> list[AsBuiltPart]:
        order = session.get_one(Order, order_id)
        found = [AsBuiltPart("proof", RELEASE, order.release, order.placed_at)] if order.release else []
        proof = proofing.latest(session, order_id)
        if proof is not None and proof.state == ProofState.APPROVED:
            found.append(AsBuiltPart("proof", PROOF, f"{proof.version}", proof.answered_at))
        return found
