"""Drafts: files come back to the byte, engineers who never overwrite each other, one way to a release."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session as Plain
from sqlmodel import Session

from cosmo.db import Database
from cosmo.errors import Invalid, NotFound
from cosmo.parties import Plant
from modules.rnd import drafts, releases
from modules.rnd.family import FILES, FamilyError, content_of, digest, files_of, read_files, read_folder
from modules.rnd.models import Draft, DraftState, Release
from tests.factories import NOW, at, make_plant
from tests.modules.rnd.families import FOLDER

RULES = "rules.yaml"


def started(session: Session, family: str = "mug") -> Draft:
    return drafts.start(session, family, NOW, "A matt black", "anna")


def with_reason(text: str) -> str:
    """The mug's rules with another sentence in the first one."""
    return text.replace("en: ", "en: Mind that ", 1)


@pytest.mark.parametrize("slug", ["mug", "tile", "cabinet", "part"])
def test_files_come_back_to_the_byte(slug: str, tmp_path: Path) -> None:
    files = read_files(FOLDER / slug)
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode())
        assert (tmp_path / name).read_bytes() == (FOLDER / slug / name).read_bytes()
    assert content_of(files, slug) == read_folder(FOLDER / slug)
    plain = files_of(read_folder(FOLDER / slug))
    assert digest(content_of(plain, slug)) == digest(read_folder(FOLDER / slug)), "written out, read again"


def test_a_draft_holds_the_files_of_the_release_offered_now(lu: Plant, database: Database) -> None:
    with database.write() as session:
        draft = started(session)
        assert (draft.family, draft.base, draft.note, draft.author) == (
            "mug",
            "mug-1",
            "A matt black",
            "anna",
        )
        assert draft.files == read_files(FOLDER / "mug")
        with pytest.raises(NotFound):
            drafts.start(session, "lamp", NOW, "", "anna")


def test_a_release_made_from_plain_data_can_be_drafted_too(lu: Plant, database: Database) -> None:
    with database.write() as session:
        content = read_folder(FOLDER / "mug")
        content["blurb"] = {**content["blurb"], "en": "Another mug."}
        releases.release(session, content, lu, NOW.business)
        draft = started(session)
        assert digest(content_of(draft.files, "mug")) == digest(content)


def test_there_is_one_open_draft_and_another_note_joins_it(lu: Plant, database: Database) -> None:
    with database.write() as session:
        first = started(session)
        again = drafts.start(session, "mug", at(hours=1), "From an idea", "rnd")
        assert (again.id, again.note, again.version) == (first.id, "A matt black\nFrom an idea", 2)
        assert drafts.start(session, "mug", at(hours=2), "From an idea", "rnd").version == 2
        assert drafts.start(session, "tile", NOW, "", "anna").id != first.id


def test_saving_keeps_whatever_was_typed(lu: Plant, database: Database) -> None:
    with database.write() as session:
        version = started(session).version
        saved = drafts.save(session, "mug", {RULES: "- id: [broken"}, version, at(hours=1), "ben")
        assert saved.files[RULES] == "- id: [broken"
        assert (saved.version, saved.updated_by, saved.updated_at) == (2, "ben", at(hours=1).wall)
        assert saved.files["price.yaml"] == read_files(FOLDER / "mug")["price.yaml"]
        with pytest.raises(FamilyError, match=r"mug/rules.yaml is not readable"):
            drafts.release(session, "mug", 2, lu, NOW, "ben")
        assert drafts.draft_of(session, "mug").files[RULES] == "- id: [broken"


def test_a_form_sends_its_own_line_ends_and_changes_nothing(lu: Plant, database: Database) -> None:
    with database.write() as session:
        draft = started(session)
        as_sent = {name: text.replace("\n", "\r\n") for name, text in draft.files.items()}
        assert drafts.save(session, "mug", as_sent, draft.version, NOW, "ben").version == 1
        windows = drafts.save(session, "mug", {RULES: "a\r\nb\r\n"}, 1, NOW, "ben")
        assert windows.files[RULES] == "a\nb\n"
    assert drafts._kept("a\r\nb\r\n", "a\nb\n") == "a\r\nb\r\n"
    assert drafts._kept("a\r\nb\r\n", "a\r\nc\r\n") == "a\r\nc\r\n"


@pytest.mark.parametrize(
    "files", [{"../rules.yaml": ""}, {RULES: "x" * 200_001}, {RULES: "a\0b"}, {RULES: "\ud800"}]
)
def test_what_is_no_file_of_a_family_is_refused(files: dict[str, str], lu: Plant, database: Database) -> None:
    with database.write() as session:
        version = started(session).version
        with pytest.raises(Invalid):
            drafts.save(session, "mug", files, version, NOW, "ben")
        assert drafts.draft_of(session, "mug").version == version


def test_two_engineers_never_overwrite_each_other(lu: Plant, database: Database) -> None:
    with database.write() as session:
        draft = started(session)
        version, rules = draft.version, draft.files[RULES]
        drafts.save(session, "mug", {RULES: with_reason(rules)}, version, NOW, "anna")
    with database.write() as session, pytest.raises(drafts.DraftMoved) as refused:
        drafts.save(session, "mug", {RULES: rules + "# mine\n"}, version, NOW, "ben")
    assert refused.value.extra["version"] == version + 1
    (change,) = refused.value.changed
    assert (change.file, change.by) == (RULES, "anna")
    assert any(line.startswith("+") and "Mind that" in line for line in change.lines)
    assert "-# mine" in change.lines
    with database.read() as session:
        assert drafts.draft_of(session, "mug").files[RULES] == with_reason(rules)


