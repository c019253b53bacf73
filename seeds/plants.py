"""A plant from its file: manufacturer, site, people, work centres, suppliers, stock, carriers, families."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from sqlmodel import Session, select

from cosmo.asking import all_families
from cosmo.clock import Now
from cosmo.identity import hash_password
from cosmo.parties import Account, Party, PartyKind, Plant
from modules.logistics.models import CarrierService
from modules.manufacturing.plant import add_work_centre, set_setups
from modules.marketing.library import Content
from modules.marketing.library import add as add_design
from modules.marketing.lists import counting, load_price_list, put_in_segment, write_list
from modules.marketing.models import CatalogueEntry
from modules.marketing.schemas import ListIn
from modules.marketing.service import agree_terms
from modules.procurement.models import Material, Supplier
from modules.procurement.receiving import add_lot
from modules.rnd.releases import load_families
from seeds.files import FAMILIES, families_of, read_plant, read_yaml

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Login:
    """One person of the demo; the password is the demo's, the same for all."""

    role: str
    party: str
    email: str
    password: str


def seed_plant(session: Session, name: str, password: str, now: Now) -> tuple[Plant, list[Login]]:
    """Everything in the file, written in the caller's transaction; families and prices too."""
    data = read_plant(name)
    secret = hash_password(password)
    maker = _party(session, PartyKind.MANUFACTURER, data["manufacturer"])
    plant = Plant(manufacturer_id=maker.id, **data["plant"])
    session.add(plant)
    session.flush()
    logins = [_account(session, maker, p["role"], p, secret, password) for p in data["people"]]
    _work_centres(session, plant, data, now)
    logins += _suppliers(session, plant, data, secret, password, now)
    logins += _carriers(session, plant, data["carriers"], secret, password)
    logins += _customers(session, plant, data["customers"], secret, password)
    _families(session, plant, data, now)
    _catalogue(session, plant, data.get("catalogue", ()), now)
    _library(session, plant, data.get("designs", ()), now)
    return plant, logins


def _party(session: Session, kind: PartyKind, data: Data) -> Party:
    party = Party(kind=kind, name=data["name"], slug=data.get("slug"), email=data.get("email"))
    session.add(party)
    session.flush()
    return party


def _account(session: Session, party: Party, role: str, person: Data, secret: str, password: str) -> Login:
    name = person.get("person") or person["name"]
    account = Account(party_id=party.id, role=role, email=person["email"], name=name, password_hash=secret)
    session.add(account)
    session.flush()
    return Login(role, party.name, person["email"], password)


def _work_centres(session: Session, plant: Plant, data: Data, now: Now) -> None:
    for code, matrix in data["setups"].items():
        families, minutes = setup_matrix(matrix)
        set_setups(session, plant.id, code, families, minutes, name=matrix["name"])
    for centre in data["work_centres"]:
        rest = {
            k: v for k, v in centre.items() if k not in ("code", "name", "shifts", "firings", "cost_rate")
        }
        add_work_centre(
            session,
            plant.id,
            centre["code"],
            centre["name"],
            now,
            shifts=data["shifts"][centre["shifts"]],
            firings=data["firings"].get(centre.get("firings", ""), {}),
            cost_rate=Decimal(centre["cost_rate"]),
            **rest,
        )


def setup_matrix(matrix: Data) -> tuple[list[str], list[list[int]]]:
    """Families and minutes: one figure between different families, exceptions by direction in `pairs`."""
    families = matrix.get("families") or [f"{a}-{b}" for a, b in product(*matrix["product"])]
    minutes = [[0 if a == b else int(matrix["minutes"]) for b in families] for a in families]
    for figure, pairs in matrix.get("pairs", {}).items():
        for a, b in pairs:
            minutes[families.index(a)][families.index(b)] = int(figure)
    return list(families), minutes


