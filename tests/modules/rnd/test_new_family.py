"""A family the plant did not have: begun in the browser or by a program, released, ordered, engineered.

The house has all its modules, the ceramics plant with its machines and materials, and the web in between.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo.db import Database
from cosmo.events import events_after
from cosmo.migrating import migrate
from cosmo.orders import Order, OrderSpec, StandardProduct
from cosmo.parties import Plant, Role
from cosmo.relay import drain
from modules.marketing.models import PriceList
from modules.rnd import drafts
from modules.rnd.drafts_view import print_of
from modules.rnd.family import FILES
from modules.rnd.models import Draft, FamilyRow, Release
from tests.factories import make_plant
from tests.modules.rnd.lamp import CHOSEN, COSTS, lamp, packed
from tests.modules.rnd.test_pages import People
from tests.stories.changes import ceramics
from tests.web_fixtures import Visitor

PRODUCTS = "/plant/products"
DRAFT = f"{PRODUCTS}/lamp/draft"
API = "/api/v1/plants/lu-ceramics/products"
TO = {"name": "Ada", "street": "Ring 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
ADA = {"name": "Ada", "email": "ada@example.test"}
HERE = lamp("MI-PACK1", "LU-BOX", "LU-BOX")
"""The lamp, made on a machine and of a material that the plant has."""


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plant, made once."""
    path = tmp_path_factory.mktemp("ceramics") / "cosmo.db"
    made = Database(f"sqlite:///{path}")
    migrate(made)
    ceramics(made)
    with made.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()
    return path


