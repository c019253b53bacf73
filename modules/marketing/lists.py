"""Price lists: which one counts when and for whom, and how sellers and releases write the next one."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.formats import day_of
from cosmo.i18n import N_
from cosmo.once import once
from cosmo.parties import Party, PartyKind, Plant
from modules.marketing.models import CustomerSegment, PriceList
from modules.marketing.schemas import ListIn, RateLine

FARTHEST = timedelta(days=731)
SAME = N_("Nothing is different from the list that counts. Change a rate or a cost.")
FIRST = "valid_from"
Stored = dict[str, Any]
# put together once: it is asked with every click
_VALID = select(PriceList).where(
    col(PriceList.family) == bindparam("family"),
    col(PriceList.valid_from) <= bindparam("at"),
    or_(col(PriceList.valid_to).is_(None), col(PriceList.valid_to) > bindparam("at")),
)


# What counts


def price_list(session: Session, family: str, at: datetime, segment: str = "") -> PriceList | None:
    """Of the family's lists for everybody, or of a segment's own, the one that counts `at`."""
    return _best(_valid(session, family, at), segment)


def standing_list(session: Session, family: str, at: datetime, segment: str = "") -> PriceList | None:
    """The same of the lists without an end: what counts where no other one does for a time."""
    return _best([row for row in _valid(session, family, at) if row.valid_to is None], segment)


def counting(
    session: Session, family: str, at: datetime, segment: str = ""
) -> tuple[PriceList | None, tuple[RateLine, ...]]:
    """The list for everybody that counts `at`, and its lines with the rates of the segment's own list."""
    valid = _valid(session, family, at)
    general, own = _best(valid, ""), _best(valid, segment) if segment else None
    if general is None:
        return None, ()
    key = ("rates", general.id, own.id if own else "")
    return general, once(session, key, lambda: together(general, own))


def together(general: PriceList, own: PriceList | None) -> tuple[RateLine, ...]:
    """The lines for everybody, with the rates of a segment's own list where it has any."""
    other = {line["code"]: line["rate"] for line in own.lines} if own else {}
    lines = [{**line, "rate": other.get(line["code"], line["rate"])} for line in general.lines]
    return tuple(RateLine.model_validate(line) for line in lines)


def _best(valid: Iterable[PriceList], segment: str) -> PriceList | None:
    return max(
        (row for row in valid if row.segment == segment),
        key=lambda row: (row.valid_to is not None, row.valid_from, row.id),
        default=None,
    )


def _valid(session: Session, family: str, at: datetime) -> Sequence[PriceList]:
    """The family's lists that are valid `at`, of all segments."""

    def read() -> Sequence[PriceList]:
        return session.exec(_VALID, params={"family": family, "at": at}).all()

    return once(session, ("price lists", family, at), read)


def is_valid(row: PriceList, at: datetime) -> bool:
    return row.valid_from <= at and not has_ended(row, at)


def has_ended(row: PriceList, at: datetime) -> bool:
    return row.valid_to is not None and row.valid_to <= at


def price_lists(session: Session, plant_id: str) -> list[PriceList]:
    """All of a plant, those for everybody first, the newest first."""
    query = select(PriceList).where(PriceList.plant_id == plant_id)
    order = (col(PriceList.family), col(PriceList.segment), col(PriceList.valid_from).desc())
    return list(session.exec(query.order_by(*order, col(PriceList.id).desc())))


# Whom it counts for


def segment_of(session: Session, manufacturer_id: str, customer_id: str | None) -> str:
    """The customer's segment; empty for a guest and for who is in none."""
    if customer_id is None:
        return ""

    def read() -> str:
        row = session.get(CustomerSegment, (manufacturer_id, customer_id))
        return row.segment if row else ""

    return once(session, ("segment", manufacturer_id, customer_id), read)


def put_in_segment(session: Session, manufacturer_id: str, customer_id: str, segment: str) -> None:
    """Count a customer to a segment from now on; empty: to none. Raises `NotFound` for no customer."""
    party = session.get(Party, customer_id)
    if party is None or party.kind != PartyKind.CUSTOMER:
        raise NotFound(N_("There is no such customer."))
    row = session.get(CustomerSegment, (manufacturer_id, customer_id))
    if not segment:
        if row is not None:
            session.delete(row)
        return
    session.merge(
        CustomerSegment(manufacturer_id=manufacturer_id, customer_id=customer_id, segment=segment)
    )