def _suppliers(
    session: Session, plant: Plant, data: Data, secret: str, password: str, now: Now
) -> list[Login]:
    suppliers, logins = {}, []
    for one in data["suppliers"]:
        party = _party(session, PartyKind.SUPPLIER, one)
        row = Supplier(
            party_id=party.id,
            manufacturer_id=plant.manufacturer_id,
            capacity_per_week=one["capacity_per_week"],
            capacity_unit=one["capacity_unit"],
            currency=plant.currency,
            general=one.get("general", False),
        )
        session.add(row)
        session.flush()
        suppliers[one["slug"]] = row.id
        logins.append(_account(session, party, "supplier", one, secret, password))
    for material in data["materials"]:
        _material(session, plant, material, suppliers[material["supplier"]], now)
    return logins


def _material(session: Session, plant: Plant, data: Data, supplier_id: str, now: Now) -> None:
    material = Material(
        plant_id=plant.id,
        code=data["code"],
        name=data["name"],
        unit=data["unit"],
        supplier_id=supplier_id,
        lead_days=data["lead"],
        order_specific=data.get("order_specific", False),
        reorder_point=Decimal(data.get("reorder", 0)),
        order_up_to=Decimal(data.get("up_to", 0)),
        min_quantity=Decimal(data.get("min", 0)),
        pack_size=Decimal(data.get("pack", 0)),
        price=Decimal(data["price"]),
    )
    session.add(material)
    session.flush()
    if data.get("stock"):
        add_lot(session, material, Decimal(data["stock"]), f"{data['code']}-0001", now)


def _carriers(
    session: Session, plant: Plant, carriers: Iterable[Data], secret: str, password: str
) -> list[Login]:
    logins = []
    for one in carriers:
        party = _party(session, PartyKind.CARRIER, one)
        for service in one["services"]:
            session.add(CarrierService(plant_id=plant.id, carrier_id=party.id, **service))
        logins.append(_account(session, party, "carrier", one, secret, password))
    return logins


def _customers(
    session: Session, plant: Plant, customers: Iterable[Data], secret: str, password: str
) -> list[Login]:
    logins = []
    for one in customers:
        party = _party(session, PartyKind.CUSTOMER, one)
        if one.get("segment"):
            put_in_segment(session, plant.manufacturer_id, party.id, one["segment"])
        if one.get("terms"):
            agree_terms(session, plant.manufacturer_id, party.id, one["terms"])
        logins.append(_account(session, party, "customer", one, secret, password))
    return logins


def _families(session: Session, plant: Plant, data: Data, now: Now) -> None:
    load_families(session, FAMILIES, plant, now.business)
    for slug, folder in families_of(plant.slug).items():
        costs = data.get("costs", {}).get(slug, {})
        lines = [{**line, "cost": costs.get(line["code"])} for line in read_yaml(folder / "price.yaml")]
        load_price_list(session, plant, slug, lines, now)
    for one in data.get("segment_lists", ()):
        _segment_list(session, plant, one["segment"], one["family"], Decimal(one["percent"]), now)


def _segment_list(
    session: Session, plant: Plant, segment: str, family: str, percent: Decimal, now: Now
) -> None:
    """A list on which every rate for a unit is so many percent higher, or lower."""
    rates = {
        rate.code: (rate.rate * (100 + percent) / 100).quantize(Decimal("0.0001"))
        for rate in counting(session, family, now.business)[1]
        if rate.kind == "amount"
    }
    write_list(session, plant, ListIn(family=family, segment=segment, rates=rates), "seeds", now)


def _catalogue(session: Session, plant: Plant, entries: Iterable[Data], now: Now) -> None:
    for position, entry in enumerate(entries):
        shown = CatalogueEntry(
            manufacturer_id=plant.manufacturer_id, shown_since=now.business, position=position, **entry
        )
        session.add(shown)


def _library(session: Session, plant: Plant, designs: Iterable[Data], now: Now) -> None:
    cards = {card.slug: card for card in all_families(session)}
    for design in designs:
        content = Content(design["title"], design["selections"])
        add_design(session, cards[design["family"]], content, "seeds", "en", now)


def platform_account(session: Session, password: str) -> Login:
    """The platform operator's login."""
    party = session.exec(select(Party).where(Party.kind == PartyKind.PLATFORM)).first()
    party = party or _party(session, PartyKind.PLATFORM, {"name": "Cosmo", "slug": "cosmo"})
    person = {"name": "Robin P.", "email": "platform@cosmo.example"}
    return _account(session, party, "platform", person, hash_password(password), password)