@pytest.fixture
def database(seeded: Path, tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "cosmo.db").write_bytes(seeded.read_bytes())
    opened = Database(f"sqlite:///{tmp_path / 'cosmo.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def plant(database: Database) -> Plant:
    with database.read() as session:
        return session.exec(select(Plant)).one()


@pytest.fixture
def engineer(plant: Plant, people: People) -> Visitor:
    return people(Role.ENGINEER, plant)


def uploaded(engineer: Visitor, content: bytes, name: str = "lamp.zip") -> Any:
    return engineer.post(PRODUCTS, data={"how": "files"}, files={"files": (name, content)})


def form(database: Database, **changed: str) -> dict[str, str]:
    """The draft's page as it is sent, with other texts in some files."""
    with database.read() as session:
        draft = drafts.draft_of(session, "lamp")
    sent = {"version": str(draft.version)}
    for name in FILES:
        text = draft.files.get(name, "")
        sent |= {f"was.{name}": print_of(text)}
        sent |= {f"file.{name}": changed.get(name.removesuffix(".yaml"), text).replace("\r\n", "\n")}
    return sent


def slugs(visitor: Visitor) -> set[str]:
    return {one["slug"] for one in visitor.get("/api/v1/families").json()}


def quoted(visitor: Visitor) -> Any:
    body = {"family": "lamp", "selections": CHOSEN, "quantity": 5, "ship_to": TO}
    answer = visitor.post("/api/v1/quotes", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def goods(price: Any) -> dict[str, str]:
    """What of a price is not freight."""
    return {line["code"]: line["amount"] for line in price["lines"] if line["code"] != "freight"}


def ordered(visitor: Visitor, quote: Any) -> str:
    body = {"quote_id": quote["id"], "customer": ADA}
    answer = visitor.post("/api/v1/orders", json=body, headers={"Idempotency-Key": quote["id"]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def engineering(database: Database, order_id: str) -> dict[str, Any]:
    """The payload of the order's *engineered*, once all that can be done by itself is done."""
    drain(database)
    with database.read() as session:
        (event,) = [event for event in events_after(session, order_id) if event.type == "engineered"]
        return dict(event.payload)


def names_in(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_from_a_zip_in_the_browser_to_an_engineered_order(
    engineer: Visitor, client: Visitor, database: Database
) -> None:
    begun = uploaded(engineer, packed(HERE))
    assert (begun.status_code, begun.headers["Location"]) == (303, DRAFT)
    page = engineer.get(DRAFT).text
    assert "First release" in page
    assert "Nothing blocks a release" in page
    assert "lamp" not in slugs(client), "nothing of it shows before its first release"
    assert client.get("/configure/lamp").status_code == 404
    assert "lamp" not in client.get("/").text

    tried = engineer.post(f"{DRAFT}/live", data=form(database) | {f"o.{k}": v for k, v in CHOSEN.items()}
                          | {"o.quantity": "5"})  # fmt: skip
    assert "€81.50" in tried.text
    released = engineer.post(f"{DRAFT}/release", data=form(database))
    assert released.headers["Location"] == f"{PRODUCTS}/lamp?release=lamp-1"
    assert "Not released yet" not in engineer.get(PRODUCTS).text

    assert "lamp" in slugs(client)
    assert "/configure/lamp" in client.get("/").text
    assert client.get("/configure/lamp").status_code == 200
    body = {"selections": {"shade": "paper", "bulb": "hot"}, "quantity": 5}
    told = client.post("/api/v1/families/lamp/configure", json=body).json()
    assert [conflict["rule"] for conflict in told["conflicts"]] == ["L1"]
    quote = quoted(client)
    assert goods(quote["price"]) == COSTS
    order_id = ordered(client, quote)
    payload = engineering(database, order_id)
    assert payload == {"skipped": False, "release": "lamp-1", "start_quantity": 5}

    out = engineer.get(f"{PRODUCTS}/lamp/files?release=lamp-1")
    sent = {f"lamp/{name}": text.encode() for name, text in HERE.items()}
    assert names_in(out.content) == sent, "byte for byte what was uploaded"


def test_the_old_order_keeps_release_one(engineer: Visitor, client: Visitor, database: Database) -> None:
    uploaded(engineer, packed(HERE))
    engineer.post(f"{DRAFT}/release", data=form(database))
    quote = quoted(client)
    order_id = ordered(client, quote)
    with database.read() as session:
        before = session.get_one(OrderSpec, order_id).spec
    engineer.post(f"{PRODUCTS}/lamp/drafts", data={"note": "dearer glass"})
    price = HERE["price.yaml"].replace("rate: 4.20", "rate: 5.20")
    dearer = form(database, price=price, cases="", making=HERE["making.yaml"].replace("piece: 5", "piece: 7"))
    done = engineer.post(f"{DRAFT}/release", data=dearer)
    assert done.headers["Location"] == f"{PRODUCTS}/lamp?release=lamp-2"
    assert goods(quoted(client)["price"])["shade"] == "52.00", "the control: new orders pay the new rate"
    assert engineering(database, order_id)["release"] == "lamp-1"
    with database.read() as session:
        order = session.get_one(Order, order_id)
        assert (order.release, str(order.price_lines[0]["amount"])) == ("lamp-1", COSTS["shade"])
        assert session.get_one(OrderSpec, order_id).spec == before
        assert session.get_one(Release, "lamp-1").number == 1
    first = engineer.get(f"{PRODUCTS}/lamp/files?release=lamp-1").content
    assert names_in(first)["lamp/price.yaml"] == HERE["price.yaml"].encode()


def test_a_program_begins_checks_and_releases(engineer: Visitor, database: Database) -> None:
    begun = engineer.post(API, json={"files": HERE, "note": "by a program"})
    assert begun.status_code == 201, begun.text
    told = begun.json()
    assert (told["family"], told["base"], told["version"], told["files"]) == ("lamp", "", 1, HERE)
    assert engineer.get(f"{API}/lamp/draft/check").json() == {"version": 1, "blocked": False, "findings": []}
    made = engineer.post(f"{API}/lamp/draft/release", json={"version": 1})
    assert (made.status_code, made.json()["id"], made.json()["number"]) == (201, "lamp-1", 1)
    with database.read() as session:
        assert session.get_one(StandardProduct, "lamp").name["de"] == "Lampe"
        rates = session.exec(select(PriceList).where(PriceList.family == "lamp")).one()
        assert [line["code"] for line in rates.lines] == list(COSTS)


def test_a_small_family_is_complete_as_it_is(
    engineer: Visitor, client: Visitor, database: Database, plant: Plant
) -> None:
    """It can be released and ordered unchanged, at a work centre that the plant has."""
    page = engineer.get(PRODUCTS).text
    assert "MI-PACK1" in page
    assert "MF-ROLL1" not in page, "a work centre that asks for a setup family"
    sent = {"how": "small", "slug": "lamp", "station": "lu-ceramics MI-PACK1"}
    assert engineer.post(PRODUCTS, data=sent).headers["Location"] == DRAFT
    draft = engineer.get(DRAFT).text
    assert "Nothing blocks a release" in draft
    assert "Worth a look" not in draft
    assert engineer.post(f"{DRAFT}/release", data=form(database)).status_code == 303
    body = {"family": "lamp", "selections": {"size": "large"}, "quantity": 20, "ship_to": TO}
    quote = client.post("/api/v1/quotes", json=body).json()
    assert goods(quote["price"]) == {"making": "300.00"}
    assert engineering(database, ordered(client, quote))["release"] == "lamp-1"


def test_a_copy_differs_in_its_name_alone(engineer: Visitor, database: Database) -> None:
    done = engineer.post(PRODUCTS, data={"how": "copy", "of": "mug", "copy": "lamp"})
    assert done.headers["Location"] == DRAFT
    with database.read() as session:
        mug, copy = drafts.files_at(session, "mug-1"), drafts.draft_of(session, "lamp").files
    assert copy["family.yaml"] == mug["family.yaml"].replace("slug: mug", "slug: lamp")
    assert copy["family.yaml"] != mug["family.yaml"]
    assert {**copy, "family.yaml": ""} == {**mug, "family.yaml": ""}
    assert engineer.post(f"{DRAFT}/release", data=form(database)).status_code == 303


def test_a_new_familys_draft_can_be_discarded_and_taken_up(engineer: Visitor, database: Database) -> None:
    uploaded(engineer, packed(HERE))
    assert "in work" in engineer.get(PRODUCTS).text
    gone = engineer.post(f"{DRAFT}/discarding", data=form(database, rules="# mine\n"))
    assert gone.status_code == 303
    assert "This family was never released" in engineer.get(DRAFT).text
    assert "its text is still here" in engineer.get(PRODUCTS).text
    refused = engineer.post(f"{PRODUCTS}/lamp/drafts", data={"note": "x"})
    assert refused.status_code == 404
    assert "no release to start from" in refused.text
    assert engineer.post(f"{PRODUCTS}/lamp/drafts", data={"again": "1"}).status_code == 303
    with database.read() as session:
        assert drafts.draft_of(session, "lamp").files["rules.yaml"] == "# mine\n"
    engineer.post(f"{DRAFT}/discarding", data=form(database))
    assert uploaded(engineer, packed(HERE)).status_code == 303, "or begun anew"
    with database.read() as session:
        assert drafts.draft_of(session, "lamp").files == HERE


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug: lamp": "slug: mug"}, "The family mug is already here."),
        ({"slug: lamp": "slug: Lamp shade"}, "“Lamp shade” cannot be a short name"),
        ({"slug: lamp\n": ""}, "“” cannot be a short name"),
        ({"plant: lu-ceramics": "plant: elsewhere"}, "names the plant “elsewhere”. Write lu-ceramics there"),
        ({"drawing: plain": "drawing: [plain"}, "family.yaml, line 5, cannot be read"),
    ],
)
def test_what_is_wrong_with_the_files_is_said_at_once(
    changes: dict[str, str], said: str, engineer: Visitor, database: Database
) -> None:
    files = dict(HERE)
    for old, new in changes.items():
        assert old in files["family.yaml"]
        files["family.yaml"] = files["family.yaml"].replace(old, new)
    refused = uploaded(engineer, packed(files))
    assert refused.status_code in (409, 422)
    assert said in refused.text
    by_program = engineer.post(API, json={"files": files})
    assert (by_program.status_code, said in by_program.json()["detail"]) == (refused.status_code, True)
    with database.read() as session:
        assert session.exec(select(Draft)).all() == []
        assert "lamp" not in session.exec(select(FamilyRow.slug)).all()


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"how": "files"}, "files", "This is no family"),
        ({"how": "copy", "of": "mug", "copy": "Lamp"}, "copy", "cannot be a short name"),
        ({"how": "copy", "of": "yacht", "copy": "lamp"}, "of", "Choose one of the plant"),
        ({"how": "copy", "of": "mug", "copy": "mug"}, "copy", "is already here"),
        ({"how": "small", "slug": "", "station": "lu-ceramics MI-PACK1"}, "slug", "cannot be a short name"),
        ({"how": "small", "slug": "lamp", "station": "lu-ceramics X"}, "station", "work centres"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    sent: dict[str, str], field: str, said: str, engineer: Visitor, plant: Plant
) -> None:
    page = engineer.post(PRODUCTS, data=sent).text
    (wrong,) = re.findall(r'<(?:input|select)[^>]*aria-invalid="true"[^>]*>', page)
    assert f'name="{field}"' in wrong
    assert f"f-{field}-error" in wrong
    (told,) = re.findall(rf'<p class="error" role="alert" id="f-{field}-error">.*?</p>', page, re.S)
    assert said in unescape(told)
    assert page.count('role="alert"') == 1
    assert ("Open mug" in page) is (said == "is already here")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "This is no family"),
        ([("rules.yaml", b"[]")], "family.yaml is missing"),
        ([("family.yaml", b"- a\n")], "family.yaml is not a list of names and values"),
        ([("family.yaml", b"slug: lamp\xff")], "family.yaml is no text in UTF-8"),
        ([("lamp.zip", b"PK\x03\x04 not one")], "This is no family"),
        ([("a.zip", packed(HERE)), ("family.yaml", b"slug: cup")], "family.yaml is there twice"),
    ],
)
def test_what_is_no_family_is_refused(
    files: list[tuple[str, bytes]], said: str, engineer: Visitor, database: Database
) -> None:
    refused = engineer.post(PRODUCTS, data={"how": "files"}, files=[("files", one) for one in files] or None)
    assert refused.status_code == 422
    assert said in refused.text


