"""The verbs of customers' ideas: post, vote, claim, propose, choose, decline. Each is a step of the story,
and what the plant does is told to the author by letter."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cosmo import attachments
from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.formats import money
from cosmo.i18n import N_
from cosmo.mail import write_to
from cosmo.parties import Account, Party, PartyKind, Plant
from cosmo.registry import modules_on
from modules.rnd import drafts
from modules.rnd.idea_models import Idea, IdeaProposal, IdeaState, IdeaStep, IdeaVote
from modules.rnd.models import Draft
from web.uploads import PICTURES

TITLE, WORDS = 80, 2000
"""Most characters."""
MOST_PRICE = Decimal(1_000_000)
MOST_LISTED = 200
UNDECIDED = (IdeaState.OPEN, IdeaState.CLAIMED)
LISTED = (*UNDECIDED, IdeaState.CHOSEN)
NO_IDEA = N_("There is no such idea here.")


@dataclass(frozen=True, slots=True)
class Author:
    """Whoever posts: a customer's party, or a guest's name and address."""

    name: str
    email: str
    party_id: str | None = None


def post(
    session: Session,
    plant: Plant,
    author: Author,
    *,
    title: str,
    words: str,
    locale: str,
    now: Now,
    family: str = "",
    sketch_id: str | None = None,
) -> Idea:
    """A new idea; its author gets the link to it. Raises `NotFound` for a sketch that is not there, `Invalid`
    for one that is no picture."""
    idea = Idea(
        plant_id=plant.id,
        family=family,
        author_id=author.party_id or _party(session, author, locale),
        locale=locale,
        title=" ".join(title.split()),
        words=words.strip(),
        sketch_id=_picture(session, sketch_id),
        posted_at=now.business,
    )
    session.add(idea)
    session.flush()
    _step(session, idea, "posted", now)
    _tell(session, idea, "idea-posted", now)
    return idea


def _party(session: Session, author: Author, locale: str) -> str:
    party = Party(kind=PartyKind.CUSTOMER, name=author.name, email=author.email, locale=locale)
    session.add(party)
    session.flush()
    return party.id


def _picture(session: Session, attachment_id: str | None) -> str | None:
    if not attachment_id:
        return None
    must_be_a_picture(attachments.find(session, attachment_id))
    return attachment_id


def must_be_a_picture(attachment: attachments.Attachment) -> None:
    """Raises `Invalid` for a file that no browser shows."""
    if attachment.media_type not in PICTURES:
        raise Invalid(N_("Send the picture as PNG, JPEG or SVG."), field="sketch")


def _step(
    session: Session, idea: Idea, what: str, now: Now, account_id: str | None = None, path: str = ""
) -> None:
    session.add(IdeaStep(idea_id=idea.id, what=what, account_id=account_id, path=path, at=now.business))
    session.flush()


def _tell(session: Session, idea: Idea, template: str, now: Now, **words: str) -> None:
    told = {"title": idea.title, **words}
    write_to(
        session,
        idea.author_id,
        idea.plant_id,
        template,
        f"/ideas/follow/{idea.key}",
        idea.locale,
        now,
        **told,
    )


# Reading


def public(session: Session, plant: str = "", family: str = "") -> list[tuple[Idea, int]]:
    """Ideas that are not declined, with their votes, most wanted first; of plants whose R&D is on."""
    votes = func.count(col(IdeaVote.id))
    query = (
        select(Idea, Plant, votes)
        .join(Plant, col(Plant.id) == col(Idea.plant_id))
        .join(IdeaVote, col(IdeaVote.idea_id) == col(Idea.id), isouter=True)
        .where(col(Idea.state).in_(LISTED))
        .group_by(col(Idea.id), col(Plant.id))
        .order_by(votes.desc(), col(Idea.posted_at).desc(), col(Idea.id).desc())
    )
    if plant:
        query = query.where(Plant.slug == plant)
    if family:
        query = query.where(Idea.family == family)
    rows = session.exec(query.limit(MOST_LISTED)).all()
    on = {maker: "rnd" in modules_on(session, maker) for maker in {row[1].manufacturer_id for row in rows}}
    return [(idea, count) for idea, at, count in rows if on[at.manufacturer_id]]


def find(session: Session, idea_id: str) -> Idea:
    """Any idea that can be looked at. Raises `NotFound`."""
    idea = session.get(Idea, idea_id)
    if idea is None or not _is_on(session, idea):
        raise NotFound(NO_IDEA)
    return idea


def by_key(session: Session, key: str) -> Idea:
    """The idea an author's link leads to. Raises `NotFound`."""
    idea = session.exec(select(Idea).where(Idea.key == key)).one_or_none()
    if idea is None or not _is_on(session, idea):
        raise NotFound(N_("This link leads to no idea. Check that it is complete."))
    return idea


