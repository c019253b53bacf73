"""Ideas: posted, voted for, claimed, answered; who may do what, and what the author is told."""

from collections.abc import Callable
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from sqlmodel import Session, col, select

from cosmo import attachments
from cosmo.db import Database
from cosmo.letters import TEMPLATES
from cosmo.mail import Mail, message_for
from cosmo.parties import Plant, Role
from cosmo.registry import switch
from cosmo.settings import Settings
from modules.rnd import drafts, ideas
from modules.rnd.idea_models import Idea, IdeaVote
from modules.rnd.idea_view import SAID
from tests.factories import make_plant
from tests.modules.rnd.pictures import drawing
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("lu")
FORM = {"title": "A mug for left hands", "words": "The picture should face me.", "near": "family:mug",
        "name": "Ada", "email": "ada@example.test"}  # fmt: skip
SKETCH = ("sketch.svg", drawing("4"), "image/svg+xml")


def posted(client: Visitor, **changes: str) -> str:
    """An idea with a sketch is posted; its author's key."""
    answer = client.post("/ideas", data={**FORM, **changes}, files={"sketch": SKETCH})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def idea_of(database: Database, key: str) -> Idea:
    with database.read() as session:
        return session.exec(select(Idea).where(Idea.key == key)).one()


def letters(session: Session) -> list[str]:
    return list(session.exec(select(Mail.template).order_by(col(Mail.id))))


def claimed(engineer: Visitor, idea: Idea) -> str:
    """The idea's address at the plant, once it is claimed."""
    there = f"/plant/ideas/{idea.id}"
    assert engineer.post(f"{there}/claim").status_code == 303
    return there


def test_an_idea_is_posted_with_a_sketch_and_seen_by_all(client: Visitor, database: Database) -> None:
    assert "Nobody has posted an idea yet" in client.get("/ideas").text
    key = posted(client)
    idea = idea_of(database, key)
    assert FORM["title"] in client.get("/ideas").text
    page = client.get(f"/ideas/{idea.id}").text
    assert FORM["words"] in page
    assert "This is your idea" not in page
    assert FORM["email"] not in page, "an address is nobody's business"
    picture = client.get(f"/ideas/{idea.id}/sketch")
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert "This is your idea" in client.get(f"/ideas/follow/{key}").text
    assert client.get(f"/ideas/follow/{key}x").status_code == 404


def lost(settings: Settings, database: Database, key: str) -> str:
    """The address of the idea's sketch, of which the file is gone and the row is not."""
    idea = idea_of(database, key)
    with database.read() as session:
        attachments.path_of(settings.attachments, attachments.find(session, idea.sketch_id or "")).unlink()
    return f"/ideas/{idea.id}/sketch"