def test_the_files_may_come_one_by_one(engineer: Visitor, database: Database) -> None:
    """All at once, and the same on the draft's page."""
    several = [("files", (name, text.encode())) for name, text in HERE.items()]
    assert engineer.post(PRODUCTS, data={"how": "files"}, files=several).headers["Location"] == DRAFT
    with database.read() as session:
        assert drafts.draft_of(session, "lamp").files == HERE
    other = [(field, (name, content + b"\n# later\n")) for field, (name, content) in several]
    assert engineer.post(f"{DRAFT}/files", data=form(database), files=other).status_code == 303
    with database.read() as session:
        now = drafts.draft_of(session, "lamp").files
    assert all(now[name].rstrip().endswith("# later") for name in HERE)


@pytest.mark.parametrize(
    ("sent", "said", "kept"),
    [
        ({"how": "copy", "of": "mug", "copy": "Big mug"}, "cannot be a short name", 'value="Big mug"'),
        ({"how": "copy", "of": "cabinet", "copy": "cup"}, "Choose one of the plant", 'value="cup"'),
        ({"how": "copy", "of": "mug", "copy": "tile"}, "The family tile is already here", 'value="tile"'),
        ({"how": "small", "slug": "cup", "station": "nowhere"}, "Choose one of the plant", 'value="cup"'),
        ({"how": "small", "slug": "taken", "station": "lu-ceramics MI-PACK1"},
         "The short name taken is taken. Choose another one.", 'value="taken"'),
        ({"how": "magic"}, "Choose how the family begins", ""),
        ({}, "Choose how the family begins", ""),
    ],
)  # fmt: skip
def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    sent: dict[str, str], said: str, kept: str, engineer: Visitor, database: Database
) -> None:
    with database.write() as session:
        _standing_elsewhere(session, "taken")
    refused = engineer.post(PRODUCTS, data=sent)
    assert refused.status_code in (409, 422)
    assert said in refused.text
    assert kept in refused.text