def _is_on(session: Session, idea: Idea) -> bool:
    return "rnd" in modules_on(session, session.get_one(Plant, idea.plant_id).manufacturer_id)


def of_plants(session: Session, plant_ids: Collection[str]) -> list[tuple[Idea, int]]:
    """All ideas of these plants with their votes: what waits first, then by how much it is wanted."""
    votes = func.count(col(IdeaVote.id))
    query = (
        select(Idea, votes)
        .join(IdeaVote, col(IdeaVote.idea_id) == col(Idea.id), isouter=True)
        .where(col(Idea.plant_id).in_(plant_ids))
        .group_by(col(Idea.id))
        .order_by(votes.desc(), col(Idea.posted_at).desc(), col(Idea.id).desc())
    )
    rank = {state: place for place, state in enumerate((*LISTED, IdeaState.DECLINED))}
    rows = [(idea, count) for idea, count in session.exec(query.limit(MOST_LISTED))]
    return sorted(rows, key=lambda row: rank[IdeaState(row[0].state)])


def votes_of(session: Session, idea_id: str) -> int:
    return session.exec(select(func.count(col(IdeaVote.id))).where(IdeaVote.idea_id == idea_id)).one()


def voted(session: Session, voter: str) -> set[str]:
    """The ideas somebody voted for."""
    return set(session.exec(select(IdeaVote.idea_id).where(IdeaVote.voter == voter))) if voter else set()


def proposals(session: Session, idea_id: str) -> list[IdeaProposal]:
    query = select(IdeaProposal).where(IdeaProposal.idea_id == idea_id)
    return list(session.exec(query.order_by(col(IdeaProposal.posted_at), col(IdeaProposal.id))))


def steps(session: Session, idea_id: str) -> list[IdeaStep]:
    """The story, oldest first."""
    query = select(IdeaStep).where(IdeaStep.idea_id == idea_id)
    return list(session.exec(query.order_by(col(IdeaStep.at), col(IdeaStep.id))))


# Voting


def vote(session: Session, idea_id: str, voter: str, now: Now) -> None:
    """Want it too; twice is once. Raises `Conflict` once it is decided."""
    idea = _undecided(session, find(session, idea_id).id)
    if not _vote_of(session, idea.id, voter):
        session.add(IdeaVote(idea_id=idea.id, voter=voter, voted_at=now.business))
        session.flush()


def take_back_vote(session: Session, idea_id: str, voter: str) -> None:
    """Not want it any more; fine for who never did. Raises `Conflict` once it is decided."""
    idea = _undecided(session, find(session, idea_id).id)
    cast = _vote_of(session, idea.id, voter)
    if cast is not None:
        session.delete(cast)
        session.flush()


def _vote_of(session: Session, idea_id: str, voter: str) -> IdeaVote | None:
    query = select(IdeaVote).where(IdeaVote.idea_id == idea_id, IdeaVote.voter == voter)
    return session.exec(query).one_or_none()


def _locked(session: Session, idea_id: str) -> Idea:
    """One after the other."""
    return session.get_one(Idea, idea_id, with_for_update=True, populate_existing=True)


def _undecided(session: Session, idea_id: str) -> Idea:
    idea = _locked(session, idea_id)
    if idea.state not in UNDECIDED:
        raise Conflict(N_("This idea is decided already; look how it stands now."))
    return idea


# The plant's side


def theirs(session: Session, plant_ids: Collection[str], idea_id: str) -> Idea:
    """The idea if it is one of these plants'. Raises `NotFound`."""
    idea = session.get(Idea, idea_id)
    if idea is None or idea.plant_id not in plant_ids:
        raise NotFound(NO_IDEA)
    return idea


