"""What others ask of a manufacturer's published designs: what a configuration can be started from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlmodel import Session

from cosmo.spec import Names


@dataclass(frozen=True, slots=True)
class PublishedDesign:
    """A design of the library; what `selections` does not name has the family's default, an empty text
    leaves it out."""

    id: str
    family: str
    title: Names
    selections: Mapping[str, Any]


class DesignLibrary(Protocol):
    """Answered by whoever keeps a manufacturer's designs."""

    def published(self, session: Session, family: str) -> list[PublishedDesign]:
        """The family's designs that are shown, in their order."""
        ...


class NoLibrary:
    """The kernel's default: nobody publishes designs."""

    def published(self, session: Session, family: str) -> list[PublishedDesign]:
        return []
