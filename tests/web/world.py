"""A small world for the access test: a manufacturer with two sites, another with one, customers and guests.

What only some may read is written in canaries: `IDENTITY` in what is the customers', a price of `PRICES` on
what each supplier but our own sells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sqlmodel import Session, select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.events import Event
from cosmo.identity import csrf_token, fingerprint, new_api_key, open_session
from cosmo.orders import Address, Order
from cosmo.outbox import Delivery
from cosmo.parties import Account, ApiKey, LoginSession, Party, PartyKind, Plant, Role
from cosmo.registry import registry
from cosmo.stages import Stage
from cosmo.tasks import open_task
from modules.rnd.releases import load_families
from tests.access import ROLES, Ids
from tests.factories import NOW, make_account, make_order, make_party, make_plant, make_standard_product, walk
from web.csrf import HEADER
from web.deps import PLANT
from web.visits import COOKIE

FAMILIES = Path(__file__).parents[2] / "seeds" / "families"
PLANT_OF_MUGS, PLANT_OF_CABINETS, PLANT_OF_PARTS = "lu-ceramics", "hansa-cabinets", "rhein-additive"
"""The plants that the families' files name: here the first two are one manufacturer's sites."""
NAME, MAIL, PHONE = "Canarina Vogelsang", "canarina@nest.example", "+49 30 47110815"
STREET, MESSAGE = "Finkenweg 4711", "Zwitscher bitte leise"
IDENTITY = ("Canarina", "Vogelsang", MAIL, "47110815", "Finkenweg", "Piepstadt", "98764", "Zwitscher")
PRICES = {"sibling": Decimal("98765.43"), "foreign": Decimal("87654.32"), "sister": Decimal("76543.21")}


@dataclass(frozen=True, slots=True)
class World:
    """`people`: role -> headers that sign a request. Orders are placed."""

    own_plant: Plant
    sister_plant: Plant
    foreign_plant: Plant
    parties: Mapping[Role, Party]
    people: Mapping[Role, dict[str, str]]
    keys: Mapping[Role, str]
    """Ids of API keys to revoke, one of each role's own beside the one it signs with."""
    order: Order
    sister_order: Order
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
    own, sister, foreign = _plants(session)
    parties = _parties(session, own)
    guests = [open_session(session, wall=wall_time()) for _ in range(2)]
    known = [_session_id(session, secret) for secret in guests]
    accounts = {r: make_account(session, parties[r], r) for r in ROLES if r is not Role.GUEST}
    people = {role: signed(session, account) for role, account in accounts.items()}
    people[Role.GUEST] = {"Cookie": f"{COOKIE}={guests[0]}", HEADER: csrf_token(guests[0])}
    other = _canary(session)
    return World(
        own, sister, foreign, parties, people,
        keys={role: another_key(session, account) for role, account in accounts.items()},
        order=placed(session, own, customer=parties[Role.CUSTOMER]),
        sister_order=placed(session, sister, customer=other),
        sibling_order=placed(session, own, customer=other),
        foreign_order=placed(session, foreign, customer=_canary(session)),
        guest_order=placed(session, own, session_id=known[0]),
        sibling_guest_order=placed(session, own, session_id=known[1]),
    )  # fmt: skip


def _plants(session: Session) -> tuple[Plant, Plant, Plant]:
    own, foreign = make_plant(session, slug=PLANT_OF_MUGS), make_plant(session, slug=PLANT_OF_PARTS)
    owner = session.get_one(Party, own.manufacturer_id)
    sister = make_plant(session, owner, slug=PLANT_OF_CABINETS)
    for plant, family in ((own, "mug"), (sister, "cabinet"), (foreign, "part")):
        load_families(session, FAMILIES / family, plant, wall_time())
    make_standard_product(session, own, "cup")
    make_standard_product(session, foreign, "cup-foreign")
    return own, sister, foreign


def _session_id(session: Session, secret: str) -> str:
    query = select(LoginSession.id).where(LoginSession.secret_hash == fingerprint(secret))
    return session.exec(query).one()


def _canary(session: Session) -> Party:
    return make_party(session, PartyKind.CUSTOMER, NAME, email=MAIL, phone=PHONE)


def _parties(session: Session, plant: Plant) -> dict[Role, Party]:
    owner = session.get_one(Party, plant.manufacturer_id)
    others = {
        Role.SUPPLIER: PartyKind.SUPPLIER,
        Role.CARRIER: PartyKind.CARRIER,
        Role.PLATFORM: PartyKind.PLATFORM,
    }
    made = {role: make_party(session, kind) for role, kind in others.items()}
    return dict.fromkeys(PLANT, owner) | made | {Role.CUSTOMER: _canary(session)}