def _standing_elsewhere(session: Session, slug: str) -> None:
    """A product of that slug at another plant that has no model of it."""
    other = make_plant(session, slug="elsewhere")
    session.add(StandardProduct(family=slug, plant_id=other.id, name={"en": "It"}, spec={}, list_price=1,
                                currency="EUR"))  # fmt: skip


def test_another_plants_engineers_know_nothing_of_it(
    engineer: Visitor, database: Database, people: People, plant: Plant
) -> None:
    uploaded(engineer, packed(HERE))
    with database.write() as session:
        other = make_plant(session, slug="elsewhere")
    stranger = people(Role.ENGINEER, other)
    assert "lamp" not in stranger.get(PRODUCTS).text
    assert stranger.get(DRAFT).status_code == 404
    assert stranger.post(f"{DRAFT}/release", data=form(database)).status_code == 404
    taken = stranger.post(PRODUCTS, data={"how": "small", "slug": "lamp", "station": "elsewhere BENCH"})
    assert taken.status_code == 409
    assert "The short name lamp is taken." in taken.text
    assert people(Role.PLANNER, plant).post(PRODUCTS, data={"how": "small"}).status_code == 403
    assert "Add a family" not in people(Role.PLANNER, plant).get(PRODUCTS).text


def test_a_file_that_is_not_there_stays_away_when_the_page_is_saved(
    engineer: Visitor, database: Database
) -> None:
    """The page has an empty field for it; that is no file, and no fault."""
    few = {name: text for name, text in HERE.items() if name != "cases.yaml"}
    uploaded(engineer, packed(few))
    assert engineer.post(DRAFT, data=form(database, rules=HERE["rules.yaml"] + "\n")).status_code == 303
    with database.read() as session:
        assert list(drafts.draft_of(session, "lamp").files) == list(few)
    assert "Nothing blocks a release" in engineer.get(DRAFT).text
    emptied = engineer.post(DRAFT, data=form(database, rules="# none yet\n"))
    assert emptied.status_code == 303
    assert "Nothing blocks a release" in engineer.get(DRAFT).text, "comments alone say nothing"


