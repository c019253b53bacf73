"""Ideas with sketches, votes and a proposal, and a running pre-sale at each plant. All of it is synthetic."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlmodel import Session, select

from cosmo.asking import family_card
from cosmo.attachments import store
from cosmo.clock import Now
from cosmo.formats import day_of
from cosmo.ids import new_id
from cosmo.parties import Account, Plant, Role
from cosmo.ports import ShipTo
from cosmo.settings import read_settings
from modules.marketing import pledging, presales
from modules.marketing.pledging import Pledger
from modules.rnd import ideas
from modules.rnd.ideas import Author
from seeds.buying import Buyer, buyers
from seeds.files import read_plant
from seeds.models import block


@dataclass(frozen=True, slots=True)
class Wished:
    """`votes`: how many want it too; `lines`: the sketch, as SVG paths."""

    family: str
    title: str
    words: str
    votes: int
    lines: str = ""
    proposal: str = ""
    price: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """A pre-sale: `threshold` of the family as its card shows it, but for `chosen`."""

    family: str
    title: str
    words: str
    threshold: int
    pledged: int
    chosen: Mapping[str, Any]
    file: tuple[str, str, bytes] | None = None
    """(option, name, content) of a file it is made from."""


SKETCH = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">'
    '<rect width="400" height="300" fill="#fffdf8"/><g fill="none" stroke="#22377f" stroke-width="5" '
    'stroke-linecap="round" stroke-linejoin="round">{lines}</g></svg>'
)
_MUG = '<path d="M150 70h130v130q0 40-40 40h-50q-40 0-40-40z"/><path d="M150 100q-60-6-60 50t60 44"/>'
_FACE = '<path d="M195 130v.1M235 130v.1M190 165q25 24 50 0"/><path d="M30 40l40 20M30 90h40"/>'
_STACK = '<path d="M120 60h160v60H120zM132 120h136v60H132zM144 180h112v60H144z"/>'
_CAT = '<path d="M90 50h220v200H90zM200 50v200"/><path d="M225 250v-50q30-40 60 0v50M240 195l-4-20 16 10"/>'
_CLIP = '<path d="M90 190h180q50 0 50-50t-50-50H130q-30 0-30 30t30 30h120"/><path d="M60 230h280"/>'
WISHED: dict[str, tuple[Wished, ...]] = {
    "lu-ceramics": (
        Wished(
            "mug",
            "A mug for left hands",
            "The picture should face me when I hold it in my left hand.",
            14,
            _MUG + _FACE,
            "The handle stays; the print moves to the other side, with the same jig turned round.",
            "16.50",
        ),
        Wished(
            "mug",
            "Cups that stack",
            "Four in a small cupboard, without the glaze of one sticking to the foot of the next.",
            9,
            _STACK,
        ),
        Wished("tile", "A tile with a shallow groove", "For the bath, so that water finds its way.", 4),
    ),
    "hansa-cabinets": (
        Wished(
            "cabinet",
            "A cupboard with a door for the cat",
            "Below on the right, for the litter box, and a shelf above it for towels.",
            11,
            _CAT,
        ),
    ),
    "rhein-additive": (
        Wished(
            "part",
            "A clip for cables under the desk",
            "Holds three cables, clicks onto a 20 mm board, no screws.",
            6,
            _CLIP,
        ),
    ),
}
OFFERED: dict[str, Offered] = {
    "lu-ceramics": Offered(
        "mug",
        "The tall mug in cobalt",
        "450 ml, cobalt outside, milk inside. Made once, in one firing.",
        120,
        78,
        {"capacity": "450", "outer_glaze": "cobalt"},
    ),
    "hansa-cabinets": Offered("cabinet", "The hallway cupboard", "Narrow, for shoes and bags.", 12, 5, {}),
    "rhein-additive": Offered(
        "part", "The cable clip", "Holds three cables.", 60, 22, {}, ("part", "clip.stl", block(48, 20, 14))
    ),
}
"""Plant -> what is in pre-sale there."""


def show_ideas(session: Session, plant: Plant, random: Random, now: Now) -> None:
    """Posted over the last days, the first of them answered with a proposal."""
    homes = buyers(session, read_plant(plant.slug)["customers"])
    for number, wished in enumerate(WISHED.get(plant.slug, ())):
        then = Now(business=now.business - timedelta(days=6 - 2 * number), wall=now.wall)
        _post(session, plant, random.choice(homes), wished, then)


def _post(session: Session, plant: Plant, buyer: Buyer, wished: Wished, now: Now) -> None:
    idea = ideas.post(
        session,
        plant,
        Author("", "", buyer.account.party_id),
        title=wished.title,
        words=wished.words,
        family=wished.family,
        sketch_id=_sketch(session, wished, now) if wished.lines else None,
        locale=buyer.account.locale,
        now=now,
    )
    for _ in range(wished.votes):  # of browsers that have long been closed
        ideas.vote(session, idea.id, f"session:{new_id()}", now)
    if wished.proposal:
        designer, later = _designer(session, plant), Now(now.business + timedelta(days=1), now.wall)
        ideas.claim(session, idea, designer, later)
        ideas.propose(session, idea, designer, words=wished.proposal, price=Decimal(wished.price), now=later)


def _sketch(session: Session, wished: Wished, now: Now) -> str:
    folder = session.info.get("files") or read_settings().attachments
    content = io.BytesIO(SKETCH.format(lines=wished.lines).encode())
    return store(session, folder, content, "sketch.svg", now=now).id


def _designer(session: Session, plant: Plant) -> Account:
    mine = (Account.party_id == plant.manufacturer_id, Account.role == Role.ENGINEER)
    return session.exec(select(Account).where(*mine)).one()


def show_presale(session: Session, plant: Plant, random: Random, now: Now) -> None:
    """One that runs, with part of its threshold pledged."""
    offered = OFFERED.get(plant.slug)
    if offered is None:
        return
    card = family_card(session, offered.family)
    wish = presales.Wish(
        title=offered.title,
        words=offered.words,
        selections={**card.defaults, **offered.chosen, **_file(session, offered, now)},
        threshold=offered.threshold,
        closes_on=day_of(now.business, plant.timezone) + timedelta(days=24),
        percent=Decimal(12),
    )
    made = presales.open_presale(session, card, wish, "seller", "en", now)
    _pledge(session, plant, made.id, offered.pledged, random, now)


def _file(session: Session, offered: Offered, now: Now) -> dict[str, str]:
    if offered.file is None:
        return {}
    option, name, content = offered.file
    folder = session.info.get("files") or read_settings().attachments
    return {option: store(session, folder, io.BytesIO(content), name, now=now).id}


def _pledge(session: Session, plant: Plant, presale_id: str, pieces: int, random: Random, now: Now) -> None:
    homes = buyers(session, read_plant(plant.slug)["customers"])
    while pieces > 0:
        buyer, count = random.choice(homes), min(pieces, random.randint(1, 12))
        home = buyer.home
        to = ShipTo(home["name"], home["street"], home["city"], home["postal_code"], home["country"])
        who = Pledger(home["name"], buyer.account.email, to, buyer.account.locale, buyer.account.party_id)
        pledging.pledge(session, presale_id, who, count, now)
        pieces -= count
