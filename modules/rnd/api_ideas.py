"""/api/v1/ideas: customers' ideas, votes, and what the plant makes of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session

from cosmo.access import plants_of
from cosmo.errors import Invalid
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from modules.rnd import ideas
from modules.rnd.idea_models import Idea, IdeaProposal
from modules.rnd.idea_schemas import (
    ChoiceIn,
    IdeaIn,
    IdeaOut,
    IdeaRowOut,
    PostedOut,
    ProposalIn,
    ProposalOut,
    RefusalIn,
    StepOut,
)
from modules.rnd.idea_view import Near, name_of, nears, story, voter_of
from modules.rnd.pages_ideas import CUSTOMERS
from modules.rnd.pages_plant_ideas import designer_of
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
from web.problems import PROBLEMS
from web.site import site

router = APIRouter(prefix="/api/v1/ideas", tags=["rnd"], responses=PROBLEMS)
Slug = Annotated[str, Query(max_length=80)]


def _row(session: Session, idea: Idea, votes: int, voted: bool) -> IdeaRowOut:
    return IdeaRowOut(
        id=idea.id,
        title=idea.title,
        words=idea.words,
        plant=session.get_one(Plant, idea.plant_id).slug,
        family=idea.family or None,
        state=idea.state,
        votes=votes,
        voted=voted,
        claimed_by=name_of(session, idea.claimed_by) or None,
        sketch_url=f"/ideas/{idea.id}/sketch" if idea.sketch_id else None,
        posted_at=idea.posted_at,
    )


def _proposal(session: Session, idea: Idea, proposal: IdeaProposal) -> ProposalOut:
    return ProposalOut(
        id=proposal.id,
        words=proposal.words,
        price=str(proposal.price),
        currency=proposal.currency,
        by=name_of(session, proposal.account_id),
        picture_url=f"/ideas/{idea.id}/proposals/{proposal.id}" if proposal.picture_id else None,
        posted_at=proposal.posted_at,
        chosen=proposal.id == idea.chosen_id,
    )


def told(session: Session, idea: Idea, principal: Principal, locale: str) -> IdeaOut:
    """An idea with its proposals and its story."""
    voted = idea.id in ideas.voted(session, voter_of(principal))
    row = _row(session, idea, ideas.votes_of(session, idea.id), voted)
    steps = [
        StepOut(what=s.what, words=s.words, at=s.at, path=s.path or None)
        for s in story(session, idea, locale)
    ]
    made = [_proposal(session, idea, proposal) for proposal in ideas.proposals(session, idea.id)]
    return IdeaOut(**row.model_dump(), reason=idea.reason or None, proposals=made, story=steps)


@router.get("", dependencies=[allow(*EVERYONE)])
def list_ideas(
    session: ReadSession, principal: CurrentPrincipal, plant: Slug = "", family: Slug = ""
) -> list[IdeaRowOut]:
    """Ideas that are not declined, most wanted first."""
    mine = ideas.voted(session, voter_of(principal))
    return [
        _row(session, idea, votes, idea.id in mine) for idea, votes in ideas.public(session, plant, family)
    ]


@router.post("", status_code=201, dependencies=[allow(*CUSTOMERS)])
def post_idea(
    request: Request,
    body: IdeaIn,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> PostedOut:
    """Post an idea; its author is told by letter what becomes of it."""
    near, author = _near(session, body, locale), _author(body, principal)
    site(request).limiter.hit("idea", request.client.host if request.client else "")
    idea = ideas.post(
        session,
        near.plant,
        author,
        title=body.title,
        words=body.words,
        family=near.family,
        sketch_id=body.sketch,
        locale=locale,
        now=now,
    )
    follow = f"{site(request).settings.base_url.rstrip('/')}/ideas/follow/{idea.key}"
    return PostedOut(**told(session, idea, principal, locale).model_dump(), follow_url=follow)


def _near(session: Session, body: IdeaIn, locale: str) -> Near:
    wanted = f"family:{body.family}" if body.family else f"plant:{body.plant}"
    for near in nears(session, locale):
        if near.value == wanted and body.plant in (None, near.plant.slug):
            return near
    raise Invalid(N_("Name a family that can be ordered, or a plant."), field="family")


def _author(body: IdeaIn, principal: Principal) -> ideas.Author:
    if principal.role == Role.CUSTOMER:
        return ideas.Author("", "", principal.party_id)
    if body.author is None:
        raise Invalid(N_("Say who posts it: a name and an e-mail address."), field="author")
    return ideas.Author(body.author.name, body.author.email)


@router.get("/{idea_id}", dependencies=[allow(*EVERYONE)])
def get_idea(idea_id: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale) -> IdeaOut:
    """One idea with its proposals and the story so far."""
    return told(session, ideas.find(session, idea_id), principal, locale)


@router.put("/{idea_id}/vote", dependencies=[allow(*CUSTOMERS)])
def vote(
    request: Request,
    idea_id: str,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> IdeaOut:
    """Want it too; twice is once."""
    site(request).limiter.hit("vote", request.client.host if request.client else "")
    ideas.vote(session, idea_id, voter_of(principal), now)
    return told(session, ideas.find(session, idea_id), principal, locale)


@router.delete("/{idea_id}/vote", dependencies=[allow(*CUSTOMERS)])
def take_back_vote(
    idea_id: str, session: WriteSession, principal: RememberedPrincipal, locale: Locale
) -> IdeaOut:
    """Not want it any more."""
    ideas.take_back_vote(session, idea_id, voter_of(principal))
    return told(session, ideas.find(session, idea_id), principal, locale)


def _theirs(session: Session, principal: Principal, idea_id: str) -> Idea:
    return ideas.theirs(session, [plant.id for plant in plants_of(session, principal)], idea_id)


@router.put("/{plant_idea}/claim", dependencies=[allow(Role.ENGINEER)])
def claim(
    plant_idea: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> IdeaOut:
    """Take it up."""
    idea = _theirs(session, principal, plant_idea)
    ideas.claim(session, idea, designer_of(session, principal), now)
    return told(session, idea, principal, locale)


@router.delete("/{plant_idea}/claim", dependencies=[allow(Role.ENGINEER)])
def give_back(
    plant_idea: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> IdeaOut:
    """Give it back."""
    idea = _theirs(session, principal, plant_idea)
    ideas.give_back(session, idea, designer_of(session, principal), now)
    return told(session, idea, principal, locale)


@router.post("/{plant_idea}/proposals", status_code=201, dependencies=[allow(Role.ENGINEER)])
def propose(
    plant_idea: str,
    body: ProposalIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> IdeaOut:
    """Show how it could be made."""
    idea, designer = _theirs(session, principal, plant_idea), designer_of(session, principal)
    ideas.propose(
        session, idea, designer, words=body.words, price=body.price, picture_id=body.picture, now=now
    )
    return told(session, idea, principal, locale)


@router.post("/{plant_idea}/choice", dependencies=[allow(Role.ENGINEER)])
def choose(
    plant_idea: str,
    body: ChoiceIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> IdeaOut:
    """The proposal that is to be made."""
    idea = _theirs(session, principal, plant_idea)
    ideas.choose(session, idea, designer_of(session, principal), body.proposal_id, now)
    return told(session, idea, principal, locale)


@router.post("/{plant_idea}/draft", dependencies=[allow(Role.ENGINEER)])
def open_draft(
    plant_idea: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> IdeaOut:
    """Begin a draft of its family's next release, with the chosen proposal as its note; twice is once."""
    idea = _theirs(session, principal, plant_idea)
    ideas.open_draft(session, idea, designer_of(session, principal), now)
    return told(session, idea, principal, locale)


@router.post("/{plant_idea}/refusal", dependencies=[allow(Role.ENGINEER)])
def decline(
    plant_idea: str,
    body: RefusalIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> IdeaOut:
    """The plant will not make it, and says why."""
    idea = _theirs(session, principal, plant_idea)
    ideas.decline(session, idea, designer_of(session, principal), body.reason, now)
    return told(session, idea, principal, locale)