def test_a_sketch_of_which_the_file_is_lost_is_not_here(
    client: Visitor, database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """It was an error of the house."""
    address = lost(settings, database, posted(client))
    gone = client.get(address, headers={"Accept": "application/json"})
    assert (gone.status_code, gone.headers["Content-Type"]) == (404, "application/problem+json")
    assert gone.json()["type"] == "file-lost"
    assert "not here any more" in gone.json()["detail"]
    assert [r.levelname for r in caplog.records if "is lost" in r.getMessage()] == ["WARNING"]
    page = client.get(address, headers={"Accept": "text/html,image/avif,*/*;q=0.8"})
    assert page.status_code == 404
    assert "not here any more" in page.text


def test_within_a_page_a_lost_sketch_is_a_calm_placeholder_in_its_language(
    client: Visitor, database: Database, settings: Settings
) -> None:
    address = lost(settings, database, posted(client))
    for language, words in (("en", "not here"), ("de", "nicht mehr da"), ("zh", "已经不在")):
        drawn = client.get(f"{address}?lang={language}", headers={"Accept": "image/avif,image/*,*/*;q=0.8"})
        assert (drawn.status_code, drawn.headers["Content-Type"]) == (404, "image/svg+xml")
        assert "no-store" in drawn.headers["Cache-Control"], "it may be restored"
        assert words in drawn.text
        fromstring(drawn.text)


def test_a_sketch_is_not_needed(client: Visitor, database: Database) -> None:
    """It was: without one the form broke."""
    answer = client.post("/ideas", data=FORM)
    assert answer.status_code == 303
    idea = idea_of(database, answer.headers["Location"].rpartition("/")[2])
    assert client.get(f"/ideas/{idea.id}").status_code == 200
    assert client.get(f"/ideas/{idea.id}/sketch").status_code == 404


def test_what_was_typed_and_the_sketch_stay(client: Visitor, database: Database) -> None:
    wrong = client.post("/ideas", data={**FORM, "email": "nobody", "title": ""}, files={"sketch": SKETCH})
    assert wrong.status_code == 422
    said = ("Give it a name", "Write an e-mail address", "sketch.svg is kept")
    for words in ("The picture should face me.", 'value="nobody"', *said):
        assert words in wrong.text
    kept = wrong.text.partition('name="sketch_id" value="')[2].partition('"')[0]
    assert client.post("/ideas", data={**FORM, "sketch_id": kept}).status_code == 303
    with database.read() as session:
        assert session.exec(select(Idea)).one().sketch_id == kept


@pytest.mark.parametrize(
    ("sketch", "said"),
    [
        (("a.pdf", b"%PDF-1.7 x", "application/pdf"), "PNG, JPEG or SVG"),
        (
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
            "could harm",
        ),
    ],
)
def test_a_sketch_that_is_no_harmless_picture_is_refused(
    client: Visitor, sketch: tuple[str, bytes, str], said: str
) -> None:
    wrong = client.post("/ideas", data=FORM, files={"sketch": sketch})
    assert wrong.status_code == 422
    assert said in wrong.text
    assert FORM["words"] in wrong.text


def test_one_browser_has_one_vote_and_can_take_it_back(
    client: Visitor, people: Callable[..., Visitor], database: Database
) -> None:
    idea = idea_of(database, posted(client))
    customer = people(Role.CUSTOMER)
    for _ in range(2):
        assert client.post(f"/ideas/{idea.id}/vote", data={"wanted": "yes"}).status_code == 303
    customer.post(f"/ideas/{idea.id}/vote", data={"wanted": "yes"})
    assert "<b>2</b> people want this" in client.get(f"/ideas/{idea.id}").text
    assert "You want it too." in client.get(f"/ideas/{idea.id}").text
    client.post(f"/ideas/{idea.id}/vote", data={"wanted": "no"})
    assert "<b>1</b> person wants this" in client.get(f"/ideas/{idea.id}").text
    with database.read() as session:
        assert session.exec(select(IdeaVote.voter)).one() == f"account:{customer.account.id}"  # type: ignore[union-attr]


def test_the_most_wanted_stands_first(
    client: Visitor, people: Callable[..., Visitor], database: Database
) -> None:
    first, second = (idea_of(database, posted(client, title=title)) for title in ("An egg cup", "A jug"))
    page = client.get("/ideas").text
    assert page.index("A jug") < page.index("An egg cup"), "the newer of two that nobody voted for"
    people(Role.CUSTOMER).post(f"/ideas/{first.id}/vote", data={"wanted": "yes"})
    page = client.get("/ideas").text
    assert page.index("An egg cup") < page.index("A jug")
    told = client.get("/api/v1/ideas").json()
    assert [(one["id"], one["votes"]) for one in told] == [(first.id, 1), (second.id, 0)]


def test_from_idea_to_chosen_proposal(
    client: Visitor, people: Callable[..., Visitor], lu: Plant, database: Database
) -> None:
    key = posted(client)
    idea, engineer = idea_of(database, key), people(Role.ENGINEER, lu)
    assert FORM["title"] in engineer.get("/plant/ideas").text
    there = claimed(engineer, idea)
    wrong = engineer.post(f"{there}/proposals", data={"words": "A D handle, left", "price": "cheap"},
                          files={"picture": SKETCH})  # fmt: skip
    assert wrong.status_code == 422
    for words in ("A D handle, left", "Write about what one would cost", "sketch.svg is kept"):
        assert words in wrong.text
    kept = wrong.text.partition('name="picture_id" value="')[2].partition('"')[0]
    done = engineer.post(
        f"{there}/proposals", data={"words": "A D handle, left", "price": "24,50", "picture_id": kept}
    )
    assert done.status_code == 303
    page = client.get(f"/ideas/follow/{key}").text
    assert "about €24.50 each" in page
    with database.read() as session:
        (proposal,) = ideas.proposals(session, idea.id)
    assert client.get(f"/ideas/{idea.id}/proposals/{proposal.id}").status_code == 200
    assert engineer.post(f"{there}/choice", data={"proposal_id": proposal.id}).status_code == 303
    page = client.get(f"/ideas/follow/{key}").text
    assert "This is what we want to make." in page
    assert page.index("posted the idea") < page.index("took it up") < page.index("chose a proposal")
    with database.read() as session:
        assert letters(session) == ["idea-posted", "idea-claimed", "idea-proposed", "idea-chosen"]
    closed = client.post(f"/ideas/{idea.id}/vote", data={"wanted": "yes"})
    assert closed.status_code == 409
    assert "decided already" in closed.text


def test_a_chosen_proposal_begins_a_draft_of_its_product_once(
    client: Visitor, people: Callable[..., Visitor], lu: Plant, database: Database
) -> None:
    idea, engineer = idea_of(database, posted(client)), people(Role.ENGINEER, lu)
    there = claimed(engineer, idea)
    assert engineer.post(f"{there}/draft").status_code == 409, "nothing is chosen yet"
    engineer.post(f"{there}/proposals", data={"words": "A D handle,\nleft", "price": "24"})
    with database.read() as session:
        (proposal,) = ideas.proposals(session, idea.id)
        assert drafts.opened(session, "mug") is None
    engineer.post(f"{there}/choice", data={"proposal_id": proposal.id})
    for _ in range(2):
        assert engineer.post(f"{there}/draft").status_code == 303
    with database.read() as session:
        draft = drafts.draft_of(session, "mug")
        assert draft.note == "A mug for left hands: A D handle, left"
        assert [step.what for step in ideas.steps(session, idea.id)].count("draft-opened") == 1
    assert "A draft of its product is begun" in engineer.get(there).text
    assert f'href="/plant/products/{idea.family}/draft"' in engineer.get(there).text
    assert engineer.get(f"/plant/products/{idea.family}/draft").status_code == 200


def test_one_designer_at_a_time_and_anybody_may_give_it_back(
    client: Visitor, people: Callable[..., Visitor], lu: Plant, database: Database
) -> None:
    idea = idea_of(database, posted(client))
    one, other = people(Role.ENGINEER, lu), people(Role.ENGINEER, lu)
    there = claimed(one, idea)
    refused = other.post(f"{there}/claim")
    assert refused.status_code == 409
    assert "Somebody else has claimed" in refused.text
    assert other.post(f"{there}/proposals", data={"words": "Mine", "price": "2"}).status_code == 409
    assert other.post(f"{there}/refusal", data={"reason": "No"}).status_code == 409
    assert other.post(f"{there}/claim", data={"give_back": "yes"}).status_code == 303, "one may be ill"
    assert claimed(other, idea)
    assert "gave it back" in client.get(f"/ideas/{idea.id}").text


def test_declining_needs_a_reason_and_takes_it_from_the_list(
    client: Visitor, people: Callable[..., Visitor], lu: Plant, database: Database
) -> None:
    key = posted(client)
    idea, engineer = idea_of(database, key), people(Role.ENGINEER, lu)
    there = f"/plant/ideas/{idea.id}"
    assert "Write why you will not make it" in engineer.post(f"{there}/refusal", data={"reason": " "}).text
    assert engineer.post(f"{there}/refusal", data={"reason": "It would crack."}).status_code == 303
    assert FORM["title"] not in client.get("/ideas").text
    assert "It would crack." in client.get(f"/ideas/follow/{key}").text
    with database.read() as session:
        assert letters(session)[-1] == "idea-declined"


def test_an_idea_is_another_plants_business(
    client: Visitor, people: Callable[..., Visitor], lu: Plant, database: Database
) -> None:
    idea = idea_of(database, posted(client))
    with database.write() as session:
        elsewhere = make_plant(session, slug="elsewhere")
    stranger = people(Role.ENGINEER, elsewhere)
    assert stranger.get(f"/plant/ideas/{idea.id}").status_code == 404
    assert stranger.post(f"/plant/ideas/{idea.id}/claim").status_code == 404
    assert people(Role.ENGINEER, lu).get(f"/plant/ideas/{idea.id}").status_code == 200, "the control"


def test_where_rnd_is_off_there_are_no_ideas(client: Visitor, lu: Plant, database: Database) -> None:
    key = posted(client)
    with database.write() as session:
        switch(session, lu.manufacturer_id, "rnd", False)
    assert FORM["title"] not in client.get("/ideas").text
    assert client.get(f"/ideas/{idea_of(database, key).id}").status_code == 404
    assert client.get(f"/ideas/follow/{key}").status_code == 404


def test_the_api_mirrors_it(
    client: Visitor, people: Callable[..., Visitor], lu: Plant, database: Database
) -> None:
    body = {"title": "A jug", "words": "For milk", "family": "mug"}
    assert client.post("/api/v1/ideas", json=body).status_code == 422, "whom do we write to?"
    customer = people(Role.CUSTOMER)
    made = customer.post("/api/v1/ideas", json=body)
    assert made.status_code == 201, made.text
    there = f"/api/v1/ideas/{made.json()['id']}"
    assert made.json()["follow_url"].startswith("http://testserver/ideas/follow/")
    assert customer.put(f"{there}/vote").json()["votes"] == 1
    assert customer.put(f"{there}/vote").json()["votes"] == 1
    assert customer.delete(f"{there}/vote").json()["votes"] == 0
    engineer = people(Role.ENGINEER, lu, bearer=True)
    assert engineer.post(f"{there}/proposals", json={"words": "So", "price": "9.50"}).status_code == 409
    assert engineer.put(f"{there}/claim").json()["state"] == "claimed"
    told = engineer.post(f"{there}/proposals", json={"words": "So", "price": "9.50"}).json()
    chosen = engineer.post(f"{there}/choice", json={"proposal_id": told["proposals"][0]["id"]}).json()
    assert (chosen["state"], chosen["proposals"][0]["chosen"]) == ("chosen", True)
    assert engineer.post(f"{there}/draft").status_code == 200
    assert [step["what"] for step in engineer.get(there).json()["story"]] == [
        "posted", "claimed", "proposed", "chosen", "draft-opened",
    ]  # fmt: skip
    other = customer.post("/api/v1/ideas", json=body).json()["id"]
    assert engineer.put(f"/api/v1/ideas/{other}/claim").status_code == 200
    assert engineer.delete(f"/api/v1/ideas/{other}/claim").json()["claimed_by"] is None
    declined = engineer.post(f"/api/v1/ideas/{other}/refusal", json={"reason": "Too small"}).json()
    assert (declined["state"], declined["reason"]) == ("declined", "Too small")


def test_letters_reach_the_author_with_the_link(
    client: Visitor, database: Database, settings: Settings
) -> None:
    key = posted(client, title="A\r\nBcc: x@example.test\r\nmug")
    with database.read() as session:
        mail = session.exec(select(Mail)).one()
        message = message_for(session, mail, settings)
    assert message is not None
    assert message["To"] == "Ada <ada@example.test>"
    assert message["Bcc"] is None, "a title is one line"
    assert f"http://testserver/ideas/follow/{key}" in str(message)


def test_every_step_and_letter_has_its_words() -> None:
    told: Any = {template for template in TEMPLATES if template.startswith("idea-")}
    assert told == {
        f"idea-{what}" for what in ("posted", "claimed", "proposed", "chosen", "declined", "presale")
    }
    assert {"posted", "claimed", "given-back", "proposed", "chosen", "declined", "draft-opened"} <= set(SAID)
