"""Who is asking: principals, sign-in, sessions as rows, API keys, passwords and CSRF tokens.

A cookie or key holds a secret, the database its SHA-256. All times here are wall times.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from threading import BoundedSemaphore
from typing import ClassVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from sqlalchemy import update
from sqlmodel import Session, col, select

from cosmo.among import among
from cosmo.errors import Invalid, SignInNeeded, TooMany
from cosmo.i18n import N_, Sentence
from cosmo.ids import new_token
from cosmo.orders import Basket, Order
from cosmo.parties import PLANT_ROLES, Account, ApiKey, LoginSession, Party, Role

SIGNED_IN_FOR = timedelta(days=14)
GUEST_FOR = timedelta(days=30)
SHORTEST_PASSWORD = 10
TOO_SHORT = N_("Choose a password of at least {n} characters.")
NOBODY = N_("The e-mail or the password is wrong. Check both and try again.")
_SECRET_LENGTH = len(new_token())
HASH_WAIT = 10.0
"""Seconds a sign-in waits for its turn to be hashed."""
_HASHES_AT_ONCE = 2
_hasher = PasswordHash.recommended()
_hashing = BoundedSemaphore(_HASHES_AT_ONCE)


class WrongLogin(SignInNeeded):
    """The same words for an unknown address and a wrong password."""

    type: ClassVar[str] = "wrong-login"
    title: ClassVar[str] = "E-mail or password is wrong"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever sends a request. Guests have no account; `session_id` is their browser's, if it has one."""

    account_id: str | None
    role: Role
    party_id: str | None
    session_id: str | None
    locale: str
    name: str = ""

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def of_plant(self) -> bool:
        """Works for a manufacturer."""
        return self.role in PLANT_ROLES

    @property
    def actor(self) -> str:
        """How events name this person."""
        return self.account_id or "guest"


def guest(locale: str, session_id: str | None = None) -> Principal:
    """Somebody who has not signed in."""
    return Principal(None, Role.GUEST, None, session_id, locale)


def fingerprint(secret: str) -> str:
    """What is stored of a secret. Secrets are random, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_token(secret: str) -> str:
    """The token that forms of the session with this cookie carry; it does not give the cookie away."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def well_formed(secret: str) -> bool:
    """Whether a cookie could be one of ours."""
    return len(secret) == _SECRET_LENGTH and secret.isascii()


@contextmanager
def _one_of_few() -> Iterator[None]:
    """Each hash takes 64 MB and a core; a flood of sign-ins waits here, then is refused."""
    if not _hashing.acquire(timeout=HASH_WAIT):
        raise TooMany("Many people sign in just now. Try again in a moment.", retry_after=5)
    try:
        yield
    finally:
        _hashing.release()


def hash_password(password: str) -> str:
    """Argon2id. Raises `Invalid` below ten characters."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(Sentence(TOO_SHORT, n=SHORTEST_PASSWORD), field="password")
    with _one_of_few():
        return _hasher.hash(password)


def verify_password(password: str, stored: str) -> bool:
    """False also where the account has no password at all (it signs in by API key only)."""
    with _one_of_few():
        try:
            return _hasher.verify(password, stored)
        except UnknownHashError:
            return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash to check against when there is no account, so that both refusals take as long."""
    return _hasher.hash("nobody has this password")


def sign_in(session: Session, email: str, password: str, *, wall: datetime, was: Principal) -> str:
    """Check the password and open a new session; returns its secret. Raises `WrongLogin`.

    The secret is always new, so that one planted before sign-in is worth nothing. What a customer
    quoted as a guest in this browser becomes theirs.
    """
    query = select(Account).where(Account.email == email.strip().lower(), col(Account.disabled_at).is_(None))
    account = session.exec(query).one_or_none()
    right = verify_password(password, account.password_hash if account else _nobody())
    if account is None or not right:
        raise WrongLogin(NOBODY)
    secret = open_session(session, account_id=account.id, locale=account.locale, wall=wall)
    if was.session_id is not None:
        _take_over(session, was, account)
        close_session(session, was.session_id)
    return secret


def _take_over(session: Session, was: Principal, account: Account) -> None:
    if was.signed_in or account.role != Role.CUSTOMER:
        return
    for table in (Order, Basket):
        mine = (col(table.session_id) == was.session_id, col(table.customer_id).is_(None))
        session.execute(update(table).where(*mine).values(customer_id=account.party_id))