def segments(session: Session, manufacturer_id: str) -> dict[str, str]:
    """Customer -> segment."""
    query = select(CustomerSegment).where(CustomerSegment.manufacturer_id == manufacturer_id)
    return {row.customer_id: row.segment for row in session.exec(query)}


# What comes with a release


def load_price_list(
    session: Session, plant: Plant, family: str, lines: Iterable[Mapping[str, Any]], now: Now
) -> PriceList:
    """The list that counts from now on, with `lines` of a family's price file (other keys are rnd's).

    The same again is kept. What a seller has changed stays, unless the release changes that line too; lists
    that begin later or end get the release's lines as well.
    """
    fresh = _read(lines)
    digest, known = _digest(fresh), [row for row in _fresh(session, family) if not row.segment]
    begun = [row for row in known if row.valid_to is None and row.valid_from <= now.business]
    standing = max(begun, key=lambda row: (row.valid_from, row.id), default=None)
    if standing is None:
        return _first(session, plant, family, fresh, digest, now)
    if standing.digest == digest:
        return standing
    for row in known:
        if row.valid_from > now.business:
            _merge_into(row, fresh, digest)
        elif row.valid_to is not None and is_valid(row, now.business):
            _followed(session, row, fresh, digest, now)
    return _followed(session, standing, fresh, digest, now)


def _first(
    session: Session, plant: Plant, family: str, fresh: list[Stored], digest: str, now: Now
) -> PriceList:
    new = PriceList(
        plant_id=plant.id, family=family, currency=plant.currency, valid_from=now.business,
        lines=fresh, base=fresh, digest=digest,
    )  # fmt: skip
    session.add(new)
    session.flush()
    return new


def _followed(session: Session, row: PriceList, fresh: list[Stored], digest: str, now: Now) -> PriceList:
    """The list that goes on instead of `row`, to the same end."""
    new = PriceList(
        plant_id=row.plant_id, family=row.family, currency=row.currency, valid_from=now.business,
        valid_to=row.valid_to, lines=row.lines, base=row.base, digest=digest, written_by=row.written_by,
    )  # fmt: skip
    _merge_into(new, fresh, digest)
    if row.valid_to is not None:
        row.valid_to = now.business
    session.add_all((row, new))
    session.flush()
    return new


def _merge_into(row: PriceList, fresh: list[Stored], digest: str) -> None:
    row.lines = [*_merged(row.lines, row.base or row.lines, fresh)]
    row.base, row.digest = fresh, digest


def _merged(lines: list[Stored], base: list[Stored], fresh: list[Stored]) -> Iterator[Stored]:
    """The release's lines, with a seller's rate where the release has not changed it, and with the costs."""
    held, was = ({line["code"]: line for line in some} for some in (lines, base))
    for line in fresh:
        mine, before = held.get(line["code"]), was.get(line["code"])
        if mine is None or before is None:
            yield line
            continue
        kept = {"rate": mine["rate"]} if _same(before["rate"], line["rate"]) else {}
        yield {**line, **kept, "cost": mine.get("cost") or line.get("cost")}


def _same(one: str | None, other: str | None) -> bool:
    return (one is None) == (other is None) and (one is None or Decimal(one) == Decimal(other or 0))


def _read(lines: Iterable[Mapping[str, Any]]) -> list[Stored]:
    wanted = set(RateLine.model_fields)
    rates = [RateLine.model_validate({k: v for k, v in line.items() if k in wanted}) for line in lines]
    return [rate.model_dump(mode="json") for rate in rates]


def _digest(lines: Iterable[Mapping[str, Any]]) -> str:
    """The same for the same rates, however many noughts they are written with; costs are the seller's."""

    def plain(line: Mapping[str, Any]) -> dict[str, Any]:
        told = {name: value for name, value in line.items() if name != "cost"}
        return told | {"rate": format(Decimal(line["rate"]).normalize(), "f")}

    return hashlib.sha256(json.dumps([plain(line) for line in lines], sort_keys=True).encode()).hexdigest()


def _fresh(session: Session, family: str) -> Sequence[PriceList]:
    return session.exec(select(PriceList).where(PriceList.family == family)).all()


# What a seller writes


