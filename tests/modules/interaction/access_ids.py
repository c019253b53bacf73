"""An uploaded picture for the access test: whoever knows its id may see it, a wrong id is nothing."""

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from sqlmodel import Session

from cosmo import attachments
from cosmo.orders import Order
from cosmo.parties import Role
from modules.interaction.designs import share
from modules.interaction.models import Design
from modules.interaction.service import send_message
from tests.access import ROLES, Ids
from tests.factories import NOW
from tests.web.world import MESSAGE, World


def dot() -> bytes:
    """A PNG of a few points."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "navy").save(out, "PNG")
    return out.getvalue()


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    folder = session.info["files"] or Path(tempfile.mkdtemp())
    row = attachments.store(session, folder, io.BytesIO(dot()), "dot.png", now=NOW)
    for order in (world.order, world.sister_order, world.sibling_order, world.foreign_order):
        send_message(session, order.id, MESSAGE, from_plant=False, account_id=None, now=NOW)
    mine, ours = _design(session, world.guest_order), _design(session, world.order)
    return {
        "attachment_id": Ids(dict.fromkeys(ROLES, row.id), public=True),
        "design_id": Ids(
            {Role.GUEST: mine.id, Role.CUSTOMER: ours.id},
            sibling={
                Role.GUEST: _design(session, world.sibling_guest_order).id,
                Role.CUSTOMER: _design(session, world.sibling_order).id,
            },
            foreign=_design(session, world.foreign_order).id,
        ),
        "design_key": Ids(dict.fromkeys(ROLES, _shared(session, world.order)), public=True),
    }


def _shared(session: Session, beside: Order) -> str:
    """The key of a design that was shared; its name is for whoever has the link."""
    design = _design(session, beside)
    design.title = "Wedding mug"
    return share(session, design).share_key or ""


def _design(session: Session, beside: Order) -> Design:
    """A saved design of whoever ordered that."""
    draft = Order(
        manufacturer_id=beside.manufacturer_id,
        plant_id=beside.plant_id,
        customer_id=beside.customer_id,
        session_id=beside.session_id,
        family=beside.family,
        quantity=1,
        created_at=NOW.business,
    )
    session.add(draft)
    session.flush()
    design = Design(order_id=draft.id, title=MESSAGE, saved_at=NOW.business)
    session.add(design)
    session.flush()
    return design