def claim(session: Session, idea: Idea, designer: Account, now: Now) -> None:
    """Take it up. Raises `Conflict` where somebody else has, or it is decided."""
    idea = _undecided(session, idea.id)
    if idea.claimed_by == designer.id:
        return
    if idea.claimed_by is not None:
        raise Conflict(N_("Somebody else has claimed this idea. They can give it back."))
    idea.claimed_by, idea.state = designer.id, IdeaState.CLAIMED
    session.add(idea)
    _step(session, idea, "claimed", now, designer.id)
    _tell(session, idea, "idea-claimed", now, who=designer.name)


def give_back(session: Session, idea: Idea, designer: Account, now: Now) -> None:
    """Whoever works on it does so no more; any engineer of the plant may say so. Raises `Conflict`."""
    idea = _undecided(session, idea.id)
    if idea.claimed_by is None:
        raise Conflict(N_("Nobody has claimed this idea."))
    idea.claimed_by, idea.state = None, IdeaState.OPEN
    session.add(idea)
    _step(session, idea, "given-back", now, designer.id)


def propose(
    session: Session,
    idea: Idea,
    designer: Account,
    *,
    words: str,
    price: Decimal,
    now: Now,
    picture_id: str | None = None,
) -> IdeaProposal:
    """Show how it could be made. Raises `Conflict` for who has not claimed it."""
    idea = _claimed(session, idea, designer)
    proposal = IdeaProposal(
        idea_id=idea.id,
        account_id=designer.id,
        words=words.strip(),
        picture_id=_picture(session, picture_id),
        price=price,
        currency=session.get_one(Plant, idea.plant_id).currency,
        posted_at=now.business,
    )
    session.add(proposal)
    _step(session, idea, "proposed", now, designer.id)
    told = money(price, proposal.currency, idea.locale)
    _tell(session, idea, "idea-proposed", now, who=designer.name, price=told)
    return proposal


def choose(session: Session, idea: Idea, designer: Account, proposal_id: str, now: Now) -> None:
    """This is what the plant wants to make. Raises `NotFound`, `Conflict`."""
    idea = _claimed(session, idea, designer)
    if proposal_id not in {proposal.id for proposal in proposals(session, idea.id)}:
        raise NotFound(N_("This idea has no such proposal."))
    idea.chosen_id, idea.state = proposal_id, IdeaState.CHOSEN
    session.add(idea)
    _step(session, idea, "chosen", now, designer.id)
    _tell(session, idea, "idea-chosen", now)


def decline(session: Session, idea: Idea, designer: Account, reason: str, now: Now) -> None:
    """The plant will not make it, and says why; the list shows it no more. Raises `Invalid`, `Conflict`."""
    if not reason.strip():
        raise Invalid(N_("Write why you will not make it; its author reads that."), field="reason")
    idea = _undecided(session, idea.id)
    if idea.claimed_by not in (None, designer.id):
        raise Conflict(N_("Somebody else has claimed this idea. They can give it back."))
    idea.reason, idea.state = reason.strip(), IdeaState.DECLINED
    session.add(idea)
    _step(session, idea, "declined", now, designer.id)
    _tell(session, idea, "idea-declined", now, reason=idea.reason)


def _claimed(session: Session, idea: Idea, designer: Account) -> Idea:
    idea = _undecided(session, idea.id)
    if idea.claimed_by != designer.id:
        raise Conflict(N_("Claim this idea first; then make a proposal and choose one."))
    return idea


# What becomes of it


def open_draft(session: Session, idea: Idea, designer: Account, now: Now) -> Draft:
    """Begin a draft of its family's next release with the proposal's words as a note; where a draft is open
    already the note is added to it, once. Raises `Conflict` while nothing is chosen or it is near no
    product."""
    idea = _locked(session, idea.id)
    if idea.chosen_id is None or not idea.family:
        raise Conflict(N_("Choose a proposal first; and the idea has to be near a product."))
    words = session.get_one(IdeaProposal, idea.chosen_id).words
    note = " ".join(f"{idea.title}: {words}".split())
    draft = drafts.start(session, idea.family, now, note, designer.id)
    if "draft-opened" not in {step.what for step in steps(session, idea.id)}:
        _step(session, idea, "draft-opened", now, designer.id)
    return draft


def presale_step(session: Session, idea_id: str, what: str, path: str, now: Now) -> None:
    """A pre-sale of the idea began or ended; of its beginning the author is told."""
    idea = session.get(Idea, idea_id)
    if idea is None:
        return
    _step(session, idea, what, now, path=path)
    if what == "presale-opened":
        _tell(session, idea, "idea-presale", now)
