"""Sign-in, sessions, API keys, passwords and forged requests."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from cosmo import identity
from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.errors import Invalid, TooMany
from cosmo.identity import (
    WrongLogin,
    by_cookie,
    by_keys,
    csrf_token,
    fingerprint,
    guest,
    hash_password,
    new_api_key,
    open_session,
    remember_guest,
    sign_in,
    verify_password,
)
from cosmo.orders import Order
from cosmo.parties import Account, ApiKey, LoginSession, PartyKind, Plant, Role
from tests.factories import make_account, make_order, make_party
from tests.web_fixtures import Visitor
from web.csrf import HEADER
from web.visits import COOKIE

pytestmark = pytest.mark.usefixtures("modules")
PASSWORD = "correct horse battery"
People = Callable[..., Visitor]


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def ada(database: Database, password_hash: str) -> Account:
    with database.write() as session:
        party = make_party(session, PartyKind.CUSTOMER, "Ada")
        values = {"email": "ada@example.test", "password_hash": password_hash, "locale": "de"}
        return make_account(session, party, Role.CUSTOMER, **values)


def test_signing_in_opens_a_new_session(client: Visitor, ada: Account, database: Database) -> None:
    client.get("/sign-in")
    planted = client.cookies.get(COOKIE)
    answer = client.post("/sign-in", data={"email": ada.email, "password": PASSWORD, "next": "/account"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    secret = client.cookies.get(COOKIE)
    assert secret
    assert secret != planted, "a cookie planted before sign-in is worth nothing"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = client.get("/account").text
    assert 'lang="de"' in page
    with database.read() as session:
        stored = session.exec(select(LoginSession.secret_hash)).one()
    assert stored == fingerprint(secret)
    assert secret not in stored


def test_a_wrong_password_and_an_unknown_address_read_the_same(client: Visitor, ada: Account) -> None:
    wrong = client.post("/sign-in", data={"email": ada.email, "password": "no", "next": "/account"})
    unknown = client.post("/sign-in", data={"email": "nobody@example.test", "password": "no"})
    sentence = "The e-mail or the password is wrong."
    assert wrong.status_code == unknown.status_code == 422
    assert sentence in wrong.text
    assert sentence in unknown.text
    assert 'value="ada@example.test"' in wrong.text, "what was typed is kept"
    assert 'value="/account"' in wrong.text
    assert client.get("/account").status_code == 303


def test_it_leads_nowhere_else(client: Visitor, ada: Account) -> None:
    for away in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = client.post("/sign-in", data={"email": ada.email, "password": PASSWORD, "next": away})
        assert answer.headers["Location"] == "/home"


def test_guessing_is_slowed_down(client: Visitor, ada: Account) -> None:
    answers = [client.post("/sign-in", data={"email": ada.email, "password": "no"}) for _ in range(11)]
    assert answers[-1].status_code == 429
    assert "Too many sign-in attempts" in answers[-1].text


def test_signing_out_ends_the_session(people: People, plant: Plant, database: Database) -> None:
    planner = people(Role.PLANNER, plant)
    secret = planner.cookies.get(COOKIE)
    assert planner.post("/sign-out").status_code == 303
    planner.cookies.set(COOKIE, secret or "")
    assert planner.get("/plant").status_code == 303, "the old cookie opens nothing"


def test_what_a_guest_quoted_is_theirs_after_sign_in(database: Database, plant: Plant, ada: Account) -> None:
    wall = wall_time()
    with database.write() as session:
        secret, session_id = remember_guest(session, None, wall=wall, locale="en")
        mine = make_order(session, plant, session_id=session_id)
        others = make_order(session, plant, session_id="another")
        was = by_cookie(session, secret, wall=wall, locale="en")
        sign_in(session, ada.email, PASSWORD, wall=wall, was=was)
    with database.read() as session:
        assert session.get_one(Order, mine.id).customer_id == ada.party_id
        assert session.get_one(Order, others.id).customer_id is None


def test_a_plants_account_takes_over_nothing(database: Database, plant: Plant, password_hash: str) -> None:
    wall = wall_time()
    with database.write() as session:
        owner = make_party(session, PartyKind.MANUFACTURER)
        seller = make_account(session, owner, Role.SELLER, password_hash=password_hash)
        secret, session_id = remember_guest(session, None, wall=wall, locale="en")
        order = make_order(session, plant, session_id=session_id)
        sign_in(
            session, seller.email, PASSWORD, wall=wall, was=by_cookie(session, secret, wall=wall, locale="en")
        )
        session.refresh(order)
        assert order.customer_id is None


def test_sessions_end_and_accounts_can_be_disabled(ada: Account, session: Session) -> None:
    wall = wall_time()
    secret = open_session(session, account_id=ada.id, wall=wall)
    assert by_cookie(session, secret, wall=wall, locale="en").account_id == ada.id
    assert by_cookie(session, secret, wall=wall + timedelta(days=15), locale="en").role == Role.GUEST
    key = new_api_key(session, ada.id, "t", wall=wall)
    session.get_one(Account, ada.id).disabled_at = wall
    session.flush()
    assert by_cookie(session, secret, wall=wall, locale="en").role == Role.GUEST
    assert by_keys(session, [key]) == {}
    with pytest.raises(WrongLogin):
        sign_in(session, ada.email, PASSWORD, wall=wall, was=guest("en"))


def test_an_over_session_is_replaced_not_revived(session: Session) -> None:
    wall = wall_time()
    secret, first = remember_guest(session, None, wall=wall, locale="en")
    assert remember_guest(session, secret, wall=wall, locale="en") == (secret, first)
    fresh, second = remember_guest(session, secret, wall=wall + timedelta(days=31), locale="en")
    assert fresh != secret
    assert second != first


def test_keys_act_as_their_account_until_revoked(client: Visitor, ada: Account, database: Database) -> None:
    with database.write() as session:
        key = new_api_key(session, ada.id, "t", wall=wall_time())
        row = session.exec(select(ApiKey)).one()
        assert key not in row.secret_hash
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/orders", headers=headers).json() == []
    with database.write() as session:
        session.get_one(ApiKey, row.id).revoked_at = wall_time()
    refused = client.get("/api/v1/orders", headers=headers)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    for junk in ("Bearer", "Bearer x", "Basic abc", "Bearer \xe9"):
        assert (
            client.get("/api/v1/orders", headers=[(b"Authorization", junk.encode("latin-1"))]).status_code
            == 401
        )


def test_accounts_change_their_password_and_keys(
    client: Visitor, app: FastAPI, ada: Account, database: Database
) -> None:
    client.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    assert "present password" in client.post("/account/password?lang=en", data={"old": "x", "new": "y"}).text
    assert client.post("/account/password", data={"old": PASSWORD, "new": "short"}).status_code == 422
    assert (
        client.post("/account/password", data={"old": PASSWORD, "new": "another long one"}).status_code == 303
    )
    with database.read() as session:
        assert verify_password("another long one", session.get_one(Account, ada.id).password_hash)
    assert client.post("/account/keys", data={"label": " "}).status_code == 422
    page = client.post("/account/keys", data={"label": "my script"})
    key = page.text.partition('<code class="key">')[2].partition("<")[0]
    assert Visitor(app).get("/api/v1/orders", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert key not in client.get("/account").text, "shown once"
    with database.read() as session:
        key_id = session.exec(select(ApiKey.id)).one()
    assert client.post(f"/account/keys/{key_id}/revocation").status_code == 303
    assert Visitor(app).get("/api/v1/orders", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_nobody_revokes_anothers_key(people: People, ada: Account, database: Database) -> None:
    with database.write() as session:
        new_api_key(session, ada.id, "t", wall=wall_time())
        key_id = session.exec(select(ApiKey.id)).one()
    assert people(Role.CUSTOMER).post(f"/account/keys/{key_id}/revocation").status_code == 404


@pytest.fixture
def planner(people: People, plant: Plant) -> Visitor:
    return people(Role.PLANNER, plant)


def test_a_form_without_its_token_is_refused(planner: Visitor) -> None:
    bare = {HEADER: ""}
    refused = planner.post("/account/language", data={"locale": "de"}, headers=bare)
    assert refused.status_code == 403
    assert "Reload it" in refused.text
    assert (
        planner.post("/account/language", data={"locale": "de", "csrf": "x"}, headers=bare).status_code == 403
    )
    assert planner.post("/account/language", data={"locale": "de"}).status_code == 303


def test_the_token_may_come_as_a_field(app: FastAPI, planner: Visitor) -> None:
    from starlette.testclient import TestClient

    secret = planner.cookies.get(COOKIE) or ""
    browser = TestClient(app, base_url="http://testserver", follow_redirects=False, cookies={COOKIE: secret})
    form = {"locale": "de", "csrf": csrf_token(secret)}
    assert browser.post("/account/language", data=form).status_code == 303
    assert browser.post("/account/language", data=form | {"csrf": csrf_token("another")}).status_code == 403
    assert browser.post("/account/language", files={"a": b"b"}, data=form).status_code == 303, "multipart too"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
    ],
)
def test_other_sites_are_refused_even_with_the_token(planner: Visitor, headers: dict[str, str]) -> None:
    assert planner.post("/account/language", data={"locale": "de"}, headers=headers).status_code == 403
    assert planner.post("/sign-in", data={}, headers=headers).status_code == 403, "nor sign somebody in"


def test_our_own_pages_are_not(planner: Visitor) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}):
        assert planner.post("/account/language", data={"locale": "de"}, headers=headers).status_code == 303


def test_the_api_by_cookie_needs_json_or_the_token(people: People, plant: Plant) -> None:
    seller = people(Role.SELLER, plant)
    address, bare = "/api/v1/orders/x/payments", {HEADER: ""}
    form = seller.post(address, content="amount=1", headers=bare | {"Content-Type": "text/plain"})
    assert (form.status_code, form.json()["type"]) == (403, "csrf")
    assert seller.post(address, json={"amount": "1"}, headers=bare).status_code == 404
    keyed = people(Role.SELLER, plant, bearer=True)
    assert (
        keyed.post(address, json={"amount": "1"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 404
    )


def test_only_few_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    most, running, guard = 0, 0, threading.Lock()

    class Slow:
        def hash(self, password: str) -> str:
            nonlocal most, running
            with guard:
                running += 1
                most = max(most, running)
            threading.Event().wait(0.05)
            with guard:
                running -= 1
            return "h"

    monkeypatch.setattr(identity, "_hasher", Slow())
    threads = [threading.Thread(target=hash_password, args=("long enough",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_a_flood_of_hashes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_hashing", threading.BoundedSemaphore(1))
    monkeypatch.setattr(identity, "HASH_WAIT", 0.01)
    with identity._one_of_few(), pytest.raises(TooMany):
        hash_password("long enough")


def test_passwords_have_a_shortest_length() -> None:
    with pytest.raises(Invalid):
        hash_password("too short")
    assert not verify_password("x", "!"), "an account without a password cannot sign in with one"
