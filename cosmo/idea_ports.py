"""What others ask of customers' ideas: the proposal that was chosen, and that its story goes on."""

from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session

from cosmo.clock import Now


@dataclass(frozen=True, slots=True)
class ChosenIdea:
    """An idea with a chosen proposal. `family`: the product it is near; empty where it is near none."""

    id: str
    plant_id: str
    family: str
    title: str
    words: str
    """The proposal's."""


class Ideas(Protocol):
    """Answered by whoever keeps customers' ideas."""

    def chosen(self, session: Session, idea_id: str) -> ChosenIdea | None:
        """None where there is no such idea, or nothing is chosen."""
        ...

    def presale_opened(self, session: Session, idea_id: str, path: str, now: Now) -> None:
        """A pre-sale of it runs at `path`: it stands in the idea's story, and its author is told."""
        ...

    def presale_ended(self, session: Session, idea_id: str, path: str, reached: bool, now: Now) -> None:
        """The pre-sale was reached, or lapsed: it stands in the idea's story."""
        ...


class NobodysIdeas:
    """The kernel's default: nobody keeps ideas."""

    def chosen(self, session: Session, idea_id: str) -> ChosenIdea | None:
        return None

    def presale_opened(self, session: Session, idea_id: str, path: str, now: Now) -> None:
        return None

    def presale_ended(self, session: Session, idea_id: str, path: str, reached: bool, now: Now) -> None:
        return None
