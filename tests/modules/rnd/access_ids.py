"""Ids of proofs and ideas for the access test: one that is somebody's own, one at another plant."""

import io
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session, select

from cosmo import attachments
from cosmo.orders import Order
from cosmo.parties import Account, Role
from modules.rnd import drafts
from modules.rnd.idea_models import Idea, IdeaProposal
from modules.rnd.models import Proof
from modules.rnd.proofing import ProofReport
from tests.access import ROLES, Ids
from tests.factories import NOW
from tests.modules.rnd.pictures import drawing
from tests.web.world import World

READERS = (Role.ENGINEER, Role.PLANNER, Role.SELLER, Role.SERVICE)


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    for family in ("mug", "cabinet", "part"):
        drafts.start(session, family, NOW, "", "access")
    orders = (world.order, world.sister_order, world.foreign_order, world.guest_order)
    own, sister, foreign, _ = (open_proof(session, order).id for order in orders)
    proofs = Ids(dict.fromkeys(READERS, own), dict.fromkeys(READERS, sister), foreign=foreign)
    return {
        "proof_id": proofs,
        "shown_release": Ids(dict.fromkeys(ROLES, "cabinet-1"), public=True),
        "picture": Ids(dict.fromkeys(ROLES, "front_flat"), public=True),
        **_ideas(session, world),
    }


def _ideas(session: Session, world: World) -> Mapping[str, Ids]:
    """An idea at each plant. Anybody may look at any; only their own plant's people act on one. What has a
    picture has it by an attachment."""
    author = world.parties[Role.CUSTOMER].id
    plants = (world.own_plant, world.sister_plant, world.foreign_plant)
    own, sister, foreign = (_idea(session, plant.id, author, plant.slug) for plant in plants)
    folder = session.info["files"] or Path(tempfile.mkdtemp())
    drawn = attachments.store(session, folder, io.BytesIO(drawing()), "sketch.svg", now=NOW)
    own.sketch_id = drawn.id
    mine = (Account.party_id == world.own_plant.manufacturer_id, Account.role == Role.ENGINEER)
    designer = session.exec(select(Account.id).where(*mine)).first() or ""
    proposal = IdeaProposal(idea_id=own.id, account_id=designer, words="So", price=Decimal(9),
                            currency="EUR", picture_id=drawn.id, posted_at=NOW.business)  # fmt: skip
    session.add(proposal)
    session.flush()
    return {
        "idea_id": Ids(dict.fromkeys(ROLES, own.id), public=True),
        "idea_key": Ids(dict.fromkeys(ROLES, own.key), public=True),
        "proposal_id": Ids(dict.fromkeys(ROLES, proposal.id), public=True),
        "plant_idea": Ids(
            dict.fromkeys(READERS, own.id), dict.fromkeys(READERS, sister.id), foreign=foreign.id
        ),
    }


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


def _idea(session: Session, plant_id: str, author_id: str, title: str) -> Idea:
    idea = Idea(
        plant_id=plant_id,
        family="mug",
        author_id=author_id,
        locale="en",
        title=title,
        words="A handle for two hands",
        posted_at=NOW.business,
    )
    session.add(idea)
    session.flush()
    return idea
