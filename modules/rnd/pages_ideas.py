"""Customers' pages of ideas: what others wish for, voting, posting one of one's own, following it."""

import re
from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.attachments import find as attachment
from cosmo.clock import Now
from cosmo.errors import CosmoError, Invalid, NotFound
from cosmo.i18n import N_, gettext
from cosmo.identity import Principal
from cosmo.parties import Role
from modules.rnd import ideas
from modules.rnd.idea_models import Idea, IdeaProposal
from modules.rnd.idea_view import Near, nears, rows, shown, voter_of
from modules.rnd.ideas import TITLE, WORDS, Author
from web.deps import (
    EVERYONE,
    CurrentNow,
    CurrentPrincipal,
    Locale,
    ReadSession,
    RememberedPrincipal,
    WriteSession,
    allow,
)
from web.panels import idea_context
from web.site import site
from web.templating import render, slots
from web.texts import too_long
from web.uploads import keep, picture_of

router = APIRouter(include_in_schema=False)
CUSTOMERS = (Role.GUEST, Role.CUSTOMER)
"""Who posts and votes."""
NEEDED = {
    "title": N_("Give it a name of a few words."),
    "words": N_("Say what it should be and what it is for."),
    "near": N_("Choose what it is near."),
    "name": N_("Write your name."),
    "email": N_("Write an e-mail address, so that we can tell you what becomes of your idea."),
}
MOST = {"title": TITLE, "words": WORDS, "name": 120, "email": 200}
NONE_SENT = {"sketch_id": "", "sketch_name": ""}
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
Typed = Annotated[str, Form()]