def write_list(session: Session, plant: Plant, wish: ListIn, actor: str, now: Now) -> PriceList:
    """A list from its first day on: the family's list without an end with these rates instead. Quotes given
    before keep their price. Raises `Invalid`."""
    _check_days(plant, wish, now)
    begins = now.business if wish.valid_from is None else _midnight(wish.valid_from, plant)
    begins = max(begins, now.business)
    under = standing_list(session, wish.family, begins)
    if under is None or under.plant_id != plant.id:
        said = N_("There is no price list of this family; it comes with the family's files.")
        raise Invalid(said, field="family")
    lines = _written(session, under, wish, begins)
    before = standing_list(session, wish.family, begins, wish.segment) if wish.segment else under
    if not _differ(lines, before.lines if before else []):
        raise Invalid(SAME, field="rates")
    new = PriceList(
        plant_id=plant.id, family=wish.family, currency=under.currency, valid_from=begins,
        valid_to=_midnight(wish.valid_to + timedelta(days=1), plant) if wish.valid_to else None,
        lines=lines, base=[] if wish.segment else under.base or under.lines, digest=under.digest,
        segment=wish.segment, written_by=actor,
    )  # fmt: skip
    session.add(new)
    session.flush()
    return new


def _differ(some: list[Stored], others: list[Stored]) -> bool:
    """Whether any rate or cost is another one, however many noughts it is written with."""
    if [line["code"] for line in some] != [line["code"] for line in others]:
        return True
    names = ("rate", "cost")
    return any(not _same(a.get(n), b.get(n)) for a, b in zip(some, others, strict=True) for n in names)


def _check_days(plant: Plant, wish: ListIn, now: Now) -> None:
    today = day_of(now.business, plant.timezone)
    first = wish.valid_from or today
    if first < today:
        raise Invalid(N_("A list begins today or later: what was quoted keeps its price."), field=FIRST)
    if first > today + FARTHEST:
        raise Invalid(N_("Choose a first day within the next two years."), field=FIRST)
    if wish.valid_to is not None and wish.valid_to > today + 5 * FARTHEST:
        raise Invalid(N_("Choose a last day within the next ten years, or none."), field="valid_to")
    if wish.valid_to is not None and wish.valid_to < first:
        raise Invalid(N_("The last day comes before the first."), field="valid_to")


def _written(session: Session, under: PriceList, wish: ListIn, begins: datetime) -> list[Stored]:
    codes = {line["code"] for line in under.lines}
    if (set(wish.rates) | set(wish.costs)) - codes:
        raise Invalid(N_("A rate is for no line of this family's price."), field="rates")
    if not wish.segment:
        return [_changed(line, wish) for line in under.lines]
    if wish.costs:
        raise Invalid(N_("What a line costs the plant stands in the list for everybody."), field="costs")
    own = standing_list(session, wish.family, begins, wish.segment)
    before = {line["code"]: line["rate"] for line in own.lines} if own else {}
    rates = {**before, **{code: format(rate, "f") for code, rate in wish.rates.items()}}
    return [
        {**line, "rate": rates[line["code"]]}
        for line in under.lines
        if not _same(rates.get(line["code"], line["rate"]), line["rate"])
    ]


def _changed(line: Stored, wish: ListIn) -> Stored:
    code, told = line["code"], dict(line)
    if code in wish.rates:
        told["rate"] = format(wish.rates[code], "f")
    if code in wish.costs:
        cost = wish.costs[code]
        told["cost"] = None if cost is None else format(cost, "f")
    return told


def end_list(session: Session, plant: Plant, list_id: str, now: Now) -> None:
    """It no longer counts from now on, and none before it does again; one that has not begun is taken away.
    Raises `NotFound`, and `Conflict` for what the family is priced by until there is another."""
    row = session.get(PriceList, list_id)
    if row is None or row.plant_id != plant.id:
        raise NotFound(N_("There is no such price list here."))
    if has_ended(row, now.business):
        raise Conflict(N_("This price list has ended already."))
    if row.valid_from > now.business:
        session.delete(row)
    elif row.valid_to is None and not row.segment:
        raise Conflict(N_("A list without an end counts until the next one. Write that one instead."))
    else:
        for one in _with_those_below(session, row, now):
            one.valid_to = now.business
            session.add(one)
    session.flush()


def _with_those_below(session: Session, row: PriceList, now: Now) -> list[PriceList]:
    """The list, and where it has no end those of its segment that would count again without it."""
    if row.valid_to is not None:
        return [row]
    return [
        one
        for one in _fresh(session, row.family)
        if one.segment == row.segment and one.valid_to is None and one.valid_from <= now.business
    ]


def _midnight(day: date, plant: Plant) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(plant.timezone))
