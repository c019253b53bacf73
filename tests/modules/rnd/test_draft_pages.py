"""The engineer's page of the next release, its interface for programs, and the page of differences."""

import io
import json
import zipfile
from typing import Any

import pytest

from cosmo.db import Database
from cosmo.parties import Plant, Role
from modules.rnd import drafts, releases
from modules.rnd.drafts_view import print_of
from modules.rnd.family import FILES, read_files, read_folder
from modules.rnd.models import Draft
from tests.factories import NOW
from tests.modules.rnd.families import FOLDER
from tests.modules.rnd.test_pages import People
from tests.web_fixtures import Visitor

HERE = "/plant/products/mug/draft"
API = "/api/v1/plants/lu-ceramics/products/mug/draft"
RULE = "rule: body = bone excludes finish = matt"
STRICTER = "rule: body in (bone, stoneware) excludes finish = matt"


@pytest.fixture
def engineer(lu: Plant, people: People) -> Visitor:
    """An engineer who has started the mug's next release."""
    visitor = people(Role.ENGINEER, lu)
    assert visitor.post("/plant/products/mug/drafts", data={"note": "For hotels"}).status_code == 303
    return visitor


def open_draft(database: Database) -> Draft:
    with database.read() as session:
        return drafts.draft_of(session, "mug")


def form(database: Database, **changed: str) -> dict[str, str]:
    """The page's form as it is shown, with other texts in some files (`rules` for rules.yaml)."""
    draft = open_draft(database)
    sent = {"version": str(draft.version)}
    for name in FILES:
        text = draft.files.get(name, "")
        sent |= {f"was.{name}": print_of(text)}
        sent |= {f"file.{name}": changed.get(name.removesuffix(".yaml"), text).replace("\n", "\r\n")}
    return sent


def rules(old: str = RULE, new: str = STRICTER) -> str:
    text = read_files(FOLDER / "mug")["rules.yaml"]
    assert old in text
    return text.replace(old, new)


def test_the_page_begins_with_nothing_and_then_shows_every_file(lu: Plant, people: People) -> None:
    visitor = people(Role.ENGINEER, lu)
    assert "Nobody is working on it" in visitor.get(HERE).text
    assert visitor.post("/plant/products/mug/drafts", data={"note": "For hotels"}).status_code == 303
    page = visitor.get(HERE).text
    assert "For hotels" in page
    assert all(f'name="file.{name}"' in page for name in FILES)
    assert "Nothing blocks a release" in page
    assert "LU-BODY-PORC" in page
    assert '<figure class="draft-drawing"><svg' in page


def test_too_long_a_note_comes_back(lu: Plant, people: People) -> None:
    answer = people(Role.ENGINEER, lu).post("/plant/products/mug/drafts", data={"note": "x" * 2001})
    assert answer.status_code == 422
    assert "x" * 2001 in answer.text


def test_what_is_typed_is_saved_readable_or_not(engineer: Visitor, database: Database) -> None:
    answer = engineer.post(HERE, data=form(database, rules="- id: [broken"))
    assert answer.status_code == 303
    assert open_draft(database).files["rules.yaml"] == "- id: [broken"
    page = engineer.get(HERE).text
    assert "- id: [broken" in page
    assert "rules.yaml, line 1" in page
    assert "Cannot be released yet" in page
    assert open_draft(database).files["options.yaml"] == read_files(FOLDER / "mug")["options.yaml"]


def test_the_live_check_says_what_is_wrong_and_saves_nothing(engineer: Visitor, database: Database) -> None:
    sent = form(database, rules=rules(new=f"{STRICTER}\n- id: X9\n  rule: always body = porcelain"))
    told = engineer.post(f"{HERE}/live", data=sent)
    assert told.status_code == 200
    assert "Rule 26 has no sentence that says why." in told.text
    both = rules() + "".join(
        f"- {{id: X{n}, rule: always body = {body}, why: {{en: X{n}., de: X{n}., zh: X{n}。}}}}\n"
        for n, body in enumerate(("bone", "porcelain"))
    )
    told = engineer.post(f"{HERE}/live", data=form(database, rules=both))
    assert "The rules contradict each other" in told.text
    assert "Rule X0" in told.text
    assert "Rule X1" in told.text
    assert "Rule 26" not in told.text
    assert open_draft(database).version == 1


