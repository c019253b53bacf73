"""The draft of a family's next release: its files as text, saved by one engineer after the other.

A draft may be unreadable for a while; only a release has to be sound. Whoever saves says which version was
read: if somebody else saved meanwhile nothing is written, and the refusal says what that was.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, and_, col, func, select, update

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.i18n import N_, Sentence
from cosmo.parties import Plant
from modules.rnd import releases
from modules.rnd.family import FILES, FamilyError, content_of, digest, files_of
from modules.rnd.models import Draft, DraftState, FamilyRow, Release

LONGEST = 200_000
"""Letters in one file."""
_MOST_LINES = 60
_NO_RELEASE = N_("This family has no release to start from. Take its draft up again, or begin it anew.")


@dataclass(frozen=True, slots=True)
class Moved:
    """One file that somebody else changed: by whom, and the lines that differ from what was to be saved.

    A line begins with `-` where only the text to be saved has it, with `+` where only the draft has it.
    """

    file: str
    by: str
    lines: tuple[str, ...]


class DraftMoved(Conflict):
    """Somebody else saved since; `version` is the draft's now, `changed` what differs."""

    type, title = "draft-moved", "Somebody else changed this draft"

    def __init__(self, draft: Draft, changed: Sequence[Moved]) -> None:
        super().__init__(
            N_("Somebody else saved this draft while you wrote. Nothing of yours was saved; look at both."),
            version=draft.version,
            changed=[{"file": one.file, "by": one.by, "lines": list(one.lines)} for one in changed],
        )
        self.draft, self.changed = draft, tuple(changed)


class BaseMoved(Conflict):
    type, title = "base-moved", "Another release came out meanwhile"


class NothingChanged(Invalid):
    type, title = "nothing-changed", "There is nothing to release"


def start(session: Session, family: str, now: Now, note: str, author: str) -> Draft:
    """The family's open draft: a new one from its current release, or the one there is with `note` added.

    `author` is an account's id, or a word for what starts it by itself. Raises `NotFound`.
    """
    row = locked(session, family)
    found = opened(session, family)
    if found is not None:
        return _noted(session, found, note, now, author)
    if not row.release_id:
        raise NotFound(_NO_RELEASE)
    return written(session, family, row.release_id, files_at(session, row.release_id), note, now, author)


def written(
    session: Session, family: str, base: str, files: Mapping[str, str], note: str, now: Now, author: str
) -> Draft:
    """A new open draft with these texts; the family is `locked` and has none."""
    made = Draft(
        family=family,
        base=base,
        files=dict(files),
        note=note.strip(),
        author=author,
        started_at=now.wall,
        updated_at=now.wall,
        updated_by=author,
        version=_last_version(session, family) + 1,
    )
    session.add(made)
    session.flush()
    return made


