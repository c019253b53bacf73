"""A seeded plant in which every form of the house is somewhere on a page: its past brings orders at every
stage; what no past brings is added here."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from cosmo.clock import read_now, set_clock, wall_time
from cosmo.db import Database
from cosmo.events import Event
from cosmo.identity import open_session
from cosmo.orders import Order
from cosmo.outbox import Delivery, DeliveryState
from cosmo.parties import Account, Plant, Role
from cosmo.relay import drain
from cosmo.settings import read_settings
from cosmo.stages import Stage
from cosmo.tasks import open_task
from modules.logistics.models import Shipment, ShipmentState
from modules.manufacturing.models import Downtime, Kind, Shortfall, WorkCentre
from modules.marketing.presale_models import Pledge, PledgeState
from modules.procurement.answering import confirm
from modules.procurement.models import Material, PurchaseOrder
from modules.procurement.ordering import add_for_stock
from modules.rnd import drafts, releases
from modules.rnd.family import content_of
from modules.rnd.idea_models import Idea, IdeaState
from modules.rnd.ideas import choose, claim, proposals, propose
from modules.rnd.models import Proof
from modules.service.models import Rating
from seeds import demo, history
from tests.web.forms import mark_forms, read
from tests.web_fixtures import Visitor
from web.app import create_app
from web.site import Site
from web.visits import COOKIE

GUEST = "guest"
ORDERER = {"name": "Ada", "street": "Ring 1", "postal_code": "10115", "city": "Berlin", "country": "DE",
           "email": "ada@example.test"}  # fmt: skip


@dataclass(slots=True)
class FormWorld:
    """`visitors`: role and e-mail -> their browser; `first`: pages that no link leads to in time; `sent`:
    what is sent so that a form is the answer: (who, address, fields)."""

    app: FastAPI
    database: Database
    visitors: Mapping[str, Visitor]
    first: dict[str, list[str]] = field(default_factory=dict)
    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def site(self) -> Site:
        site: Site = self.app.state.site
        return site


@contextmanager
def form_world(home: Path) -> Iterator[FormWorld]:
    """One plant with a past, its app with marked forms, everybody's browser."""
    database = Database(f"sqlite:///{home / 'cosmo.db'}")
    database.files = home / "attachments"
    _seed(database)
    env = {"COSMO_HOME": str(home), "COSMO_DATABASE_URL": database.url, "COSMO_DEMO": "1",
           "COSMO_BASE_URL": "http://testserver"}  # fmt: skip
    app = create_app(read_settings(env), database)
    with Visitor(app, raise_server_exceptions=False) as guest:
        mark_forms(app.state.site.pages.env)
        world = FormWorld(app, database, {GUEST: guest, **_people(app, database)})
        with database.write() as session:
            _troubles(session)
            _on_the_way(session)
            _buy_more(session)
            _drafts(session)
            _decide(session)
        _shopping(world, guest)
        _work(world)
        _after_delivery(world)
        world.sent.append((_who(world, Role.SELLER), "/plant/catalogue/tile/visibility", {"shown": "no"}))
        yield world
    database.dispose()


def _seed(database: Database) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "PLANTS", ("lu-ceramics",))
        patch.setattr(demo, "A_DAY", {"lu-ceramics": 1.0})
        patch.setattr(demo, "LATELY", {"lu-ceramics": 1.0})
        patch.setattr(history, "LARGER", 1)
        patch.setattr(history, "SOON_DAYS", (18, 60))
        patch.setattr(demo, "AHEAD", {"lu-ceramics": 8})
        patch.setattr(history, "STEP", timedelta(hours=12))
        demo.seed(database, small=False, report=lambda line: None)


def _drafts(session: Session) -> None:
    """One family whose next release is being written upon an older release, and one whose draft was
    discarded."""
    now = read_now(session)
    begun = drafts.start(session, "mug", now, "For hotels", "test")
    drafts.discard(session, "tile", drafts.start(session, "tile", now, "", "test").version, now, "test")
    content = content_of(begun.files, "mug")
    content["blurb"] = {**content["blurb"], "en": "Another mug."}
    plant = session.exec(select(Plant).where(Plant.slug == "lu-ceramics")).one()
    releases.release(session, content, plant, now.business)


