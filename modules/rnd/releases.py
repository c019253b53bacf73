"""Families and their releases: loaded from files, kept for ever, ready to answer."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from threading import Lock, Thread

from sqlmodel import Session, col, func, select

from cosmo.errors import NotFound
from cosmo.once import now_known, once
from cosmo.orders import StandardProduct
from cosmo.parties import Plant
from cosmo.spec import Names
from modules.rnd import checking
from modules.rnd.engine import Engine
from modules.rnd.family import FamilyError, content_of, digest, family_of, files_of, folders, read_files
from modules.rnd.models import FamilyRow, Release
from modules.rnd.product import Product
from modules.rnd.standard import standard_product

_KEPT = 32
_READ = "rnd.releases"
_engines: OrderedDict[str, Engine] = OrderedDict()
_lock = Lock()


def load_families(session: Session, folder: Path, plant: Plant, now: datetime) -> list[Release]:
    """The releases now offered of this plant's families in `folder`; a changed file makes a new one.

    `folder` is one family's folder or holds several, each naming its plant. Raises `FamilyError` with the
    place of whatever cannot be read; nothing is written then.
    """
    read = [(files, content_of(files, path.name)) for path in folders(folder) for files in [read_files(path)]]
    mine = [(files, content) for files, content in read if content.get("plant") == plant.slug]
    if not mine:
        raise FamilyError(f"No family for the plant {plant.slug} is in {folder.name}.")
    return [release(session, content, plant, now, files) for files, content in mine]


def release(
    session: Session,
    content: dict[str, object],
    plant: Plant,
    now: datetime,
    files: Mapping[str, str] | None = None,
) -> Release:
    """This content as the family's current release: the newest one if nothing changed, else a new one.

    `files` are the texts that `content` was read from, kept with their comments for whoever goes on with
    them.
    """
    product = _checked(content, files)
    slug, fingerprint = product.family.slug, digest(content)
    if elsewhere(session, slug, plant):
        raise FamilyError(f"The family {slug} belongs to another plant.")
    row = session.get(FamilyRow, slug)
    current = session.get(Release, row.release_id) if row else None
    if current is not None and current.digest == fingerprint:
        return current
    made = _written(session, slug, fingerprint, content, now, files)
    session.merge(FamilyRow(slug=slug, plant_id=plant.id, release_id=made.id))
    _offer_standard(session, product, plant)
    session.flush()
    return made


def elsewhere(session: Session, slug: str, plant: Plant) -> bool:
    """Whether another plant has a family of that slug, modelled or not: slugs are unique on the platform."""
    rows = (session.get(FamilyRow, slug), session.get(StandardProduct, slug))
    return any(row is not None and row.plant_id != plant.id for row in rows)


def _checked(content: dict[str, object], files: Mapping[str, str] | None) -> Product:
    """The family ready for use. Raises `FamilyError` with all that blocks a release, and where it stands."""
    slug, plant = (str(content.get(key)) for key in ("slug", "plant"))
    found = checking.check(files or files_of(content), slug, plant)
    checking.refuse(found.findings)
    assert found.engine is not None
    return found.engine.product


def _written(
    session: Session,
    slug: str,
    fingerprint: str,
    content: dict[str, object],
    now: datetime,
    files: Mapping[str, str] | None,
) -> Release:
    last = session.exec(select(func.max(col(Release.number))).where(Release.family == slug)).one()
    number = (last or 0) + 1
    made = Release(
        id=f"{slug}-{number}",
        family=slug,
        number=number,
        digest=fingerprint,
        content=content,
        files=dict(files) if files else None,
        released_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _offer_standard(session: Session, product: Product, plant: Plant) -> None:
    """What the kernel answers with where this module is off: the default configuration at its list price."""
    spec, price = standard_product(product)
    session.merge(
        StandardProduct(
            family=product.family.slug,
            plant_id=plant.id,
            name=product.family.name,
            spec=spec.model_dump(mode="json"),
            list_price=price.quantize(Decimal("0.01")),
            currency=plant.currency,
        )
    )


def current(session: Session, family: str) -> Release:
    """The release new configurations get. Raises `NotFound`."""
    found = offered(session, family)
    if found is None:
        raise NotFound(f"There is no product family {family!r}; GET /api/v1/families lists them.")
    return found


def offered(session: Session, family: str) -> Release | None:
    """The same; none where the family has no release yet."""
    row = session.get(FamilyRow, family)
    return session.get_one(Release, row.release_id) if row and row.release_id else None


def names_of(session: Session, family: str) -> Names:
    """What the family is called; by its slug as long as it has no release."""
    found = offered(session, family)
    return engine_of(session, found.id).product.family.name if found else {"en": family}


def current_id(session: Session, family: str) -> str:
    """The same by its id, without reading its content. Raises `NotFound`."""

    def read() -> str | None:
        return session.exec(select(FamilyRow.release_id).where(FamilyRow.slug == family)).first()

    found = once(session, ("release", family), read)
    if not found:
        raise NotFound(f"There is no product family {family!r}; GET /api/v1/families lists them.")
    return found


def offered_engine(session: Session, family: str, release_id: str, fingerprint: str) -> Engine:
    """The solver of a release that was just read as the family's current one, with its digest: neither is
    asked for again."""
    now_known(session, ("release", family), release_id)
    _digests(session)[release_id] = fingerprint
    return engine_of(session, release_id)


def engine_of(session: Session, release_id: str) -> Engine:
    """The release's solver, made on first use and kept: a release never changes."""
    fingerprint = _digest_of(session, release_id)
    with _lock:
        known = _engines.get(release_id)
        if known is not None and known.digest == fingerprint:
            _engines.move_to_end(release_id)
            return known
    row = session.get(Release, release_id)
    if row is None:
        raise NotFound(f"There is no release {release_id!r}.")
    made = Engine(Product(family_of(row.content)), row.digest)
    Thread(target=made.learn, name=f"learning {release_id}", daemon=True).start()
    with _lock:
        _engines[release_id] = made
        while len(_engines) > _KEPT:
            _engines.popitem(last=False)
    return made


def _digest_of(session: Session, release_id: str) -> str | None:
    """Two databases in one process (tests, a platform's import) may use the same id for different content.
    A session asks once: a release never changes."""
    read = _digests(session)
    if read.get(release_id) is None:
        read[release_id] = session.exec(select(Release.digest).where(Release.id == release_id)).first()
    return read[release_id]


def _digests(session: Session) -> dict[str, str | None]:
    """Release -> its digest, as the session has read it."""
    read: dict[str, str | None] = session.info.setdefault(_READ, {})
    return read


def families_of(session: Session, plant_ids: Iterable[str]) -> list[tuple[FamilyRow, Release]]:
    """The families of these plants with the release each offers now, by slug."""
    query = select(FamilyRow, Release).where(FamilyRow.release_id == Release.id)
    rows = session.exec(
        query.where(col(FamilyRow.plant_id).in_(list(plant_ids))).order_by(col(FamilyRow.slug))
    )
    return list(rows)


def unreleased(session: Session, plant_ids: Iterable[str]) -> list[FamilyRow]:
    """The families of these plants that have no release yet, by slug."""
    query = select(FamilyRow).where(FamilyRow.release_id == "", col(FamilyRow.plant_id).in_(list(plant_ids)))
    return list(session.exec(query.order_by(col(FamilyRow.slug))))


def releases_of(session: Session, family: str) -> list[Release]:
    """All releases of a family, newest first."""
    query = select(Release).where(Release.family == family).order_by(col(Release.number).desc())
    return list(session.exec(query))
