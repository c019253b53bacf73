"""What a bench run finds: for each measure and subject the figures of this library and of its peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scheduler.bench.statistics import median

OURS = "this library"


@dataclass(frozen=True, slots=True)
class Sample:
    """One method's figures, one a seed; none, and why, where it found nothing. What is `no_peer` is shown for
    what it says, but is not compared with."""

    method: str
    values: tuple[float, ...] = ()
    note: str = ""
    no_peer: bool = False

    @property
    def median(self) -> float | None:
        """The figure that is shown."""
        return median(self.values) if self.values else None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table: what was measured, on what, in which unit, with which goal; less is better.

    `row` is the key of the row it belongs to. The first sample is this library's. `detail` goes into the JSON
    file and the plots.
    """

    row: str
    measure: str
    subject: str
    unit: str
    goal: float | None
    samples: tuple[Sample, ...]
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> float | None:
        """This library's median."""
        return self.samples[0].median

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none, or no figure."""
        return None if self.goal is None or self.ours is None else self.ours <= self.goal

    def ratio(self) -> tuple[float, str] | None:
        """Our figure over the best peer's, and whose that is; None where one of them is missing or 0."""
        peers = [(s.median, s.method) for s in self.samples[1:] if s.median is not None and not s.no_peer]
        if self.ours is None or not peers or min(peers)[0] == 0:
            return None
        value, method = min(peers)
        return self.ours / value, method

    def as_dict(self) -> dict[str, Any]:
        """For the JSON file."""
        ratio = self.ratio()
        return {
            **asdict(self),
            "median": self.ours,
            "met": self.met,
            "ratio": ratio[0] if ratio else None,
            "ratio_to": ratio[1] if ratio else None,
        }


def notes(findings: Sequence[Finding]) -> list[str]:
    """Every sentence that explains a missing or qualified figure, once."""
    said = [f"{f.subject}, {s.method}: {s.note}" for f in findings for s in f.samples if s.note]
    return list(dict.fromkeys(said))