def _people(app: FastAPI, database: Database) -> dict[str, Visitor]:
    """One of each role, and all suppliers: each sees other materials."""
    visitors: dict[str, Visitor] = {}
    with database.write() as session:
        for account in session.exec(select(Account).order_by(Account.role, Account.email)):
            if account.role != Role.SUPPLIER and any(who.startswith(account.role) for who in visitors):
                continue
            visitor = Visitor(app, raise_server_exceptions=False)
            visitor.cookies.set(COOKIE, open_session(session, account_id=account.id, wall=wall_time()))
            visitors[f"{account.role} {account.email}"] = visitor
    return visitors


def _troubles(session: Session) -> None:
    """What went wrong: a standstill, a task, an effect that failed."""
    plant, now = session.exec(select(Plant)).one(), read_now(session)
    set_clock(session, speed=0.0, business=now.business)
    centre = session.exec(select(WorkCentre).where(WorkCentre.plant_id == plant.id)).first()
    assert centre is not None
    end = now.business + timedelta(minutes=5)
    session.add(
        Downtime(
            plant_id=plant.id, resource=centre.code, start=now.business, end=end, reported_at=now.business
        )
    )
    open_task(session, plant.manufacturer_id, "see", "x", "Look at it.", now=now)
    event = session.exec(select(Event).order_by(col(Event.position).desc())).first()
    assert event is not None
    assert event.position is not None
    row = Delivery(position=event.position, order_id=event.order_id, handler="x.y", lane="x",
                   next_at=now.wall, state=DeliveryState.DEAD, error="it broke")  # fmt: skip
    session.add(row)


def _on_the_way(session: Session) -> None:
    """Of two shipments one waits for the carrier and one is on the van."""
    waiting, riding = session.exec(select(Shipment).order_by(Shipment.id).limit(2)).all()
    waiting.state, waiting.picked_up_at = ShipmentState.PACKED, None
    riding.state = ShipmentState.PICKED_UP
    session.add_all([waiting, riding])


def _buy_more(session: Session) -> None:
    """Two materials of one supplier are asked for, so that both can be confirmed at once; what another has
    confirmed can be announced."""
    now = read_now(session)
    bought = session.exec(select(Material).where(col(Material.supplier_id).is_not(None))).all()
    by_supplier = Counter(material.supplier_id for material in bought)
    chosen = by_supplier.most_common(1)[0][0]
    for material in [m for m in bought if m.supplier_id == chosen][:2]:
        line = add_for_stock(session, material, Decimal(5000), now)
        session.get_one(PurchaseOrder, line.purchase_id).sent_at = now.business
        session.flush()
    other = next(material for material in bought if material.supplier_id != chosen)
    purchase = session.get_one(PurchaseOrder, add_for_stock(session, other, Decimal(50), now).purchase_id)
    purchase.sent_at = now.business
    confirm(session, purchase, now)


def _decide(session: Session) -> None:
    """The proposal for one idea is chosen, another idea is claimed; a pledge of the pre-sale is stuck."""
    now = read_now(session)
    answered = session.exec(select(Idea).where(Idea.state == IdeaState.CLAIMED)).one()
    designer = session.get_one(Account, answered.claimed_by)
    choose(session, answered, designer, proposals(session, answered.id)[0].id, now)
    other = session.exec(select(Idea).where(Idea.state == IdeaState.OPEN)).first()
    assert other is not None
    claim(session, other, designer, now)
    propose(session, other, designer, words="So", price=Decimal(9), now=now)
    pledge = session.exec(select(Pledge).order_by(col(Pledge.id).desc())).first()
    assert pledge is not None
    pledge.state = PledgeState.STUCK
    session.add(pledge)


def _who(world: FormWorld, role: Role) -> str:
    return next(who for who in world.visitors if who.startswith(role))


