"""A module's routes exist only for manufacturers that use the module.

Whose module is asked for follows from the address: an order's owners are frozen when it is placed; a plant's
and a family's are what the manufacturer uses now; elsewhere the manufacturer is the caller's own.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from fastapi import Request
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from cosmo.asking import all_families
from cosmo.errors import NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.orders import Order, StandardProduct
from cosmo.parties import Plant
from cosmo.registry import modules_on, on_for
from web.visits import read_along

# put together once: asked with every click
_MAKER = (
    select(Plant.manufacturer_id)
    .join(StandardProduct, col(StandardProduct.plant_id) == col(Plant.id))
    .where(col(StandardProduct.family) == bindparam("family"))
)


def module_gate(module: str) -> Callable[..., Awaitable[None]]:
    """A dependency that answers 404 where `module` is off for the manufacturer concerned."""

    async def gate(request: Request) -> None:
        on = await read_along(request, partial(_modules_on, request.path_params, request.url.path))
        if on is not None and module not in on:
            raise NotFound(N_("This part is switched off for this manufacturer."))

    return gate


def _modules_on(
    params: Mapping[str, str], path: str, session: Session, principal: Principal
) -> frozenset[str] | None:
    """None: no single manufacturer is concerned, or the id leads nowhere and the route will say so."""
    order = _order(session, params)
    if order is not None:
        return on_for(session, order)
    manufacturer = _manufacturer(session, params, path)
    if manufacturer is None and principal.of_plant:
        manufacturer = principal.party_id
    return modules_on(session, manufacturer) if manufacturer else None


def _order(session: Session, params: Mapping[str, str]) -> Order | None:
    if "order_id" in params:
        return session.get(Order, params["order_id"])
    if "token" in params:
        return session.exec(select(Order).where(Order.tracking_token == params["token"])).one_or_none()
    return None


def _manufacturer(session: Session, params: Mapping[str, str], path: str) -> str | None:
    family = params.get("family") or (params.get("slug") if "/families/" in path else None)
    if family is not None:
        return _maker(session, family)
    slug = params.get("plant") or params.get("slug")
    if slug is None:
        return None
    return session.exec(select(Plant.manufacturer_id).where(Plant.slug == slug)).first()


def _maker(session: Session, family: str) -> str | None:
    """Whose family it is; the standard product says so in one row, the catalogue in many."""
    known = session.exec(_MAKER, params={"family": family}).first()
    if known is not None:
        return known
    return next((card.manufacturer_id for card in all_families(session, family)), None)
