"""What the maker of an item must know that is made for one order alone."""

from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session

from cosmo.spec import Names


@dataclass(frozen=True, slots=True)
class BriefFile:
    """A file that belongs to a brief; `option` fetches it, `name` is what its sender called it."""

    option: str
    label: Names
    name: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What its maker must know of an item made for one order alone: facts (label, value) and files.

    What is to be printed stands in it as it is printed; nothing says for whom.
    """

    facts: tuple[tuple[Names, Names], ...] = ()
    files: tuple[BriefFile, ...] = ()


class Briefer(Protocol):
    def brief(self, session: Session, order_id: str, material: str) -> Brief:
        """What to make as `material` of this order; empty where its model says nothing."""
        ...

    def file(self, session: Session, order_id: str, material: str, option: str) -> tuple[bytes, str]:
        """A file of the brief and its media type, without what programs write into files about people.

        Raises `NotFound` for one that is not in the brief.
        """
        ...
