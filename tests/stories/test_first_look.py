"""What somebody sees who looks at the fresh demo: no menu entry of any role leads to an empty page."""

import re
from pathlib import Path

from sqlmodel import select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.identity import open_session
from cosmo.orders import Order
from cosmo.parties import Account, Plant
from cosmo.registry import registry
from cosmo.settings import read_settings
from cosmo.stages import Stage
from tests.web_fixtures import Visitor
from web.app import create_app
from web.navigation import SHELL
from web.visits import COOKIE

GOOD_WHEN_EMPTY = ("/admin/deliveries", "/admin/tasks", "/admin/clock")
"""What went wrong, what a person must mend, and the clock."""
TOO_FEW = {
    ("hansa-cabinets", "/plant/firings"), ("hansa-cabinets", "/plant/purchase-orders"),
    ("hansa-cabinets", "/plant/shipping"), ("hansa-cabinets", "/service"),
    ("rhein-additive", "/plant/purchase-orders"),
}  # fmt: skip
"""So few orders buy nothing beyond the stock, and no cabinet is delivered yet."""
WITHOUT_ARTWORK = ("hansa-cabinets", "rhein-additive")
A_ROW = re.compile(
    r"<tbody[^>]*>\s*<tr(?!><td colspan)|<li[ >]|<article|href=\"/(plant/orders/|configure/|floor/)"
)


def pages_of(role: str) -> list[str]:
    nav = [*SHELL, *(item for parts in registry().parts.values() for item in parts.nav)]
    return sorted({item.href for item in nav if role in item.roles} - set(GOOD_WHEN_EMPTY))


def test_no_page_of_a_menu_is_empty(seeded: Database, tmp_path: Path) -> None:
    env = {"COSMO_HOME": str(tmp_path), "COSMO_DATABASE_URL": seeded.url, "COSMO_DEMO": "1"}
    app = create_app(read_settings(env), seeded)
    with seeded.read() as session:
        plants = {p.manufacturer_id: p.slug for p in session.exec(select(Plant))}
        accounts = list(session.exec(select(Account)))
    shown: dict[tuple[str, str, str], bool] = {}
    for account in accounts:
        visitor = Visitor(app)
        with seeded.write() as session:
            secret = open_session(session, account_id=account.id, wall=wall_time())
        visitor.cookies.set(COOKIE, secret)
        for href in pages_of(account.role):
            if href == "/plant/proofs" and plants.get(account.party_id) in WITHOUT_ARTWORK:
                continue
            answer = visitor.get(href)
            assert answer.status_code == 200, (account.email, href)
            key = (plants.get(account.party_id, ""), account.role, href)
            row = A_ROW.search(answer.text.partition("<main")[2])
            shown[key] = shown.get(key, False) or row is not None
    empty = [" ".join(key) for key, row in shown.items() if not row and (key[0], key[2]) not in TOO_FEW]
    assert empty == [], "\n".join(empty)


def test_every_fate_of_an_order_is_there(seeded: Database) -> None:
    with seeded.read() as session:
        lu = session.exec(select(Plant).where(Plant.slug == "lu-ceramics")).one()
        rhein = session.exec(select(Plant).where(Plant.slug == "rhein-additive")).one()
        stages = set(session.exec(select(Order.stage).where(Order.plant_id == lu.id)))
        held = session.exec(select(Order.id).where(Order.plant_id == lu.id, Order.held)).first()
        parts = session.exec(select(Order.stage).where(Order.plant_id == rhein.id)).all()
    assert {Stage.DELIVERED, Stage.CANCELLED, Stage.LAPSED} <= stages
    assert held is not None
    assert Stage.DELIVERED in parts
    assert set(parts) & {Stage.SCHEDULED, Stage.IN_PRODUCTION}