@pytest.fixture
def on_postgres(lu: Plant, postgres: Database) -> Database:
    """The mug's plant on PostgreSQL."""
    with postgres.write() as session:
        releases.load_families(session, FOLDER / "mug", make_plant(session, slug="lu-ceramics"), NOW.business)
    return postgres


@pytest.mark.parametrize("store", ["database", "on_postgres"])
def test_the_database_decides_who_was_first(
    store: str, lu: Plant, database: Database, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read the same version; the second writer finds it gone even if it never looked again."""
    db: Database = database if store == "database" else request.getfixturevalue(store)
    with db.write() as session:
        version = started(session).version
    stale = Plain(db.engine)
    seen = stale.get(Draft, _open(db).id)
    assert seen is not None
    stale.expunge(seen)
    stale.close()
    with db.write() as session:
        drafts.save(session, "mug", {RULES: "anna's"}, version, NOW, "anna")
    monkeypatch.setattr(drafts, "draft_of", lambda session, family: session.merge(seen, load=False))
    with pytest.raises(drafts.DraftMoved), db.write() as session:
        drafts.save(session, "mug", {RULES: "ben's"}, version, NOW, "ben")
    monkeypatch.undo()
    assert _open(db).files[RULES] == "anna's"


def _open(db: Database) -> Draft:
    with db.read() as session:
        return drafts.draft_of(session, "mug")


def test_a_released_draft_is_the_release_and_a_discarded_one_is_gone(lu: Plant, database: Database) -> None:
    with database.write() as session:
        draft = started(session)
        rules = with_reason(draft.files[RULES])
        drafts.save(session, "mug", {RULES: rules}, draft.version, NOW, "ben")
        made = drafts.release(session, "mug", 2, lu, at(days=1), "ben")
        assert (made.id, made.released_at) == ("mug-2", at(days=1).business)
        assert made.files is not None
        assert made.files[RULES] == rules
        assert releases.current(session, "mug").id == "mug-2"
        assert drafts.opened(session, "mug") is None
        kept = session.get_one(Draft, draft.id)
        assert (kept.state, kept.release_id) == (DraftState.RELEASED, "mug-2")
        second = started(session)
        assert (second.base, second.files[RULES], second.version) == ("mug-2", rules, 4)
        drafts.discard(session, "mug", 4, NOW, "ben")
        with pytest.raises(NotFound):
            drafts.draft_of(session, "mug")
        assert session.get_one(Draft, second.id).state == DraftState.DISCARDED


def test_an_old_form_cannot_save_into_a_later_draft(lu: Plant, database: Database) -> None:
    with database.write() as session:
        version = started(session).version
        drafts.discard(session, "mug", version, NOW, "anna")
        started(session)
        with pytest.raises(drafts.DraftMoved):
            drafts.save(session, "mug", {RULES: "old"}, version, NOW, "ben")


def test_only_comments_are_nothing_to_release(lu: Plant, database: Database) -> None:
    with database.write() as session:
        draft = started(session)
        drafts.save(session, "mug", {RULES: draft.files[RULES] + "\n# hm\n"}, draft.version, NOW, "ben")
        with pytest.raises(drafts.NothingChanged):
            drafts.release(session, "mug", 2, lu, NOW, "ben")


def test_a_release_that_came_out_meanwhile_is_not_undone(lu: Plant, database: Database) -> None:
    with database.write() as session:
        draft = started(session)
        drafts.save(session, "mug", {RULES: with_reason(draft.files[RULES])}, draft.version, NOW, "ben")
        content = read_folder(FOLDER / "mug")
        content["blurb"] = {**content["blurb"], "en": "Another mug."}
        releases.release(session, content, lu, NOW.business)
        with pytest.raises(drafts.BaseMoved):
            drafts.release(session, "mug", 2, lu, NOW, "ben")
        assert drafts.go_on_from(session, "mug", 2, NOW, "ben").base == "mug-2"
        assert drafts.release(session, "mug", 3, lu, NOW, "ben").id == "mug-3"
        with pytest.raises(NotFound):
            drafts.release(session, "mug", 4, lu, NOW, "ben")


@pytest.mark.parametrize(("old", "new"), [("slug: mug", "slug: tile"), ("plant: lu-", "plant: li-")])
def test_a_draft_never_becomes_another_family(old: str, new: str, lu: Plant, database: Database) -> None:
    with database.write() as session:
        draft = started(session)
        text = draft.files["family.yaml"].replace(old, new)
        drafts.save(session, "mug", {"family.yaml": text}, draft.version, NOW, "ben")
        with pytest.raises(FamilyError, match="has to stay"):
            drafts.release(session, "mug", 2, lu, NOW, "ben")
        assert session.get(Release, "tile-2") is None


def test_a_file_without_its_family_is_named(lu: Plant) -> None:
    with pytest.raises(FamilyError, match=r"mug has no family.yaml"):
        content_of({}, "mug")
    with pytest.raises(FamilyError, match=r"not a list of names"):
        content_of({FILES[0]: "- a"}, "mug")
