"""What pages and the API show of ideas: the story in words, who works on it, the proposals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from cosmo.asking import all_families
from cosmo.i18n import N_, gettext, pick
from cosmo.identity import Principal
from cosmo.parties import Account, Plant
from cosmo.registry import modules_on
from modules.rnd import ideas
from modules.rnd.idea_models import Idea, IdeaProposal, IdeaState, IdeaStep

SAID = {
    "posted": N_("A customer posted the idea."),
    "claimed": N_("{who} took it up."),
    "given-back": N_("{who} gave it back. It waits for a designer again."),
    "proposed": N_("{who} made a proposal."),
    "chosen": N_("{who} chose a proposal to make."),
    "declined": N_("{who} declined it."),
    "draft-opened": N_("{who} began to work it out for the product."),
    "presale-opened": N_("Its pre-sale opened."),
    "presale-reached": N_("Enough people take it: it is being made."),
    "presale-lapsed": N_("Its pre-sale ended below its goal."),
}
"""A step of the story -> its sentence."""
STATES = {
    IdeaState.OPEN: ("wait", N_("waits for a designer")),
    IdeaState.CLAIMED: ("now", N_("somebody works on it")),
    IdeaState.CHOSEN: ("kept", N_("proposal chosen")),
    IdeaState.DECLINED: ("late", N_("declined")),
}
"""A state -> its glyph and its word."""


@dataclass(frozen=True, slots=True)
class Told:
    """One step, in words."""

    what: str
    words: str
    at: datetime
    path: str


@dataclass(frozen=True, slots=True)
class Near:
    """What an idea may be near: `value` is family:<slug> or plant:<slug>."""

    value: str
    label: str
    plant: Plant
    family: str


def nears(session: Session, locale: str) -> list[Near]:
    """Every family that can be ordered and, at each plant, something else; of plants whose R&D is on."""
    found: list[Near] = []
    by_plant: dict[str, list[Near]] = {}
    for card in all_families(session):
        plant = session.get_one(Plant, card.plant_id)
        if "rnd" in modules_on(session, plant.manufacturer_id):
            label = f"{pick(card.name, locale)}, {plant.name}"
            by_plant.setdefault(plant.id, []).append(Near(f"family:{card.slug}", label, plant, card.slug))
    for rows in by_plant.values():
        plant = rows[0].plant
        other = gettext(locale, N_("Something else, {plant}"), plant=plant.name)
        found += [*sorted(rows, key=lambda near: near.label), Near(f"plant:{plant.slug}", other, plant, "")]
    return found


def voter_of(principal: Principal) -> str:
    """Who votes: an account, or a guest's browser; empty for a browser that is not known yet."""
    if principal.account_id:
        return f"account:{principal.account_id}"
    return f"session:{principal.session_id}" if principal.session_id else ""


def near_words(session: Session, idea: Idea, locale: str) -> str:
    """What it is near, for people: the family's name and the plant's."""
    plant = session.get_one(Plant, idea.plant_id)
    names = {card.slug: pick(card.name, locale) for card in all_families(session)} if idea.family else {}
    return ", ".join(part for part in (names.get(idea.family, idea.family), plant.name) if part)


def rows(session: Session, found: Sequence[tuple[Idea, int]], locale: str) -> list[dict[str, Any]]:
    """Ideas in a list."""
    names = {card.slug: pick(card.name, locale) for card in all_families(session)}
    plants = {plant_id: session.get_one(Plant, plant_id) for plant_id in {i.plant_id for i, _ in found}}
    return [
        {
            "idea": idea,
            "votes": votes,
            "near": ", ".join(
                x for x in (names.get(idea.family, idea.family), plants[idea.plant_id].name) if x
            ),
            "state": STATES[IdeaState(idea.state)],
            "who": name_of(session, idea.claimed_by),
        }
        for idea, votes in found
    ]


def name_of(session: Session, account_id: str | None) -> str:
    account = session.get(Account, account_id) if account_id else None
    return account.name if account else ""


def story(session: Session, idea: Idea, locale: str) -> list[Told]:
    """The dated steps, oldest first."""
    return [_told(session, step, locale) for step in ideas.steps(session, idea.id)]


def _told(session: Session, step: IdeaStep, locale: str) -> Told:
    who = name_of(session, step.account_id)
    return Told(step.what, gettext(locale, SAID[step.what], who=who), step.at, step.path)


def shown(session: Session, idea: Idea, locale: str) -> dict[str, Any]:
    """What both the public page and the plant's show of an idea."""
    made, told = ideas.proposals(session, idea.id), story(session, idea, locale)
    return {
        "idea": idea,
        "plant": session.get_one(Plant, idea.plant_id),
        "near": near_words(session, idea, locale),
        "votes": ideas.votes_of(session, idea.id),
        "state": STATES[IdeaState(idea.state)],
        "undecided": idea.state in ideas.UNDECIDED,
        "who": name_of(session, idea.claimed_by),
        "story": told,
        "drafted": "draft-opened" in {step.what for step in told},
        "proposals": [
            (proposal, name_of(session, proposal.account_id)) for proposal in _chosen_first(idea, made)
        ],
    }


def _chosen_first(idea: Idea, made: list[IdeaProposal]) -> list[IdeaProposal]:
    return sorted(made, key=lambda proposal: proposal.id != idea.chosen_id)