def signed(session: Session, account: Account) -> dict[str, str]:
    """Headers that sign a request by API key."""
    return {"Authorization": f"Bearer {new_api_key(session, account.id, 'access', wall=wall_time())}"}


def another_key(session: Session, account: Account) -> str:
    """The id of a new API key."""
    before = set(session.exec(select(ApiKey.id)))
    new_api_key(session, account.id, "to revoke", wall=wall_time())
    return next(key for key in session.exec(select(ApiKey.id)) if key not in before)


def placed(session: Session, plant: Plant, **values: object) -> Order:
    """A placed order that goes to the canary's address."""
    order = make_order(session, plant, **values)  # type: ignore[arg-type]
    to_the_canary(session, order)
    return walk(session, order.id, Stage.PLACED)


def to_the_canary(session: Session, order: Order) -> None:
    """Let the order go where she lives."""
    address = session.get_one(Address, order.ship_to_id)
    address.name, address.street, address.city, address.postal_code = NAME, STREET, "Piepstadt", "98764"
    session.add(address)
    session.flush()


def _kernel_ids(world: World) -> dict[str, Ids]:
    everybody = frozenset(ROLES)
    strangers = frozenset((Role.SUPPLIER, Role.CARRIER, Role.PLATFORM))
    orders = Ids(
        own={
            **dict.fromkeys(PLANT, world.order.id),
            Role.CUSTOMER: world.order.id,
            Role.GUEST: world.guest_order.id,
        },
        sister=dict.fromkeys(PLANT, world.sister_order.id),
        sibling={
            Role.CUSTOMER: world.sibling_order.id,
            Role.GUEST: world.sibling_guest_order.id,
            **dict.fromkeys(strangers, world.order.id),
        },
        foreign=world.foreign_order.id,
        nobody=strangers,
    )
    plants = Ids(
        dict.fromkeys(PLANT, world.own_plant.slug),
        dict.fromkeys(PLANT, world.sister_plant.slug),
        foreign=world.foreign_plant.slug,
    )
    return {
        "order_id": orders,
        "token": Ids(dict.fromkeys(everybody, world.order.tracking_token), foreign="x" * 32, public=True),
        "slug": plants,
        "plant": plants,
        "public_plant": Ids(
            dict.fromkeys(everybody, world.own_plant.slug), foreign="no-such-plant", public=True
        ),
        "family": Ids(dict.fromkeys(everybody, "mug"), foreign="no-such-family", public=True),
        "plant_family": Ids(dict.fromkeys(PLANT, "mug"), dict.fromkeys(PLANT, "cabinet"), foreign="part"),
    }


def _shell_ids(session: Session, world: World) -> dict[str, Ids]:
    """What the admin and account pages act on."""
    own, foreign = world.own_plant.manufacturer_id, world.foreign_plant.manufacturer_id
    about = ((own, world.order), (own, world.sister_order), (foreign, world.foreign_order))
    tasks = [open_task(session, m, "see", o.id, "Look at it.", now=NOW, order_id=o.id).id for m, o in about]
    stuck = [_delivery(session, order) for _, order in about]
    platform = frozenset({Role.PLATFORM})
    colleagues = [make_account(session, world.parties[role], role) for role in world.keys]
    return {
        "task_id": Ids(
            dict.fromkeys((*PLANT, Role.PLATFORM), tasks[0]), dict.fromkeys(PLANT, tasks[1]),
            foreign=tasks[2], unscoped=platform,
        ),
        "delivery_id": Ids(
            dict.fromkeys((Role.PLANNER, Role.PLATFORM), stuck[0]), {Role.PLANNER: stuck[1]},
            foreign=stuck[2], unscoped=platform,
        ),
        "manufacturer_id": Ids({Role.PLATFORM: own}, foreign=world.parties[Role.CUSTOMER].id),
        "key_id": Ids(
            world.keys, sibling={Role(c.role): another_key(session, c) for c in colleagues},
            foreign=another_key(session, make_account(session, _canary(session), Role.CUSTOMER)),
        ),
    }  # fmt: skip


def _delivery(session: Session, order: Order) -> str:
    event = session.exec(select(Event).where(Event.order_id == order.id)).first()
    assert event is not None
    assert event.position is not None
    row = Delivery(position=event.position, order_id=order.id, handler="x.y", lane="x", next_at=wall_time())
    session.add(row)
    session.flush()
    return row.id
