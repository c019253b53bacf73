"""The gap between what was promised and what the plan says: a flag and a dot on one small axis."""

from markupsafe import Markup

from web.drawing.svg import el, join, pct


def risk_line(
    *,
    promised: float,
    plan: float,
    before: float | None = None,
    label: str = "",
    state: str = "kept",
    ticks: int = 6,
) -> Markup:
    """Draw one promise at risk. Fractions 0..1 of the days shown: `promised` carries the flag, `plan` the
    dot (round
    if kept, square if late), `before` a hollow dot for the plan without the repair. `label` stands under
    the flag."""
    y = 14
    parts = [el("line", class_="rk-axis", x1=0, x2="100%", y1=y, y2=y)]
    parts += [
        el("line", class_="rk-axis", x1=pct(i / (ticks - 1)), x2=pct(i / (ticks - 1)), y1=y - 3, y2=y + 3)
        for i in range(ticks)
    ]
    if before is not None:
        low, high = sorted((before, plan))
        parts.append(el("line", class_=f"rk-gap is-{state}", x1=pct(low), x2=pct(high), y1=y, y2=y))
        parts.append(el("circle", class_="rk-before", cx=pct(before), cy=y, r=5))
    if state == "late":
        square = el("rect", class_="rk-plan is-late", x=-5.5, y=y - 5.5, width=11, height=11, rx=2)
        parts.append(el("svg", square, x=pct(plan), y=0, width=1, height=1, overflow="visible"))
    else:
        parts.append(el("circle", class_=f"rk-plan is-{state}", cx=pct(plan), cy=y, r=6))
    parts.append(_flag(promised, label))
    return el("svg", join(parts), class_="risk", width="100%", height=42, aria_hidden="true")


def _flag(at: float, label: str) -> Markup:
    anchor = "start" if at < 0.25 else "end" if at > 0.8 else "middle"
    flag = join(
        [
            el("line", class_="rk-pole", x1=0, x2=0, y1=1, y2=27),
            el("path", class_="rk-flag", d="M0 1h8l-2.500 3 2.500 3H0"),
        ]
    )
    words = el("text", label, class_="b", x=pct(at), y=38, text_anchor=anchor) if label else Markup("")
    return join([el("svg", flag, x=pct(at), y=0, width=1, height=1, overflow="visible"), words])
