"""The large synthetic family offered in a database, through the ordinary loader."""

import tempfile
from pathlib import Path

from sqlmodel import select

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.parties import Plant
from modules.marketing.lists import load_price_list
from modules.rnd.releases import load_families
from seeds.bench.clicks.large_family import PLANT, SLUG, Large, write_family
from seeds.files import read_yaml


def offer_family(url: str, large: Large) -> None:
    """Release it at its plant, with its price list."""
    database = Database(url)
    try:
        with tempfile.TemporaryDirectory(prefix="cosmo-family-") as there, database.write() as session:
            folder, now = write_family(large, Path(there) / SLUG), read_now(session)
            plant = session.exec(select(Plant).where(Plant.slug == PLANT)).one()
            load_families(session, folder, plant, now.business)
            load_price_list(session, plant, SLUG, read_yaml(folder / "price.yaml"), now)
    finally:
        database.dispose()
