"""Every page of the house, from its own table of routes; and what has to exist so that each can be looked at,
made as people make it, by forms.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from sqlmodel import Session, col, select
from starlette.routing import compile_path

from cosmo.clock import read_now, wall_time
from cosmo.db import Database
from cosmo.identity import csrf_token
from cosmo.orders import Order
from cosmo.relay import drain
from cosmo.stages import Stage
from modules.interaction.models import Design
from modules.marketing.presale_models import Pledge, PledgeState
from modules.rnd import proofing
from modules.rnd.idea_models import Idea
from modules.rnd.models import Proof, ProofState
from modules.service.service import passport_for
from tests.access import routes
from tests.modules.rnd.families import product
from tests.modules.rnd.pictures import png
from web.csrf import HEADER
from web.visits import COOKIE

ORDERER = {"name": "Ada", "street": "Ring 1", "postal_code": "10115", "city": "Berlin", "country": "DE",
           "email": "ada@example.test"}  # fmt: skip
NO_PAGE = {
    "/healthz": "for machines", "/readyz": "for machines", "/metrics": "for machines",
    "/home": "leads on to where one's role begins",
    "/orders/{order_id}/change": "leads on to the page of the order's link",
    "/order/{order_id}/renewal": "leads on to the quote; the answer to its form is the quote's own page",
    "/preview/{family}.svg": "a picture",
    "/picture/{shown_release}/{picture}.svg": "a picture", "/artwork/{attachment_id}": "a picture",
    "/plant/proofs/{proof_id}/artwork": "a picture", "/track/{token}/proof/artwork": "a picture",
    "/ideas/{idea_id}/sketch": "a picture", "/ideas/{idea_id}/proposals/{proposal_id}": "a picture",
    "/plant/insight.csv": "a file", "/order/{order_id}/paper.pdf": "a file",
    "/track/{token}/papers/{kind}": "a file", "/plant/products/{family}/files": "a file",
    "/plant/products/{family}/draft/files": "a file",
    "/plant/products/{family}/try": "a part of the product's page, which shows it",
    "/track/{token}/panels": "a part of the tracking page, which shows it",
    "/supplier/board": "a part of the supplier's page, which shows it",
}  # fmt: skip
"""Addresses that answer a GET with something else than a page of their own, and what that is."""


def pages(app: FastAPI) -> set[str]:
    """The address of every route that answers with a page, as it is written in the code."""
    got = {route.path for route in routes(app) if route.method == "GET" and not route.streams}
    return {path for path in got if not path.startswith("/api/")} - NO_PAGE.keys()


def page_of(address: str, known: Iterable[str]) -> str:
    """The one of these routes that answers this address; where two could, the one with fewer gaps. Empty if
    there is none."""
    path = re.sub(r"^https?://[^/]+", "", address).partition("?")[0]
    fitting = [route for route in known if compile_path(route)[0].match(path)]
    return min(fitting, key=lambda route: (route.count("{"), -len(route)), default="")


@dataclass(slots=True)
class Starts:
    """Role -> addresses that no menu leads to; and pages in a state of their own, by name: the address, and
    words by which one sees that it is in that state."""

    first: dict[str, list[str]] = field(default_factory=dict)
    states: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def add(self, role: str, *addresses: str, **states: tuple[str, str]) -> None:
        self.first.setdefault(role, []).extend(addresses)
        self.states.setdefault(role, {}).update(states)


class Sender:
    """Sends a browser's forms without showing the answer."""

    def __init__(self, context: Any, house: str) -> None:
        self.context, self.house = context, house
        context.request.get(house)

    def post(self, path: str, status: int = 303, **more: Any) -> Any:
        secret = next(one["value"] for one in self.context.cookies() if one["name"] == COOKIE)
        headers = {HEADER: csrf_token(secret)}
        answer = self.context.request.post(self.house + path, headers=headers, max_redirects=0, **more)
        assert answer.status == status, f"{path}: {answer.status} {answer.text()[:300]}"
        return answer

    def form(self, path: str, fields: Mapping[str, str]) -> str:
        """Where the answer leads."""
        found: str = self.post(path, form=dict(fields)).headers["location"]
        return found


def make_everything(database: Database, house: str, people: Mapping[str, Any]) -> Starts:
    """Quotes, orders, designs, a draft, a proof that was talked about. `people`: role -> context."""
    starts = Starts()
    guest, customer = Sender(people["guest"], house), Sender(people["customer"], house)
    _quotes(database, guest, customer, starts)
    _configurations(guest, starts)
    _designs(customer, starts)
    engineer = Sender(people["engineer"], house)
    engineer.form("/plant/products/mug/drafts", {"note": "For hotels"})
    starts.add("engineer", a_family_without_a_draft=("/plant/products/tile/draft", "Start a draft"))
    starts.add("engineer", "/plant/products/mug/draft", "/plant/products/mug/diff?from=mug-1&to=draft")
    with database.write() as session:
        _proof(session, starts)
        _links(session, starts)
    return starts