def test_a_family_that_was_never_released_has_no_pages_but_its_draft(engineer: Visitor) -> None:
    uploaded(engineer, packed(HERE))
    for page in ("", "/try", "/files", "/diff", "/diff?to=draft"):
        assert engineer.get(f"{PRODUCTS}/lamp{page}").status_code == 404, page
    assert engineer.get(f"{DRAFT}/files").status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"slug": "lamp", "files": HERE}, {"files": {}}, {"slug": ""}, {"files": HERE, "copy_of": "mug"},
     {"slug": "lamp", "station": "nowhere"}, {"slug": "lamp", "copy_of": "cabinet"}, {"slug": "Lamp"},
     {"files": HERE | {"more.yaml": ""}}],
)  # fmt: skip
def test_odd_bodies_are_refused_in_words(body: Any, engineer: Visitor) -> None:
    answer = engineer.post(API, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize("locale", ["de", "zh"])
def test_the_page_speaks_the_readers_language(locale: str, engineer: Visitor) -> None:
    sent = {"how": "copy", "of": "mug", "copy": "mug"}
    page = engineer.post(f"{PRODUCTS}?lang={locale}", data=sent).text
    assert {"de": "Die Familie mug gibt es hier schon.", "zh": "产品族 mug 已存在。"}[locale] in page
    assert "Add a family" not in page
