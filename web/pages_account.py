"""The account's own page: language, password, API keys."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse, Response

from cosmo.errors import Invalid, NotFound
from cosmo.formats import LOCALES
from cosmo.i18n import N_, Sentence
from cosmo.identity import Principal, hash_password, new_api_key, party_of, set_locale, verify_password
from cosmo.parties import Account, ApiKey
from web.deps import SIGNED_IN, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.site import site
from web.templating import render
from web.texts import LINE, too_long

router = APIRouter(include_in_schema=False, prefix="/account", dependencies=[allow(*SIGNED_IN)])
MOST_KEYS = 20
LABEL = 60
"""Characters of what a key is for."""


@router.get("")
def account(request: Request, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """Who you are here, and what you may change about it."""
    return _page(request, session, principal)


@router.post("/language")
def language(
    session: WriteSession, principal: CurrentPrincipal, locale: Annotated[str, Form(max_length=5)]
) -> Response:
    """The language of pages and mails."""
    if locale not in LOCALES:
        raise Invalid(N_("Choose English, German or Chinese."), field="locale")
    set_locale(session, principal, locale)
    return RedirectResponse(f"/account?lang={locale}", 303)


@router.post("/password")
def password(
    request: Request,
    session: WriteSession,
    principal: CurrentPrincipal,
    locale: Locale,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
) -> Response:
    """A new password; the old one proves that it is you."""
    row = session.get_one(Account, principal.account_id)
    site(request).limiter.hit("sign-in", row.email)
    try:
        if len(old) > LINE or not verify_password(old, row.password_hash):
            raise Invalid(N_("This is not your present password."), field="old")
        if problem := too_long(new, locale, LINE):
            raise Invalid(problem, field="password")
        row.password_hash = hash_password(new)
    except Invalid as wrong:
        return _page(request, session, principal, status=422, wrong=(wrong.extra["field"], wrong.detail))
    session.add(row)
    return RedirectResponse("/account", 303)


@router.post("/keys")
def add_key(
    request: Request,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    label: Annotated[str, Form()] = "",
) -> Response:
    """A new API key, shown this once."""
    empty = "" if label.strip() else N_("Say what the key is for.")
    if problem := empty or too_long(label, locale, LABEL):
        return _page(request, session, principal, status=422, wrong=("label", problem), typed=label)
    if len(_keys(session, principal)) >= MOST_KEYS:
        wrong = ("label", Sentence(N_("You have {n} keys; revoke one first."), n=MOST_KEYS))
        return _page(request, session, principal, status=422, wrong=wrong, typed=label)
    key = new_api_key(session, principal.account_id or "", label.strip(), wall=now.wall)
    return _page(request, session, principal, fresh=key)


@router.post("/keys/{key_id}/revocation")
def revoke_key(key_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """From now on the key opens nothing."""
    key = session.get(ApiKey, key_id)
    if key is None or key.account_id != principal.account_id:
        raise NotFound(N_("There is no such key here."))
    key.revoked_at = key.revoked_at or now.wall
    session.add(key)
    return RedirectResponse("/account", 303)


def _keys(session: Session, principal: Principal) -> list[ApiKey]:
    mine = (ApiKey.account_id == principal.account_id, col(ApiKey.revoked_at).is_(None))
    return list(session.exec(select(ApiKey).where(*mine).order_by(ApiKey.id)))


def _page(
    request: Request,
    session: Session,
    principal: Principal,
    *,
    status: int = 200,
    wrong: tuple[str, str] = ("", ""),
    typed: str = "",
    fresh: str = "",
) -> Response:
    return render(
        request,
        "shell/account.html",
        status=status,
        account=session.get_one(Account, principal.account_id),
        party=party_of(session, principal),
        keys=_keys(session, principal),
        wrong=wrong,
        typed=typed,
        fresh=fresh,
        languages=(("en", "English"), ("de", "Deutsch"), ("zh", "中文")),
    )
