"""What a slot's `render` gets: enough to read its own tables and to make markup in the reader's language.

Slots of the shell: `track.panel` (a section of the customer's page, `OrderContext` with `token`),
`track.todo` (the same, above all others: what waits for the customer),
`track.live` (the night card beside the date), `order.panel` (the plant's order page, `OrderContext` without
a token), `plant.home` (`PlantContext`), `idea.panel` (`IdeaContext`: what became of an idea beside its own
story, on its public page and on the plant's). Nodes of the journey line come from the kernel port `Journey`
(cosmo/ports.py): they are data, not markup.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.parties import Plant

Markup = Callable[..., str]
"""`markup("module/part.html", **values)`: a template in the reader's language."""


@dataclass(frozen=True, slots=True)
class OrderContext:
    """One order on a page. `token` is set on the customer's page only; `csrf_field` goes into forms."""

    session: Session
    order: Order
    plant: Plant
    now: Now
    locale: str
    modules_on: frozenset[str]
    markup: Markup
    csrf_field: str = ""
    token: str | None = None
    role: str = "guest"


@dataclass(frozen=True, slots=True)
class PlantContext:
    """The plant's home page for one role."""

    session: Session
    plants: tuple[Plant, ...]
    now: Now
    locale: str
    modules_on: frozenset[str]
    markup: Markup
    role: str
    csrf_field: str = ""


@dataclass(frozen=True, slots=True)
class IdeaContext:
    """A customer's idea on a page; `role` is the reader's. `chosen`: a proposal of it is."""

    session: Session
    idea_id: str
    plant: Plant
    chosen: bool
    now: Now
    locale: str
    modules_on: frozenset[str]
    markup: Markup
    role: str = "guest"
