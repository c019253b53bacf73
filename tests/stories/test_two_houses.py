"""Two web processes and two workers on one PostgreSQL and one RabbitMQ carry orders from mind to door.

The journey by hand, in browsers, runs on such an installation too: `tests/browser/test_journey.py`.
"""

import io
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw
from sqlmodel import col, select

from cosmo.db import Database
from modules.manufacturing.models import JobOrder
from tests.browser.houses import MUG_TO, MakeHouse, two_of_each
from tests.browser.stopwatch import PATIENCE, Stopwatch, told
from tests.browser.watching import in_order, seen, shown_at, stream_of, watch
from tests.stories.staff import Everybody, Installation, carry_on, stage_of, until

ADA = {"name": "Ada Gast", "email": "ada@example.test"}


@pytest.fixture
def installation(make_house: MakeHouse, postgres_url: str, rabbitmq_url: str) -> Iterator[Installation]:
    house = make_house(COSMO_DATABASE_URL=postgres_url, COSMO_BROKER_URL=rabbitmq_url)
    house.home.mkdir(parents=True)
    house.run("seed", "--small")
    one, two = two_of_each(house)
    database = Database(postgres_url)
    yield Installation(house, one, two, database)
    house.stop()
    database.dispose()


def drop() -> bytes:
    """A picture with enough pixels for the front of a mug, that does not run to the edge."""
    image, out = Image.new("RGBA", (1000, 920)), io.BytesIO()
    ImageDraw.Draw(image).ellipse((125, 115, 875, 805), "#22408a")
    image.save(out, "PNG")
    return out.getvalue()


def order_mugs_with_artwork(people: Everybody) -> dict[str, Any]:
    """Configured at one process, quoted at the other, and so on, as behind a proxy."""
    family = people.send("GET", "/families/mug")
    files = {"file": ("drop.png", drop(), "image/png")}
    artwork = people.send("POST", "/attachments", files=files)["id"]
    wish = {
        "selections": {**family["defaults"], "decoration": "decal", "artwork": artwork},
        "quantity": 48,
        "ship_to": MUG_TO,
    }
    configured = people.send("POST", "/families/mug/configure", json=wish)
    assert (configured["complete"], configured["conflicts"]) == (True, [])
    quote = people.send("POST", "/quotes", json={"family": "mug", **wish})
    order = {"quote_id": quote["id"], "customer": ADA}
    placed: dict[str, Any] = people.send("POST", "/orders", json=order, headers={"Idempotency-Key": "one"})
    again = people.send("POST", "/orders", json=order, headers={"Idempotency-Key": "one"})
    assert placed == {**again, "tracking_url": placed["tracking_url"]}, "asked again at the other process"
    return placed


def has_proof(people: Everybody, order_id: str, token: str) -> bool:
    return people.send("GET", f"/orders/{order_id}/proof", params={"token": token}) is not None


def until_shown(page: Any, stage: str) -> None:
    """The page comes to show the stage by itself."""
    end = time.monotonic() + PATIENCE
    while seen(page)[-1][0] != stage:
        assert time.monotonic() < end, f"the page stopped at {seen(page)}: {stream_of(page)}"
        page.wait_for_timeout(100)


def quoted(people: Everybody, family: str, quantity: int, day: date | None = None) -> str:
    """A plain product quoted to the guest; its id."""
    selections = people.send("GET", f"/families/{family}")["defaults"]
    wish = {"family": family, "selections": selections, "quantity": quantity, "ship_to": MUG_TO}
    told = people.send("POST", "/quotes", json=wish | ({"requested_date": day.isoformat()} if day else {}))
    assert told, people.refused
    return str(told["id"])


def a_basket_is_all_or_none(people: Everybody, database: Database) -> None:
    """As in `test_basket.py`, each request at the other web process than the last."""
    far = people.now.date() + timedelta(days=60)
    ids = [quoted(people, "mug", 48, far), quoted(people, "tile", 500)]
    people.jump(people.now + timedelta(days=9))
    basket = {"quote_ids": ids, "customer": ADA}
    assert people.send("POST", "/baskets", json=basket) is None
    assert '"promise-moved"' in people.refused[-1]
    assert {stage_of(database, one) for one in ids} == {"quoted"}
    assert standing(database, ids) == {"held"}
    placed = people.send("POST", "/baskets", json=basket)
    assert [order["id"] for order in placed["orders"]] == ids
    assert standing(database, ids) == {"firm"}


def standing(database: Database, ids: list[str]) -> set[str]:
    """How their places in the plan stand."""
    with database.read() as session:
        query = select(JobOrder.state).where(col(JobOrder.order_id).in_(ids))
        return set(session.exec(query)) - {"released"}


def test_from_mind_to_door_and_then_a_basket(installation: Installation, visit: Callable[..., Any]) -> None:
    house, database = installation.house, installation.database
    people = Everybody(house, (installation.a, installation.b), house.now())
    placed = order_mugs_with_artwork(people)
    order_id, token = placed["id"], placed["tracking_url"].rpartition("/")[2]
    page = visit(f"{installation.b}/track/{token}")
    watch(page)
    watching = Stopwatch(database, order_id, f"{installation.b}/track/{token}/events")
    watching.start()
    until(lambda: has_proof(people, order_id, token), "no proof")
    until(watching.caught_up, "the stream did not begin")
    since = max(watching.committed)
    people.send(
        "POST", f"/orders/{order_id}/proof/approval", params={"token": token}, json={"approved": True}
    )
    carry_on(people, lambda: stage_of(database, order_id) == "delivered")
    people.send("POST", f"/orders/{order_id}/rating", params={"token": token}, json={"stars": 5})
    until(lambda: stage_of(database, order_id) == "closed", "not closed")
    until(watching.caught_up, "an event did not arrive")
    until_shown(page, "closed")
    watching.over.set()
    print(f"stream on the other process: {told(watching.latencies(watching.arrived, since))}")
    print(f"page on the other process: {told(watching.latencies(shown_at(page), since))}")
    page_saw = [stage for stage, _ in seen(page)]
    assert (in_order(page_saw[:-1]), page_saw[-1]) == (True, "closed"), page_saw
    assert [*watching.arrived] == sorted(watching.arrived) == [*range(1, len(watching.arrived) + 1)]
    a_basket_is_all_or_none(people, database)
    assert "no difference" in house.run("audit")
    assert not [p.log for p in house.processes if " INFO pika" in p.said() or " INFO alembic" in p.said()]
