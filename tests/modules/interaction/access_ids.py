"""An uploaded picture for the access test: whoever knows its id may see it, a wrong id is nothing."""

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from sqlmodel import Session

from cosmo import attachments
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
    return {"attachment_id": Ids(dict.fromkeys(ROLES, row.id), public=True)}