@router.get("/ideas", dependencies=[allow(*EVERYONE)])
def ideas_list(
    request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """What customers wish for, most wanted first."""
    return render(
        request,
        "rnd/ideas.html",
        rows=rows(session, ideas.public(session), locale),
        voted=ideas.voted(session, voter_of(principal)),
        may_vote=principal.role in CUSTOMERS,
        undecided=ideas.UNDECIDED,
    )


@router.get("/ideas/new", dependencies=[allow(*CUSTOMERS)])
def new_idea(
    request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale, near: str = ""
) -> Response:
    """The form for an idea."""
    return _form(request, session, principal, locale, {"near": near})


def _form(
    request: Request,
    session: Session,
    principal: Principal,
    locale: str,
    typed: dict[str, str],
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    problem: str = "",
) -> Response:
    return render(
        request,
        "rnd/idea_new.html",
        status=status,
        nears=[("", gettext(locale, N_("Choose")))] + [(n.value, n.label) for n in nears(session, locale)],
        typed={**dict.fromkeys((*NEEDED, "sketch_id", "sketch_name"), ""), **typed},
        errors=defaultdict(str, errors or {}),
        problem=problem,
        known=principal.role == Role.CUSTOMER,
        most=MOST,
    )


@router.post("/ideas", dependencies=[allow(*CUSTOMERS)])
def post_idea(
    request: Request,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    locale: Locale,
    title: Typed = "",
    words: Typed = "",
    near: Typed = "",
    name: Typed = "",
    email: Typed = "",
    sketch_id: Typed = "",
    sketch: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Post it and go to the author's page of it; the form again, with all that was typed and the sketch, if
    something is missing."""
    typed = {"title": title, "words": words, "near": near, "name": name, "email": email}
    errors = _wrong(session, principal, typed, locale)
    kept, refused = kept_picture(request, session, principal, sketch, sketch_id, now)
    typed |= kept
    errors |= {"sketch": refused} if refused else {}
    chosen = next((n for n in nears(session, locale) if n.value == near), None)
    if errors or chosen is None:
        return _form(request, session, principal, locale, typed, status=422, errors=errors)
    try:
        idea = _posted(request, session, principal, chosen, typed, locale, now)
    except CosmoError as error:
        said = error.detail
        return _form(request, session, principal, locale, typed, status=error.status, problem=said)
    return RedirectResponse(f"/ideas/follow/{idea.key}", 303)


def _posted(
    request: Request,
    session: Session,
    principal: Principal,
    near: Near,
    typed: dict[str, str],
    locale: str,
    now: Now,
) -> Idea:
    site(request).limiter.hit("idea", request.client.host if request.client else "")
    party = principal.party_id if principal.role == Role.CUSTOMER else None
    with session.begin_nested():
        return ideas.post(
            session,
            near.plant,
            Author(typed["name"].strip(), typed["email"].strip(), party),
            title=typed["title"],
            words=typed["words"],
            family=near.family,
            sketch_id=typed["sketch_id"],
            locale=locale,
            now=now,
        )


def _wrong(session: Session, principal: Principal, typed: dict[str, str], locale: str) -> dict[str, str]:
    """Field -> the sentence; a signed-in customer is known already."""
    known = ("name", "email") if principal.role == Role.CUSTOMER else ()
    fields = {name: text.strip() for name, text in typed.items() if name not in known}
    needed = {name: gettext(locale, words) for name, words in NEEDED.items()}
    wrong = {name: needed[name] for name, text in fields.items() if not text}
    wrong |= {
        name: said
        for name, text in fields.items()
        if name in MOST and (said := too_long(text, locale, MOST[name]))
    }
    if fields["near"] not in {near.value for near in nears(session, locale)}:
        wrong["near"] = needed["near"]
    if "email" in fields and not ADDRESS.fullmatch(fields["email"]):
        wrong.setdefault("email", needed["email"])
    return wrong


def kept_picture(
    request: Request, session: Session, principal: Principal, sent: UploadFile | None, former: str, now: Now
) -> tuple[dict[str, str], str]:
    """(the sketch that is kept: the one sent now, else the one sent before; why a new one is refused)."""
    try:
        if sent is not None and sent.filename:
            with session.begin_nested():
                row = keep(session, request, sent.file, sent.filename, principal, now)
                ideas.must_be_a_picture(row)
            return {"sketch_id": row.id, "sketch_name": row.filename}, ""
        found = attachment(session, former) if former else None
        return ({"sketch_id": found.id, "sketch_name": found.filename} if found else NONE_SENT), ""
    except NotFound:
        return NONE_SENT, ""
    except CosmoError as error:
        return NONE_SENT, error.detail


@router.get("/ideas/{idea_id}", dependencies=[allow(*EVERYONE)])
def idea_page(
    request: Request, idea_id: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """One idea: votes, proposals, the story so far."""
    return _page(request, session, ideas.find(session, idea_id), principal, locale)


@router.get("/ideas/follow/{idea_key}", dependencies=[allow(*EVERYONE)])
def follow(
    request: Request, idea_key: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """The same for its author, who came by the link in a letter."""
    return _page(request, session, ideas.by_key(session, idea_key), principal, locale, mine=True)


def _page(
    request: Request,
    session: Session,
    idea: Idea,
    principal: Principal,
    locale: str,
    *,
    mine: bool = False,
    status: int = 200,
    problem: str = "",
) -> Response:
    told: dict[str, Any] = shown(session, idea, locale)
    context = idea_context(request, session, idea.id, told["plant"], chosen=idea.chosen_id is not None)
    return render(
        request,
        "rnd/idea.html",
        status=status,
        mine=mine,
        voted=idea.id in ideas.voted(session, voter_of(principal)),
        may_vote=principal.role in CUSTOMERS and not mine,
        problem=problem,
        panels=slots("idea.panel", context),
        timezone=told["plant"].timezone,
        brand=told["plant"].name,
        **told,
    )


@router.post("/ideas/{idea_id}/vote", dependencies=[allow(*CUSTOMERS)])
def vote(
    request: Request,
    idea_id: str,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    locale: Locale,
    wanted: Typed = "",
    back: Typed = "",
) -> Response:
    """Want it too, or (`wanted=no`) not any more."""
    idea = ideas.find(session, idea_id)
    try:
        site(request).limiter.hit("vote", request.client.host if request.client else "")
        _voted(session, idea, voter_of(principal), wanted, now)
    except CosmoError as error:
        return _page(request, session, idea, principal, locale, status=error.status, problem=error.detail)
    return RedirectResponse(f"/ideas#{idea.id}" if back == "list" else f"/ideas/{idea.id}", 303)


def _voted(session: Session, idea: Idea, voter: str, wanted: str, now: Now) -> None:
    if wanted not in ("yes", "no"):
        raise Invalid(N_("Say whether you want it: yes or no."))
    if wanted == "yes":
        ideas.vote(session, idea.id, voter, now)
    else:
        ideas.take_back_vote(session, idea.id, voter)


@router.get("/ideas/{idea_id}/sketch", dependencies=[allow(*EVERYONE)])
def sketch(request: Request, idea_id: str, session: ReadSession) -> Response:
    """The author's sketch."""
    return picture_of(request, session, ideas.find(session, idea_id).sketch_id)


@router.get("/ideas/{idea_id}/proposals/{proposal_id}", dependencies=[allow(*EVERYONE)])
def proposal_picture(request: Request, idea_id: str, proposal_id: str, session: ReadSession) -> Response:
    """A proposal's picture."""
    idea = ideas.find(session, idea_id)
    proposal = session.get(IdeaProposal, proposal_id)
    if proposal is None or proposal.idea_id != idea.id:
        raise NotFound(N_("This idea has no such proposal."))
    return picture_of(request, session, proposal.picture_id)
