"""A family that the plant does not have yet: its first draft, from files, as a copy, or from a small one.

The first draft takes the slug for its plant. Only the plant's engineers know of the family until its first
release, which is made like any other.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

import yaml
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid
from cosmo.i18n import N_, Sentence
from cosmo.parties import Plant
from cosmo.work_ports import Station
from modules.rnd import checking, drafts, releases
from modules.rnd.family import FILES, FamilyError, content_of
from modules.rnd.models import Draft, FamilyRow

_STARTER = Path(__file__).parent / "data" / "starter"
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_BENCH = Station("BENCH", {"en": "Bench", "de": "Werkbank", "zh": "工作台"})
"""Where the starter's work is done while nobody plans; any word will do then."""
MOST_UNRELEASED = 20
"""So many short names a plant takes with families that were never released: nobody else can have them."""
_TOO_MANY = N_("This plant has {n} families that were never released. Release one of them, or begin it anew.")
NO_FAMILY_TO_COPY = N_("Choose one of the plant's families to start from.")
NO_STATION = N_("Choose one of the plant's work centres.")
_TWICE = N_("The family {slug} is already here. Open it, or choose another short name.")
_TAKEN = N_("The short name {slug} is taken. Choose another one.")
_NO_SLUG = N_(
    "“{slug}” cannot be a short name: small letters a to z, digits and hyphens, a letter first, 40 at most."
)
_NO_FAMILY = N_("{file} is missing. It names the family and its plant. Choose the files again with it.")
_UNREADABLE = N_("{file}, line {n}, cannot be read: {why}. Mend it, then choose the files again.")
_NO_LIST = N_("{file} is not a list of names and values. Mend it, then choose the files again.")
_ELSEWHERE = N_("{file} names the plant “{plant}”. Write {own} there, then choose the files again.")


class SlugTaken(Conflict):
    """`own`: by a family of this plant, which may be opened instead."""

    type, title = "slug-taken", "This short name is taken"

    def __init__(self, slug: str, own: bool) -> None:
        super().__init__(Sentence(_TWICE if own else _TAKEN, slug=slug))
        self.slug, self.own = slug, own


def begin(
    session: Session, plants: Sequence[Plant], files: Mapping[str, str], note: str, now: Now, author: str
) -> Draft:
    """The first draft of the family that `files` name, at the one of `plants` that they name; kept to the
    byte, readable or not but for the family's name and plant. Raises `Invalid`, `SlugTaken`.
    """
    texts = {name: drafts.checked(name, files[name]) for name in sorted(files, key=_place)}
    named = _head(texts)
    plant = _plant(plants, str(named.get("plant") or ""))
    slug = checked_slug(str(named.get("slug") or ""))
    _take(session, slug, plant)
    return drafts.written(session, slug, "", texts, note, now, author)


def _place(name: str) -> int:
    return FILES.index(name) if name in FILES else len(FILES)


def _head(files: Mapping[str, str]) -> Mapping[str, Any]:
    """What `family.yaml` says. Raises `Invalid` with the line that cannot be read."""
    file = FILES[0]
    text = files.get(file, "")
    if not text.strip():
        raise Invalid(Sentence(_NO_FAMILY, file=file))
    for wrong in checking.unreadable({file: text}):
        raise Invalid(Sentence(_UNREADABLE, file=file, n=wrong.place.line, why=wrong.values["why"]))
    try:
        return content_of({file: text}, file)
    except FamilyError:
        raise Invalid(Sentence(_NO_LIST, file=file)) from None


def _plant(plants: Sequence[Plant], named: str) -> Plant:
    for plant in plants:
        if plant.slug == named:
            return plant
    own = ", ".join(plant.slug for plant in plants)
    raise Invalid(Sentence(_ELSEWHERE, file=FILES[0], plant=named[:60], own=own))


def checked_slug(text: str) -> str:
    """The text, if a family may be called so. Raises `Invalid`."""
    if not _SLUG.fullmatch(text):
        raise Invalid(Sentence(_NO_SLUG, slug=text[:60]))
    return text


def _take(session: Session, slug: str, plant: Plant) -> None:
    """The slug is this plant's, locked, and has neither a release nor an open draft. Two who take it at the
    same time take turns. Raises `SlugTaken`, `Conflict` where the plant has too many without a release."""
    if releases.elsewhere(session, slug, plant):
        raise SlugTaken(slug, own=False)
    if session.get(FamilyRow, slug) is None:
        _check_number(session, plant)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {"slug": slug, "plant_id": plant.id, "release_id": ""}
    session.execute(insert(FamilyRow).values(**values).on_conflict_do_nothing())
    row = drafts.locked(session, slug)
    if row.plant_id != plant.id or row.release_id or drafts.opened(session, slug) is not None:
        raise SlugTaken(slug, own=row.plant_id == plant.id)


def _check_number(session: Session, plant: Plant) -> None:
    """Discarded ones count, too: their text may be taken up again. Who begins one at the same plant waits."""
    session.get_one(Plant, plant.id, with_for_update={"key_share": True})  # whatever names the plant goes on
    begun = len(releases.unreleased(session, [plant.id]))
    if begun >= MOST_UNRELEASED:
        raise Conflict(Sentence(_TOO_MANY, n=begun))


def copied(session: Session, plants: Sequence[Plant], family: str, slug: str) -> dict[str, str]:
    """The files of the family's current release under another slug; not one other letter differs. Raises
    `Invalid`, also where none of `plants` has the family."""
    offered = {row.slug: release for row, release in releases.families_of(session, [p.id for p in plants])}
    if family not in offered:
        raise Invalid(NO_FAMILY_TO_COPY)
    files = drafts.files_at(session, offered[family].id)
    return files | {FILES[0]: renamed(files[FILES[0]], checked_slug(slug))}


def renamed(text: str, slug: str) -> str:
    """`family.yaml` with this slug where the other one stood."""
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    assert isinstance(root, yaml.MappingNode)
    node = next(value for key, value in root.value if key.value == "slug")
    return text[: node.start_mark.index] + slug + text[node.end_mark.index :]


def starter(session: Session, plant: Plant, slug: str, station: str) -> dict[str, str]:
    """A small, complete family: one option, one rule, one operation at `station` (empty: the first one), one
    price line, one case. Raises `Invalid`."""
    known = [one.code for one in stations(session, plant)]
    if station and station not in known:
        raise Invalid(NO_STATION)
    values = {"slug": checked_slug(slug), "plant": plant.slug, "station": station or known[0]}
    texts = {name: (_STARTER / name).read_text("utf-8") for name in FILES if (_STARTER / name).exists()}
    return {name: Template(text).substitute(values) for name, text in texts.items()}


def stations(session: Session, plant: Plant) -> list[Station]:
    """Where the starter's one operation may be done; those that ask for a recipe only where there is nothing
    else. Never empty."""
    known = list(answerers_at(session, plant.manufacturer_id).stations.of(session, plant.id))
    return [one for one in known if one.plain] or known or [_BENCH]
