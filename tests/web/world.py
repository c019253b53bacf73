"""A small world for the access test: two manufacturers, two customers and two guests at the first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sqlmodel import Session, select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.events import Event
from cosmo.identity import csrf_token, fingerprint, new_api_key, open_session
from cosmo.orders import Order
from cosmo.outbox import Delivery
from cosmo.parties import ApiKey, LoginSession, Party, PartyKind, Plant, Role
from cosmo.registry import registry
from cosmo.stages import Stage
from cosmo.tasks import open_task
from modules.rnd.releases import load_families
from tests.access import ROLES, Ids
from tests.factories import NOW, make_account, make_order, make_party, make_plant, make_standard_product, walk
from web.csrf import HEADER
from web.deps import PLANT
from web.visits import COOKIE

MUGS = Path(__file__).parents[2] / "seeds" / "families" / "mug"
PLANT_OF_MUGS = "lu-ceramics"
"""The plant that the mug's files name."""


@dataclass(frozen=True, slots=True)
class World:
    """`people`: role -> headers that sign a request. Orders are placed."""

    own_plant: Plant
    foreign_plant: Plant
    parties: Mapping[Role, Party]
    people: Mapping[Role, dict[str, str]]
    order: Order
    sibling_order: Order
    foreign_order: Order
    guest_order: Order
    sibling_guest_order: Order


def make_world(database: Database) -> tuple[World, dict[str, Ids]]:
    """The world and the ids it offers for path parameters, the modules' own included."""
    with database.write() as session:
        world = _world(session)
        ids = _kernel_ids(world) | _shell_ids(session, world)
        for name in registry().modules:
            where = f"tests.modules.{name}.access_ids"
            if find_spec(f"tests.modules.{name}") and find_spec(where):
                ids |= import_module(where).ids(session, world)
    return world, ids


def _world(session: Session) -> World:
    own, foreign = make_plant(session, slug=PLANT_OF_MUGS), make_plant(session)
    load_families(session, MUGS, own, wall_time())
    make_standard_product(session, own, "cup")
    make_standard_product(session, foreign, "cup-foreign")
    parties = _parties(session, own)
    guests = [open_session(session, wall=wall_time()) for _ in range(2)]
    rows = [
        session.exec(select(LoginSession).where(LoginSession.secret_hash == fingerprint(g))).one()
        for g in guests
    ]
    people: dict[Role, dict[str, str]] = {
        role: _signed(session, parties[role], role) for role in ROLES if role is not Role.GUEST
    }
    people[Role.GUEST] = {"Cookie": f"{COOKIE}={guests[0]}", HEADER: csrf_token(guests[0])}
    sibling = make_party(session, PartyKind.CUSTOMER)
    return World(
        own, foreign, parties, people,
        order=_placed(session, own, customer=parties[Role.CUSTOMER]),
        sibling_order=_placed(session, own, customer=sibling),
        foreign_order=_placed(session, foreign, customer=make_party(session, PartyKind.CUSTOMER)),
        guest_order=_placed(session, own, session_id=rows[0].id),
        sibling_guest_order=_placed(session, own, session_id=rows[1].id),
    )  # fmt: skip


def _parties(session: Session, plant: Plant) -> dict[Role, Party]:
    owner = session.get_one(Party, plant.manufacturer_id)
    others = {
        Role.CUSTOMER: PartyKind.CUSTOMER,
        Role.SUPPLIER: PartyKind.SUPPLIER,
        Role.CARRIER: PartyKind.CARRIER,
        Role.PLATFORM: PartyKind.PLATFORM,
    }
    return dict.fromkeys(PLANT, owner) | {role: make_party(session, kind) for role, kind in others.items()}


def _signed(session: Session, party: Party, role: Role) -> dict[str, str]:
    account = make_account(session, party, role)
    return {"Authorization": f"Bearer {new_api_key(session, account.id, 'access', wall=wall_time())}"}


def _placed(session: Session, plant: Plant, **values: object) -> Order:
    return walk(session, make_order(session, plant, **values).id, Stage.PLACED)  # type: ignore[arg-type]


def _kernel_ids(world: World) -> dict[str, Ids]:
    plant_roles = dict.fromkeys(PLANT, world.order.id)
    orders = Ids(
        own={**plant_roles, Role.CUSTOMER: world.order.id, Role.GUEST: world.guest_order.id},
        sibling={Role.CUSTOMER: world.sibling_order.id, Role.GUEST: world.sibling_guest_order.id},
        foreign=world.foreign_order.id,
    )
    plants = Ids(dict.fromkeys(PLANT, world.own_plant.slug), foreign=world.foreign_plant.slug)
    everybody = frozenset(ROLES)
    return {
        "order_id": orders,
        "token": Ids(dict.fromkeys(ROLES, world.order.tracking_token), foreign="x" * 32),
        "slug": plants,
        "plant": plants,
        "family": Ids(dict.fromkeys(ROLES, "mug"), unscoped=everybody),
    }


def _shell_ids(session: Session, world: World) -> dict[str, Ids]:
    """What the admin and account pages act on."""
    own, foreign = world.own_plant.manufacturer_id, world.foreign_plant.manufacturer_id
    tasks = [open_task(session, m, "see", m, "Look at it.", now=NOW).id for m in (own, foreign)]
    stuck = [_delivery(session, order) for order in (world.order, world.foreign_order)]
    platform, planner = frozenset({Role.PLATFORM}), {Role.PLANNER: stuck[0]}
    return {
        "task_id": Ids(dict.fromkeys((*PLANT, Role.PLATFORM), tasks[0]), foreign=tasks[1], unscoped=platform),
        "delivery_id": Ids({**planner, Role.PLATFORM: stuck[0]}, foreign=stuck[1], unscoped=platform),
        "manufacturer_id": Ids({Role.PLATFORM: own}, foreign=world.parties[Role.CUSTOMER].id),
        "key_id": Ids(foreign=_somebodys_key(session)),
    }


def _somebodys_key(session: Session) -> str:
    account = make_account(session, make_party(session, PartyKind.CUSTOMER), Role.CUSTOMER)
    new_api_key(session, account.id, "theirs", wall=wall_time())
    return session.exec(select(ApiKey.id).where(ApiKey.account_id == account.id)).one()


def _delivery(session: Session, order: Order) -> str:
    event = session.exec(select(Event).where(Event.order_id == order.id)).first()
    assert event is not None
    assert event.position is not None
    row = Delivery(position=event.position, order_id=order.id, handler="x.y", lane="x", next_at=wall_time())
    session.add(row)
    session.flush()
    return row.id


def named(path: str, body: str) -> list[str]:
    """The ids a route takes, in its path and in the body the table gives."""
    return re.findall(r"\{(\w+)", path) + re.findall(r"<(\w+)>", body)