def locked(session: Session, family: str) -> FamilyRow:
    """The family's row, locked where the database has such locks: two who start or release take turns."""
    query = select(FamilyRow).where(FamilyRow.slug == family).with_for_update()
    row = session.exec(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such product family here."))
    return row


def _noted(session: Session, draft: Draft, note: str, now: Now, author: str) -> Draft:
    note = note.strip()
    if not note or note in draft.note.split("\n"):
        return draft
    lines = "\n".join(line for line in (draft.note, note) if line)
    return _step(session, draft, draft.version, now, author, note=lines)


def _last_version(session: Session, family: str) -> int:
    return session.exec(select(func.max(col(Draft.version))).where(Draft.family == family)).one() or 0


def files_at(session: Session, release_id: str) -> dict[str, str]:
    """A release's files as text: as they were read, or written out where it was made from plain data; none
    of a family that has no release yet."""
    if not release_id:
        return {}
    release = session.get_one(Release, release_id)
    return dict(release.files) if release.files else files_of(release.content)


def opened(session: Session, family: str) -> Draft | None:
    """The family's open draft."""
    query = select(Draft).where(Draft.family == family, Draft.state == DraftState.OPEN)
    return session.exec(query.execution_options(populate_existing=True)).one_or_none()


def draft_of(session: Session, family: str) -> Draft:
    """The family's open draft. Raises `NotFound`."""
    found = opened(session, family)
    if found is None:
        raise NotFound(N_("This family has no open draft. Start one first."))
    return found


def save(
    session: Session, family: str, files: Mapping[str, str], version: int, now: Now, author: str
) -> Draft:
    """Put these texts into the draft, readable or not; files not named stay as they are.

    Raises `DraftMoved` if the draft is not at `version` any more.
    """
    draft = draft_of(session, family)
    texts = {name: _kept(draft.files.get(name), checked(name, text)) for name, text in files.items()}
    texts = {name: text for name, text in texts.items() if text or name in draft.files}  # a form has all
    changed = [name for name, text in texts.items() if draft.files.get(name) != text]
    if draft.version != version:
        raise DraftMoved(draft, _moved(draft, texts, version))
    if not changed:
        return draft
    ordered = {name: text for name in FILES if (text := texts.get(name, draft.files.get(name))) is not None}
    touched = {**draft.touched, **{name: [version + 1, author] for name in changed}}
    return _step(session, draft, version, now, author, files=ordered, touched=touched)


def checked(name: str, text: str) -> str:
    """The text, if a family may have it as that file. Raises `Invalid`."""
    if name not in FILES:
        said = N_("A family has no file {name}; it has {files}.")
        raise Invalid(Sentence(said, name=name[:60], files=", ".join(FILES)))
    if len(text) > LONGEST:
        said = N_("{file} has {n} letters and {most} fit. Shorten it, then save again.")
        raise Invalid(Sentence(said, file=name, n=len(text), most=LONGEST))
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Invalid(Sentence(N_("{file} holds a letter that no text has. Is it a text file?"), file=name))
    return text


def _kept(old: str | None, text: str) -> str:
    """The text with the line ends of the file; a form sends its own."""
    plain = text.replace("\r\n", "\n")
    if old is None or "\r\n" not in old:
        return plain
    return old if old.replace("\r\n", "\n") == plain else plain.replace("\n", "\r\n")


def _moved(draft: Draft, texts: Mapping[str, str], version: int) -> list[Moved]:
    """What others changed after `version`, beside what was to be saved."""
    later = {name: by for name, (at, by) in draft.touched.items() if at > version}
    return [
        Moved(name, by, _lines(texts.get(name, draft.files[name]), draft.files[name]))
        for name, by in later.items()
    ]


def _lines(mine: str, theirs: str) -> tuple[str, ...]:
    found = difflib.unified_diff(mine.splitlines(), theirs.splitlines(), n=0, lineterm="")
    return tuple(line for line in list(found)[2:] if line[:1] in "+-")[:_MOST_LINES]


def _step(session: Session, draft: Draft, version: int, now: Now, author: str, **values: Any) -> Draft:
    """Write `values` if the draft is still open and at `version`; the database decides, not what was read."""
    stamped = {**values, "version": version + 1, "updated_at": now.wall, "updated_by": author}
    still = and_(
        col(Draft.id) == draft.id, col(Draft.version) == version, col(Draft.state) == DraftState.OPEN
    )
    written = session.exec(update(Draft).where(still).values(**stamped))
    session.refresh(draft)
    if written.rowcount != 1:
        raise DraftMoved(draft, _moved(draft, values.get("files", {}), version))
    return draft


def discard(session: Session, family: str, version: int, now: Now, author: str) -> Draft:
    """Close the draft unreleased; its text stays in the database. Raises `DraftMoved`, `NotFound`."""
    return _step(session, draft_of(session, family), version, now, author, state=DraftState.DISCARDED)


def discarded(session: Session, family: str) -> Draft | None:
    """The family's last draft, if it was discarded."""
    query = select(Draft).where(Draft.family == family).order_by(col(Draft.version).desc())
    last = session.exec(query).first()
    return last if last is not None and last.state == DraftState.DISCARDED else None


def take_up(session: Session, family: str, now: Now, author: str) -> Draft:
    """Open the discarded draft again, as it was. Raises `NotFound` where the last one was not discarded."""
    locked(session, family)
    last = discarded(session, family)
    if last is None:
        raise NotFound(N_("There is no discarded draft to take up. Start a new one."))
    last.state, last.version = DraftState.OPEN, last.version + 1
    last.updated_at, last.updated_by = now.wall, author
    session.add(last)
    session.flush()
    return last


def go_on_from(session: Session, family: str, version: int, now: Now, author: str) -> Draft:
    """Take the family's current release as the base; the text stays as it is."""
    base = locked(session, family).release_id
    return _step(session, draft_of(session, family), version, now, author, base=base)


def release(session: Session, family: str, version: int, plant: Plant, now: Now, author: str) -> Release:
    """Make the draft the family's next release. Raises `FamilyError` with what is wrong with its files,
    `BaseMoved` where another release came out since it was begun, `NothingChanged`, `DraftMoved`.
    """
    row = locked(session, family)
    draft = draft_of(session, family)
    if draft.version != version:
        raise DraftMoved(draft, _moved(draft, {}, version))
    if row.release_id != draft.base:
        raise BaseMoved(
            N_(
                "Another release came out since this draft was begun. Look at the difference, "
                "then go on from it."
            )
        )
    content = content_of(draft.files, family)
    _own(content, family, plant)
    if draft.base and digest(content) == session.get_one(Release, draft.base).digest:
        raise NothingChanged(N_("Nothing has changed but comments and layout. There is nothing to release."))
    made = releases.release(session, content, plant, now.business, draft.files)
    if rates := content.get("price"):
        answerers_at(session, plant.manufacturer_id).pricer.relist(session, plant.id, family, rates, now)
    _step(session, draft, version, now, author, state=DraftState.RELEASED, release_id=made.id)
    return made


def _own(content: Mapping[str, Any], family: str, plant: Plant) -> None:
    """A draft never becomes another family, nor moves to another plant."""
    for key, own in (("slug", family), ("plant", plant.slug)):
        if content.get(key) != own:
            raise FamilyError(f"{family}/family.yaml: {key} has to stay {own}.")
