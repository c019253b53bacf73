"""A bench run as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.bench.findings import Finding, Sample, notes

HEAD = ("measure", "on", "goal", "this library", "peers", "ratio")


def markdown(findings: Sequence[Finding], machine: str, form: str) -> str:
    """The table, what is missing in it and why, and the machine."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    lines += [f"| {' | '.join(cells(finding))} |" for finding in findings]
    told = [f"- {note}" for note in notes(findings)]
    reached = sum(bool(f.met) for f in findings)
    goals = sum(f.goal is not None for f in findings)
    how = f"{form}; medians; less is better; ratio to the best peer"
    foot = f"{reached} of {goals} goals reached ({how}). {machine}."
    return "\n".join([*lines, "", foot, "", *told, ""])


def cells(finding: Finding) -> Iterator[str]:
    """One line of the table; a goal that is reached is set in bold."""
    yield finding.measure
    yield finding.subject
    yield "" if finding.goal is None else figure(finding.goal, finding.unit)
    ours = shown(finding.samples[0], finding.unit)
    yield f"**{ours}**" if finding.met else ours
    yield "; ".join(f"{s.method} {shown(s, finding.unit)}" for s in finding.samples[1:])
    ratio = finding.ratio()
    yield f"{ratio[0]:.2f} x {ratio[1]}" if ratio else ""


def shown(sample: Sample, unit: str) -> str:
    """A median with the spread of its seeds, or a dash."""
    if sample.median is None:
        return "-"
    spread = ""
    if len(sample.values) > 1 and max(sample.values) > min(sample.values):
        spread = f" ({figure(min(sample.values), '')} to {figure(max(sample.values), '')})"
    return figure(sample.median, unit) + spread


def figure(value: float, unit: str) -> str:
    """Three significant digits, and the unit."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"
    return f"{text} {unit}".strip()
