"""Ids of proofs for the access test: one on each order that is somebody's own, one at another plant."""

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session

from cosmo.orders import Order
from cosmo.parties import Role
from modules.rnd import drafts
from modules.rnd.models import Proof
from modules.rnd.proofing import ProofReport
from tests.access import Ids
from tests.factories import NOW
from tests.web.world import World

READERS = (Role.ENGINEER, Role.PLANNER, Role.SELLER, Role.SERVICE)


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    for family in ("mug", "cabinet", "part"):
        drafts.start(session, family, NOW, "", "access")
    orders = (world.order, world.sister_order, world.foreign_order, world.guest_order)
    own, sister, foreign, _ = (open_proof(session, order).id for order in orders)
    return {"proof_id": Ids(dict.fromkeys(READERS, own), dict.fromkeys(READERS, sister), foreign=foreign)}


def open_proof(session: Session, order: Order) -> Proof:
    """A proof that waits for the customer, of artwork that is only a name here."""
    report = ProofReport(
        width_mm=Decimal(62),
        height_mm=Decimal(84),
        zone_width_mm=Decimal(80),
        zone_height_mm=Decimal(90),
        colour_deviation_percent=15,
        findings=(),
    )
    proof = Proof(
        order_id=order.id,
        plant_id=order.plant_id,
        version=1,
        artwork_id="none",
        print_key=order.id,
        report=report.model_dump(mode="json"),
        preview=b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        preview_type="image/svg+xml",
        made_at=NOW.business,
    )
    session.add(proof)
    session.flush()
    return proof