def test_the_try_out_is_of_the_text_as_typed(engineer: Visitor, database: Database) -> None:
    chosen = {"o.body": "stoneware", "o.finish": "matt", "o.quantity": "77"}
    fine = engineer.post(f"{HERE}/live", data=form(database) | chosen)
    assert "Bone china takes no matt" not in fine.text.split('id="try-h"')[1].split("<form")[0][:900]
    stricter = engineer.post(f"{HERE}/live", data=form(database, rules=rules()) | chosen)
    assert 'value="77"' in stricter.text
    assert stricter.text.count("Bone china takes no matt glaze outside.") > fine.text.count(
        "Bone china takes no matt glaze outside."
    )


def test_the_try_out_is_kept_while_the_text_cannot_be_read(engineer: Visitor, database: Database) -> None:
    chosen = {"o.body": "stoneware", "o.quantity": "77", "case": "dozens"}
    told = engineer.post(f"{HERE}/live", data=form(database, rules="[") | chosen).text
    assert '<input type="hidden" name="o.body" value="stoneware">' in told
    assert '<input type="hidden" name="case" value="dozens">' in told


def test_a_value_that_can_never_be_is_refused_but_the_text_is_saved(
    engineer: Visitor, database: Database
) -> None:
    odd = engineer.post(HERE, data=form(database, rules=rules()) | {"o.quantity": "lots"})
    assert odd.status_code == 422
    assert 'value="lots"' in odd.text
    assert STRICTER in open_draft(database).files["rules.yaml"]


def test_two_engineers_and_one_file(engineer: Visitor, lu: Plant, database: Database, people: People) -> None:
    other, mine = people(Role.ENGINEER, lu), form(database, rules=rules() + "# mine\n")
    assert other.post(HERE, data=form(database, rules=rules() + "# theirs\n")).status_code == 303
    refused = engineer.post(HERE, data=mine)
    assert refused.status_code == 409
    assert "# mine" in refused.text
    assert "+# theirs" in refused.text
    assert "-# mine" in refused.text
    assert open_draft(database).files["rules.yaml"].endswith("# theirs\n")
    again = engineer.post(HERE, data=mine | {"version": str(open_draft(database).version)})
    assert again.status_code == 303
    assert open_draft(database).files["rules.yaml"].endswith("# mine\n")


def test_two_engineers_and_two_files_both_keep_their_work(
    engineer: Visitor, lu: Plant, database: Database, people: People
) -> None:
    mine = form(database, rules=rules())
    price = read_files(FOLDER / "mug")["price.yaml"] + "# theirs\n"
    assert people(Role.ENGINEER, lu).post(HERE, data=form(database, price=price)).status_code == 303
    refused = engineer.post(HERE, data=mine)
    assert refused.status_code == 409
    assert "Their text is in its field now" in refused.text
    assert "# theirs" in refused.text
    assert STRICTER in refused.text


def test_a_form_without_its_version_changes_nothing(engineer: Visitor, database: Database) -> None:
    for sent in ({}, {"file.rules.yaml": "gone"}, form(database) | {"version": "x"}, {"version": "1"}):
        answer = engineer.post(HERE, data=sent)
        assert answer.status_code == 422
        assert "Look at the texts, then save again." in answer.text
    assert open_draft(database).files == read_files(FOLDER / "mug")


def test_releasing_saves_checks_and_releases(engineer: Visitor, database: Database) -> None:
    broken = engineer.post(f"{HERE}/release", data=form(database, rules=rules(new="rule: body = stone")))
    assert broken.status_code == 422
    assert "Not released yet. Your text is saved" in broken.text
    assert "rule: body = stone" in open_draft(database).files["rules.yaml"]
    done = engineer.post(f"{HERE}/release", data=form(database, rules=rules()))
    assert done.headers["Location"] == "/plant/products/mug?release=mug-2"
    assert STRICTER.removeprefix("rule: ") in engineer.get("/plant/products/mug").text
    assert "Nobody is working on it" in engineer.get(HERE).text


def test_nothing_to_release_and_another_release_meanwhile_are_told(
    engineer: Visitor, lu: Plant, database: Database
) -> None:
    same = engineer.post(f"{HERE}/release", data=form(database))
    assert same.status_code == 422
    assert "There is nothing to release" in same.text
    content = read_folder(FOLDER / "mug")
    content["blurb"] = {**content["blurb"], "en": "Another mug."}
    with database.write() as session:
        releases.release(session, content, lu, NOW.business)
    behind = engineer.post(f"{HERE}/release", data=form(database, rules=rules()))
    assert behind.status_code == 409
    assert "Go on from release 2" in behind.text
    assert engineer.post(f"{HERE}/base", data=form(database)).status_code == 303
    done = engineer.post(f"{HERE}/release", data=form(database))
    assert done.headers["Location"].endswith("mug-3")


