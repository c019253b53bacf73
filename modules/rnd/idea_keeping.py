"""The answers to other modules about ideas (`cosmo.idea_ports.Ideas`)."""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.idea_ports import ChosenIdea
from modules.rnd.idea_models import Idea, IdeaProposal
from modules.rnd.ideas import presale_step


class KeptIdeas:
    """The `Ideas`: what is in the tables here."""

    def chosen(self, session: Session, idea_id: str) -> ChosenIdea | None:
        idea = session.get(Idea, idea_id)
        if idea is None or idea.chosen_id is None:
            return None
        words = session.get_one(IdeaProposal, idea.chosen_id).words
        return ChosenIdea(idea.id, idea.plant_id, idea.family, idea.title, words)

    def presale_opened(self, session: Session, idea_id: str, path: str, now: Now) -> None:
        presale_step(session, idea_id, "presale-opened", path, now)

    def presale_ended(self, session: Session, idea_id: str, path: str, reached: bool, now: Now) -> None:
        presale_step(session, idea_id, "presale-reached" if reached else "presale-lapsed", path, now)