def open_session(
    session: Session,
    *,
    wall: datetime,
    account_id: str | None = None,
    locale: str | None = None,
    secret: str | None = None,
) -> str:
    """A new session row for an account, or for a guest with the cookie they already hold; its secret."""
    secret = secret or new_token()
    lasts = SIGNED_IN_FOR if account_id else GUEST_FOR
    session.add(
        LoginSession(
            secret_hash=fingerprint(secret),
            account_id=account_id,
            locale=locale,
            created_at=wall,
            expires_at=wall + lasts,
        )
    )
    session.flush()
    return secret


def remember_guest(session: Session, secret: str | None, *, wall: datetime, locale: str) -> tuple[str, str]:
    """A guest's session, made now if there is none: (its secret, its id).

    The cookie a guest already holds is kept, so that the forms on open pages stay valid; one whose session
    is over, or was somebody's, is replaced.
    """
    row = _row(session, secret) if secret else None
    if row is not None and row.account_id is None and row.expires_at > wall and secret is not None:
        return secret, row.id
    made = open_session(session, wall=wall, locale=locale, secret=secret if row is None else None)
    return made, session.exec(
        select(LoginSession.id).where(LoginSession.secret_hash == fingerprint(made))
    ).one()


def _row(session: Session, secret: str) -> LoginSession | None:
    query = select(LoginSession).where(LoginSession.secret_hash == fingerprint(secret))
    return session.exec(query).one_or_none()


def close_session(session: Session, session_id: str) -> None:
    """Sign out: the row goes, and with it the cookie's power."""
    row = session.get(LoginSession, session_id)
    if row is not None:
        session.delete(row)
        session.flush()


def by_cookie(session: Session, secret: str, *, wall: datetime, locale: str) -> Principal:
    """The principal of a session cookie; a guest if the session is unknown or over."""
    query = (
        select(LoginSession, Account)
        .join(Account, col(LoginSession.account_id) == col(Account.id), isouter=True)
        .where(LoginSession.secret_hash == fingerprint(secret), LoginSession.expires_at > wall)
    )
    found = session.exec(query).one_or_none()
    if found is None:
        return guest(locale)
    row: LoginSession = found[0]
    account: Account | None = found[1]
    if account is None:
        return guest(row.locale or locale, row.id)
    if account.disabled_at is not None:
        return guest(locale)
    return _principal(account, row.id, row.locale)


# put together once: every request of a program asks it, and putting it together costs more than the asking
_BY_KEY = (
    select(ApiKey.secret_hash, Account)
    .join(Account, col(ApiKey.account_id) == col(Account.id))
    .where(among(ApiKey.secret_hash, "hashes"))
    .where(col(ApiKey.revoked_at).is_(None), col(Account.disabled_at).is_(None))
)


def by_keys(session: Session, keys: Collection[str]) -> dict[str, Principal]:
    """The principals of these API keys; none for a key that is unknown or revoked."""
    hashes = {fingerprint(key): key for key in keys}
    found = session.exec(_BY_KEY, params={"hashes": list(hashes)})
    return {hashes[secret_hash]: _principal(account, None, None) for secret_hash, account in found}


def _principal(account: Account, session_id: str | None, locale: str | None) -> Principal:
    return Principal(
        account.id, Role(account.role), account.party_id, session_id, locale or account.locale, account.name
    )


def new_api_key(session: Session, account_id: str, label: str, *, wall: datetime) -> str:
    """A key that acts as the account; only shown this once."""
    key = f"cosmo_{new_token()}"
    session.add(ApiKey(account_id=account_id, label=label, secret_hash=fingerprint(key), created_at=wall))
    session.flush()
    return key


def set_locale(session: Session, principal: Principal, locale: str) -> None:
    """Remember the language for this browser, and for the account if there is one."""
    if principal.session_id is not None and (row := session.get(LoginSession, principal.session_id)):
        row.locale = locale
        session.add(row)
    if principal.account_id is not None and (account := session.get(Account, principal.account_id)):
        account.locale = locale
        session.add(account)


def party_of(session: Session, principal: Principal) -> Party | None:
    """The company or person the principal acts for."""
    return session.get(Party, principal.party_id) if principal.party_id else None