def test_a_failed_case_is_shown_and_can_be_expected_from_now_on(
    engineer: Visitor, database: Database
) -> None:
    price = read_files(FOLDER / "mug")["price.yaml"].replace("rate: 1.90", "rate: 2.10")
    assert engineer.post(HERE, data=form(database, price=price)).status_code == 303
    page = engineer.get(HERE).text
    assert "Case “as offered” does not give what it should." in page
    assert "252.72" in page
    assert "279.32" in page
    for case in ("as offered", "printed with a name, gold rim", "own shape, slip cast", "one, by hand"):
        assert engineer.post(f"{HERE}/case", data=form(database) | {"again": case}).status_code == 303
    assert "Nothing blocks a release" in engineer.get(HERE).text
    assert engineer.post(f"{HERE}/case", data=form(database) | {"again": "nobody's"}).status_code == 422


def test_the_try_out_becomes_a_case(engineer: Visitor, database: Database) -> None:
    chosen = {"o.body": "stoneware", "o.finish": "matt", "o.quantity": "36", "case": "three dozen"}
    short = engineer.post(f"{HERE}/case", data=form(database) | chosen)
    assert short.status_code == 422
    assert "This try-out is not complete" in short.text
    with database.read() as session:
        defaults = releases.engine_of(session, "mug-1").product.family.defaults
    whole = {f"o.{name}": value for name, value in defaults.items()} | chosen
    assert engineer.post(f"{HERE}/case", data=form(database) | whole).status_code == 303
    assert "- id: three dozen" in open_draft(database).files["cases.yaml"]
    assert "Nothing blocks a release" in engineer.get(HERE).text
    too_long = engineer.post(f"{HERE}/case", data=form(database) | whole | {"case": "x" * 61})
    assert too_long.status_code == 422


def names_in(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_files_come_out_and_go_in_to_the_byte(engineer: Visitor, database: Database) -> None:
    out = engineer.get(f"{HERE}/files")
    assert out.headers["Content-Type"] == "application/zip"
    there = {f"mug/{name}": text.encode() for name, text in read_files(FOLDER / "mug").items()}
    assert names_in(out.content) == there
    assert names_in(engineer.get("/plant/products/mug/files").content) == there
    assert engineer.post(HERE, data=form(database, rules="# all gone\n")).status_code == 303
    put = engineer.post(f"{HERE}/files", data=form(database), files={"files": ("mug.zip", out.content)})
    assert put.status_code == 303
    assert open_draft(database).files == read_files(FOLDER / "mug")
    one = engineer.post(f"{HERE}/files", data=form(database), files={"files": ("rules.yaml", b"# one\n")})
    assert one.status_code == 303
    assert open_draft(database).files["rules.yaml"] == "# one\n"


def zip_of(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # no time: it names a test
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rules.yaml", b"\xff\xfe\x00"),
        ("notes.txt", b"hello"),
        ("a.zip", zip_of(evil=b"x")),
        ("a.zip", zip_of(**{"rules.yaml": b"0" * 1_000_001})),
        ("a.zip", zip_of(**{"rules.yaml": b"x"})[:40]),
        ("a.zip", zip_of(**{"rules.yaml": b"damaged" * 9}).replace(b"KI\xccM", b"\xff" * 4, 1)),
        ("rules.yaml", b"a\0b"),
        ("rules.yaml", b"x" * 200_001),
    ],
)
def test_what_is_no_family_is_refused_and_what_was_typed_is_kept(
    name: str, content: bytes, engineer: Visitor, database: Database
) -> None:
    sent = form(database, rules="# typed before\n")
    answer = engineer.post(f"{HERE}/files", data=sent, files={"files": (name, content)})
    assert answer.status_code == 422
    assert open_draft(database).files["rules.yaml"] == "# typed before\n"
    assert "# typed before" in answer.text


def test_a_discarded_draft_can_be_taken_up_again(engineer: Visitor, database: Database) -> None:
    gone = engineer.post(f"{HERE}/discarding", data=form(database, rules=rules()))
    assert gone.status_code == 303
    assert "The last draft was discarded" in engineer.get(HERE).text
    assert engineer.post("/plant/products/mug/drafts", data={"again": "1"}).status_code == 303
    assert STRICTER in open_draft(database).files["rules.yaml"]
    assert engineer.post("/plant/products/mug/drafts", data={"again": "1"}).status_code == 404


