"""Results as rows, shown as Markdown."""

from dataclasses import dataclass, field
from statistics import median

HEAD = ("measure", "figure", "how")


@dataclass(slots=True)
class Table:
    """Rows under a head, sentences below, and pictures: name -> SVG."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    head: tuple[str, ...] = HEAD
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, figure: str, note: str = "") -> None:
        """A row, also said at once: a bench takes minutes."""
        self.rows.append((what, figure, note))
        print(f"{what}: {figure}", flush=True)

    def markdown(self) -> str:
        lines = [f"| {' | '.join(self.head)} |", f"|{'---|' * len(self.head)}"]
        lines += [f"| {' | '.join(row)} |" for row in self.rows]
        return "\n".join([*lines, *(["", *self.notes] if self.notes else [])])


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of them lie; values need not be sorted."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(values: list[float]) -> str:
    """Median and p99 of seconds, in milliseconds."""
    return f"p50 {median(values) * 1000:.1f} ms, p99 {quantile(values, 0.99) * 1000:.1f} ms"