def _shopping(world: FormWorld, guest: Visitor) -> None:
    """A customer has a quote, one that ran out, a basket of two, and an order that waits for its deposit,
    which the guest may follow; guests have but one quote at a time."""
    who = _who(world, Role.CUSTOMER)
    customer = world.visitors[who]
    quote, over, large = (_ask(customer, n) for n in ("12", "24", "3000"))
    for quantity in ("36", "48"):
        _ask(customer, quantity, "keep")
    bought = customer.post(large, data=ORDERER)
    assert bought.status_code == 303, f"the large order was answered {bought.status_code}"
    drain(world.database)
    with world.database.write() as session:
        order = session.get_one(Order, over.rpartition("/")[2])
        order.quote_expires_at = wall_time() - timedelta(minutes=1)
        session.add(order)
    followed = bought.headers["Location"]
    with world.database.write() as session:
        _ask_how_to_go_on(session, followed.rpartition("/")[2])
    customer.post("/account/keys", data={"label": "the shop"})
    mine = [_save(customer) for _ in range(2)]
    customer.post(f"/designs/{mine[0]}/link")
    world.first[who] = [quote, over, followed, *(f"/designs?open={design}" for design in mine)]
    with world.database.read() as session:
        key = session.exec(select(Pledge.key).where(Pledge.state == PledgeState.PLEDGED)).first()
    world.first[GUEST] = [_ask(guest, "12"), followed, f"{followed}/cancellation?sent=1", f"/pledge/{key}"]


def _ask_how_to_go_on(session: Session, token: str) -> None:
    """A question about missing pieces is open on the order with this link."""
    order = session.exec(select(Order).where(Order.tracking_token == token)).one()
    now = read_now(session).business
    day, until = now.date() + timedelta(days=20), now + timedelta(days=2)
    question = Shortfall(
        plant_id=order.plant_id, order_id=order.id, owed=order.quantity, missing=40,
        pieces=order.quantity - 40, second_day=day, remake_day=day, asked_at=now, until=until, lot=1,
        code="glost", resource="KG1",
    )  # fmt: skip
    session.add(question)


def _ask(visitor: Visitor, quantity: str, do: str = "order") -> str:
    answer = visitor.post("/configure/mug", data={"quantity": quantity, "do": do})
    assert answer.status_code == 303, f"a quote for {quantity} was answered {answer.status_code}"
    address: str = answer.headers["Location"]
    return address


def _save(visitor: Visitor) -> str:
    """A mug is saved; the design's id."""
    answer = visitor.post("/configure/mug", data={"quantity": "12", "do": "save-as"})
    assert answer.status_code == 303, f"saving was answered {answer.status_code}"
    return str(answer.headers["Location"].partition("&design=")[2])


def _work(world: FormWorld) -> None:
    """Something runs, so that it can be counted; the supplier has announced something."""
    operator = _who(world, Role.OPERATOR)
    with world.database.read() as session:
        codes = session.exec(select(WorkCentre.code).where(WorkCentre.kind != Kind.BATCH)).all()
    started = next(code for code in codes if _press(world.visitors[operator], f"/floor/{code}", "start"))
    batches = [f"/floor/{code}?step=count" for code in ("KB1", "KG1", "KG2", "KD1")]
    world.first[operator] = [f"/floor/{started}?step={step}" for step in ("count", "scrap")] + batches
    for who in world.visitors:
        if who.startswith(Role.SUPPLIER):
            _press(world.visitors[who], "/supplier/orders", "announcement")
    lost = {"plant": "lu-ceramics", "resource": started, "hours": "3", "reason": "belt"}
    world.sent.append((operator, "/plant/standstills", lost))
    world.sent.append((_who(world, Role.PLANNER), "/plant/standstills", {**lost, "publish": "1"}))


def _press(visitor: Visitor, address: str, verb: str) -> bool:
    """Send the page's first form with that verb in its address or its action, if it has one."""
    for form in read(visitor.get(address).text).forms:
        if form.action.endswith(verb) or form.values().get("action") == verb:
            return bool(visitor.post(form.action, data=form.values()).status_code == 303)
    return False


def _after_delivery(world: FormWorld) -> None:
    """An order that was delivered and waits to be rated; another whose proof waits to be approved."""
    with world.database.write() as session:
        for rating in session.exec(select(Rating)).all():
            session.delete(rating)
        token = session.exec(select(Order.tracking_token).where(Order.stage == Stage.DELIVERED)).first()
        proof = session.exec(select(Proof).where(Proof.state == "open")).first()
        assert proof is not None
        proofed = session.get_one(Order, proof.order_id).tracking_token
    who = _who(world, Role.CUSTOMER)
    world.first[who] += [f"/track/{token}", f"/track/{proofed}"]
    world.sent.append((who, f"/track/{token}/rating", {"stars": "9", "text": "Very blue"}))