def test_the_difference_is_told_in_words(engineer: Visitor, database: Database) -> None:
    assert "Nothing differs." in engineer.get("/plant/products/mug/diff?to=draft").text
    engineer.post(HERE, data=form(database, rules=rules()))
    told = engineer.get("/plant/products/mug/diff?from=mug-1&to=draft").text
    assert "Rule 26" in told
    assert "body in (bone, stoneware) excludes finish = matt" in told
    engineer.post(f"{HERE}/release", data=form(database))
    assert "Rule 26" in engineer.get("/plant/products/mug/diff").text
    assert "Rule 26" in engineer.get("/plant/products/mug/diff?from=mug-2&to=mug-1").text
    assert engineer.get("/plant/products/mug/diff?from=mug-9").status_code == 404
    assert engineer.get("/plant/products/mug/diff?to=draft").status_code == 404


def test_an_unreadable_draft_says_so_instead_of_a_difference(engineer: Visitor, database: Database) -> None:
    engineer.post(HERE, data=form(database, rules="["))
    assert "cannot be read yet" in engineer.get("/plant/products/mug/diff?to=draft").text


def test_nobody_else_sees_or_changes_a_draft(
    engineer: Visitor, lu: Plant, rhein: Plant, people: People
) -> None:
    assert people(Role.PLANNER, lu).get(HERE).status_code == 403
    stranger = people(Role.ENGINEER, rhein)
    for answer in (
        stranger.get(HERE),
        stranger.get(f"{HERE}/files"),
        stranger.post(HERE, data={"version": "1", "file.rules.yaml": "x"}),
        stranger.get("/plant/products/mug/diff"),
        stranger.get("/plant/products/mug/files"),
        stranger.get(API),
        stranger.get("/api/v1/plants/rhein-additive/products/mug/draft"),
    ):
        assert answer.status_code == 404


@pytest.mark.parametrize("locale", ["de", "zh"])
def test_the_page_speaks_the_readers_language(locale: str, engineer: Visitor, database: Database) -> None:
    price = read_files(FOLDER / "mug")["price.yaml"].replace("rate: 1.90", "rate: 2.10")
    engineer.post(HERE, data=form(database, price=price))
    page = engineer.get(f"{HERE}?lang={locale}").text
    assert {"de": "Kann noch nicht freigegeben werden", "zh": "暂不能发布"}[locale] in page
    assert "does not give what it should" not in page


def test_a_program_writes_checks_and_releases(lu: Plant, people: People, database: Database) -> None:
    program = people(Role.ENGINEER, lu)
    assert program.get(API).status_code == 404
    begun = program.post(API, json={"note": "by a program"})
    assert begun.status_code == 201
    assert begun.json()["files"] == read_files(FOLDER / "mug")
    assert begun.json()["base"] == "mug-1"
    saved = program.put(API, json={"version": 1, "files": {"rules.yaml": rules(new="rule: body = stone")}})
    assert saved.json()["version"] == 2
    told = program.get(f"{API}/check").json()
    assert told["blocked"]
    assert told["findings"][0]["place"] == {"file": "rules.yaml", "line": 39}
    refused = program.post(f"{API}/release", json={"version": 2})
    assert refused.status_code == 422
    assert "rules.yaml:39" in refused.json()["detail"]
    moved = program.put(API, json={"version": 1, "files": {"rules.yaml": rules()}})
    assert (moved.status_code, moved.json()["type"].rpartition("/")[2]) == (409, "draft-moved")
    assert moved.json()["version"] == 2
    assert moved.json()["changed"][0]["file"] == "rules.yaml"
    assert any("stone" in line for line in moved.json()["changed"][0]["lines"])
    assert program.put(API, json={"version": 2, "files": {"rules.yaml": rules()}}).status_code == 200
    warned = program.get(f"{API}/check").json()
    assert (warned["blocked"], [x["kind"] for x in warned["findings"]]) == (False, ["unneeded"])
    made = program.post(f"{API}/release", json={"version": 3})
    assert (made.status_code, made.json()["id"]) == (201, "mug-2")


def test_a_program_discards(engineer: Visitor) -> None:
    assert engineer.delete(f"{API}?version=7").status_code == 409
    assert engineer.delete(f"{API}?version=1").json()["state"] == "discarded"
    assert engineer.get(API).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": 0, "files": {"rules.yaml": ""}},
        {"version": 1, "files": {}},
        {"version": 1, "files": {"../x": ""}},
        {"version": 1, "files": {"rules.yaml": "a\0b"}},
        {"version": 1, "files": {"rules.yaml": 7}},
        {"version": 1, "files": {"rules.yaml": ""}, "more": 1},
    ],
)
def test_odd_bodies_are_refused_in_words(body: Any, engineer: Visitor) -> None:
    answer = engineer.put(API, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"]