def _quotes(database: Database, guest: Sender, customer: Sender, starts: Starts) -> None:
    def asked(quantity: str, do: str = "order", who: Sender = customer) -> str:
        return who.form("/configure/mug", {"quantity": quantity, "do": do})

    quote, over, placed = (asked(quantity) for quantity in ("12", "24", "36"))
    for quantity in ("48", "60"):
        asked(quantity, "keep")
    followed = customer.form(placed, ORDERER)
    waiting = guest.form(asked("3000", who=guest), ORDERER)
    drain(database)
    with database.write() as session:
        token = followed.rpartition("/")[2]
        pegged = session.exec(select(Order.id).where(Order.tracking_token == token)).one()
        lapsed = session.get_one(Order, over.rpartition("/")[2])
        lapsed.quote_expires_at = wall_time() - timedelta(minutes=1)
        session.add(lapsed)
    starts.add("planner", f"/plant/pegging/{pegged}")
    starts.add("customer", quote, f"{quote}/paper", "/basket", followed)
    starts.add("customer", *(f"{followed}/{what}" for what in ("change", "address", "cancellation")))
    starts.add("customer", a_quote_that_ran_out=(over, "This quote has expired"))
    starts.add(
        "guest",
        an_order_that_waits_for_its_deposit=(waiting, "deposit"),
        a_code_was_sent=(f"{followed}/cancellation?sent=1", "The code we sent to your e-mail"),
    )


def a_mug(**chosen: str) -> str:
    """The configurator with the usual mug and these choices."""
    wish = {**product("mug").family.defaults, **chosen, "quantity": "240"}
    return f"/configure/mug?{urlencode(wish)}"


def _configurations(guest: Sender, starts: Starts) -> None:
    coarse = {"name": "coarse.png", "mimeType": "image/png", "buffer": png(200, 180, line=6)}
    sent = guest.post("/api/v1/attachments", 201, multipart={"file": coarse}).json()["id"]
    starts.add("guest", *(f"/configure/mug/{what}?quantity=240" for what in ("fit", "alternatives")))
    starts.add(
        "guest",
        a_contradiction=(
            a_mug(body="bone", finish="matt"),
            "Bone china takes no matt glaze outside.",
        ),
        artwork_that_fails=(
            a_mug(decoration="decal", artwork=sent),
            "we need 300, that is",
        ),
        what_fits=("/configure/mug/fit?quantity=240&budget=1", "This comes nearest"),
        nothing_there=("/track/" + "x" * 32, "Nothing is here"),
        not_signed_in=("/plant", "Sign in"),
    )
    starts.add("customer", not_allowed=("/plant/orders", "may not"))


def _designs(customer: Sender, starts: Starts) -> None:
    saved = [customer.form("/configure/mug", {"quantity": n, "do": "save-as"}) for n in ("12", "24")]
    mine = [found.partition("&design=")[2] for found in saved]
    customer.form(f"/designs/{mine[0]}/link", {})
    compared = "&".join(f"design={one}" for one in mine)
    starts.add("customer", f"/designs?open={mine[0]}", f"/designs/comparison?{compared}")


def _proof(session: Session, starts: Starts) -> None:
    """The customer asked for something, and the plant sent another version with a word."""
    found = session.exec(select(Proof).where(Proof.state == ProofState.OPEN)).first()
    assert found is not None
    order, now = session.get_one(Order, found.order_id), read_now(session)
    proofing.answer(session, order.id, approved=False, comment="Darker", version=None, actor="guest", now=now)
    again = proofing.send_again(session, order.id, now, "engineer", "Two steps darker")
    starts.add("engineer", f"/plant/proofs/{again.id}")
    starts.add("guest", a_proof_to_approve=(f"/track/{order.tracking_token}", "Two steps darker"))


def _links(session: Session, starts: Starts) -> None:
    """What leads to a page by a link that was mailed, printed or handed on."""
    pledge = session.exec(select(Pledge.key).where(Pledge.state == PledgeState.PLEDGED)).first()
    idea = session.exec(select(Idea.key)).first()
    made = session.exec(select(Order).where(Order.stage == Stage.DELIVERED).order_by(col(Order.id))).first()
    assert made is not None
    shared = session.exec(select(Design.share_key).where(col(Design.share_key).is_not(None))).first()
    code = passport_for(session, made.id, read_now(session).business).code
    starts.add("guest", f"/pledge/{pledge}", f"/ideas/follow/{idea}", f"/made/{code}", f"/shared/{shared}")
    starts.add("guest", a_delivered_order=(f"/track/{made.tracking_token}", "Delivered"))
