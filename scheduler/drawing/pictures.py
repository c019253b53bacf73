"""The small pictures of the rules in README.md: each a problem and a plan that the verifier passes, drawn.

`python3 -m scheduler.drawing.pictures` writes them into scheduler/pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from scheduler.drawing.board import AXIS, names, rows
from scheduler.drawing.notes import Notes
from scheduler.drawing.picture import at, picture, svg_document
from scheduler.drawing.scale import Scale, ticks
from scheduler.drawing.svg import words
from scheduler.drawing.view import view_of
from scheduler.model import (
    Amount,
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    Schedule,
    SetupMatrix,
    objective_of,
)

FOLDER = Path(__file__).parents[1] / "pictures"
ORIGIN = "2026-01-05T00:00:00Z"
WIDTH, NAMES = 640.0, 100.0
OPEN = ((0, 2880),)
Note = Callable[[Notes], None]
Run = tuple[Operation, str, int, int]
"""An operation, where it is, from when to when; each is a job of its own unless jobs are given."""


def problem_of(
    resources: Sequence[Resource],
    runs: Sequence[Run],
    setups: dict[str, SetupMatrix],
    jobs: Sequence[Job] = (),
) -> tuple[Problem, Schedule]:
    """A problem with a plan."""
    alone = [Job(run[0].id, 0, 2880, 1, (run[0],)) for run in runs]
    problem = Problem("picture", ORIGIN, 2880, tuple(resources), setups, tuple(jobs or alone))
    places = tuple(Assignment(op.id, name, start, end) for op, name, start, end in runs)
    ends = {a.operation: a.end for a in places}
    return problem, Schedule("picture", objective_of(problem, ends), None, "feasible", 0.0, places)


def drawn(
    problem: Problem, plan: Schedule, start: int, end: int, title: str, note: Note | None = None
) -> str:
    """The rows under an axis of hours, with marks."""
    view = view_of(problem, plan, start, end)
    scale = Scale(start, end, WIDTH - NAMES - 16)
    notes = Notes(view, scale)
    if note is not None:
        note(notes)
    marks = [t for t in ticks(scale, view.calendar) if scale.x(t.minute) + 60 < scale.width]
    axis = [words(scale.x(t.minute) + 4, 14, t.label, "h" if t.strong else None) for t in marks]
    content = at(NAMES, notes.over, "".join(axis))
    content += at(8, notes.over + AXIS, "".join(names(view, NAMES - 8)))
    content += at(NAMES, notes.over + AXIS, "".join(rows(view, scale)) + "".join(notes.made))
    return svg_document(WIDTH, notes.over + AXIS + view.height + notes.below, content, title)


def press(calendar: tuple[tuple[int, int], ...] = OPEN, setup: str | None = None) -> Resource:
    """A machine."""
    return Resource("press", "machine", calendar, setup=setup)


def step(name: str, resource: str, minutes: int, family: str | None = None, size: Amount = 1) -> Operation:
    """An operation with one mode."""
    return Operation(name, (Mode(resource, minutes),), family, size)


MOULDS = SetupMatrix(("cup", "bowl"), ((0, 60), (60, 0)))
HEAT = SetupMatrix(("bisque", "glaze"), ((30, 90), (90, 30)))


def setup() -> str:
    """Minutes between runs of different families."""
    shapes = (("A", "cup", 0), ("B", "cup", 120), ("C", "bowl", 300), ("D", "cup", 480))
    runs = [(step(n, "press", 120, family), "press", start, start + 120) for n, family, start in shapes]
    problem, plan = problem_of([press(setup="moulds")], runs, {"moulds": MOULDS})
    title = "Setups between runs of different families"
    return drawn(problem, plan, 0, 600, title, lambda n: n.under(240, 300, "60 min from cup to bowl"))


def calendar() -> str:
    """An operation lies inside one window."""
    shifts = ((360, 840), (1320, 2280))
    runs = [(step("A", "press", 300), "press", 360, 660), (step("B", "press", 240), "press", 1320, 1560)]
    problem, plan = problem_of([press(shifts)], runs, {})
    title = "An operation lies inside one window of the calendar"
    return drawn(
        problem, plan, 300, 1620, title, lambda n: n.span(660, 1320, 28, "B needs 4 h, 3 h are left")
    )


def pausing() -> str:
    """One that may pause goes on in the next window."""
    shifts = ((360, 840), (1320, 2280))
    runs = [
        (step("A", "press", 300), "press", 360, 660),
        (replace(step("B", "press", 240), may_pause=True), "press", 660, 1380),
    ]
    problem, plan = problem_of([press(shifts)], runs, {})
    return drawn(problem, plan, 300, 1620, "An operation that may pause rests in closed time and goes on")


def firing() -> str:
    """Lots of one recipe share a firing."""
    kiln = Resource("kiln", "batch", OPEN, capacity=30, setup="heat")
    lots = (("A", "bisque", 12, 60), ("B", "bisque", 10, 60), ("C", "bisque", 3, 60), ("D", "glaze", 18, 630))
    runs = [
        (step(n, "kiln", 480, recipe, size), "kiln", start, start + 480) for n, recipe, size, start in lots
    ]
    problem, plan = problem_of([kiln], runs, {"heat": HEAT})
    return drawn(problem, plan, 0, 1200, "Lots of one recipe share a firing up to the kiln's capacity")


def vector() -> str:
    """Two dimensions of capacity."""
    kiln = Resource("kiln", "batch", OPEN, capacity=(30, 40))
    lots: list[tuple[str, Amount, int]] = [("A", (9, 22), 60), ("B", (6, 18), 60), ("C", (27, 8), 600)]
    runs = [(step(n, "kiln", 480, "bisque", size), "kiln", start, start + 480) for n, size, start in lots]
    problem, plan = problem_of([kiln], runs, {})

    def note(n: Notes) -> None:
        n.under(60, 540, "volume 50%, pieces 100%")
        n.under(600, 1080, "volume 90%, pieces 20%")

    return drawn(problem, plan, 0, 1200, "A firing is full when one of its dimensions is", note)


def least_load() -> str:
    """A firing is lit when enough is in it."""
    kiln = Resource("kiln", "batch", OPEN, capacity=30, least_load=15)
    runs = [(step(n, "kiln", 480, "bisque", size), "kiln", 420, 900) for n, size in (("A", 9), ("B", 8))]
    jobs = [Job(op.id, release, 2880, 1, (op,)) for (op, *_), release in zip(runs, (60, 420), strict=True)]
    problem, plan = problem_of([kiln], runs, {}, jobs)
    title = "A firing below its least load is not lit"
    return drawn(problem, plan, 0, 1200, title, lambda n: n.span(60, 420, 54, "A waits for B"))


def cooling() -> str:
    """Loading, firing, cooling."""
    kiln = Resource("kiln", "batch", ((0, 720), (1080, 2880)), capacity=30, loading=60, cooling=300)
    runs = [(step("A", "kiln", 480, "bisque", 24), "kiln", 60, 900)]
    problem, plan = problem_of([kiln], runs, {})
    return drawn(problem, plan, 0, 1200, "Loading and cooling; the kiln may cool after it has closed")


def pool() -> str:
    """Sizes add up."""
    dryer = Resource("dryer", "pool", OPEN, capacity=40)
    lots = (("A", 16, 60), ("B", 18, 180), ("C", 12, 660), ("D", 10, 780))
    runs = [(step(n, "dryer", 600, None, size), "dryer", start, start + 600) for n, size, start in lots]
    problem, plan = problem_of([dryer], runs, {})
    return drawn(problem, plan, 0, 1440, "The sizes of what is in a pool add up to its capacity at most")


def needs() -> str:
    """A second resource."""
    machines = [Resource(n, "machine", OPEN) for n in ("press 1", "press 2")]
    crew = Resource("crew", "pool", OPEN, capacity=3)

    def led(name: str, machine: str, minutes: int, people: int) -> Operation:
        return Operation(name, (Mode(machine, minutes, (Need("crew", people),)),))

    runs = [
        (led("A", "press 1", 240, 2), "press 1", 60, 300),
        (led("B", "press 2", 180, 2), "press 2", 300, 480),
        (led("C", "press 1", 150, 1), "press 1", 330, 480),
    ]
    problem, plan = problem_of([*machines, crew], runs, {})
    title = "A mode may need people or tools from a pool besides its own resource"
    return drawn(problem, plan, 0, 600, title, lambda n: n.span(60, 300, 70, "B waits for two of the crew"))


def lags() -> str:
    """At least, at most."""
    machines = [Resource(n, "machine", OPEN) for n in ("press", "glaze", "pack")]
    ops = (
        replace(step("A.1", "press", 120), min_lag=90),
        replace(step("A.2", "glaze", 120), max_lag=120),
        step("A.3", "pack", 60),
    )
    runs = [(ops[0], "press", 30, 150), (ops[1], "glaze", 240, 360), (ops[2], "pack", 450, 510)]
    problem, plan = problem_of(machines, runs, {}, [Job("A", 0, 2880, 1, ops)])

    def note(n: Notes) -> None:
        n.span(150, 240, 46, "at least 1 h 30 min")
        n.span(360, 480, 90, "at most 2 h")

    return drawn(problem, plan, 0, 600, "Smallest and largest lags between a job's operations", note)


def dates() -> str:
    """Release, due, promised, deadline."""
    ops = (step("A.1", "press", 120), step("A.2", "press", 150))
    runs = [(ops[0], "press", 120, 240), (ops[1], "press", 300, 450)]
    job = Job("A", 120, 400, 1, ops, promised=470, deadline=590)
    problem, plan = problem_of([press()], runs, {}, [job])

    def note(n: Notes) -> None:
        n.flag(120, "release")
        n.flag(400, "due", left=True)
        n.flag(470, "promised")
        n.flag(590, "deadline", "over")

    return drawn(problem, plan, 0, 660, "Release, due time, what was promised, and the deadline", note)


def frozen() -> str:
    """Facts."""
    runs = [
        (step(n, "press", 120), "press", start, start + 120)
        for n, start in (("A", 60), ("B", 180), ("C", 450))
    ]
    problem, plan = problem_of([press()], runs, {})
    facts = (*plan.assignments[:2], Assignment("jam", "press", 320, 430))
    problem = replace(problem, fixed=facts)
    return drawn(problem, plan, 0, 660, "What has started or is frozen stays; a breakdown takes the resource")


# ---- a whole board ----


def board() -> str:
    """Three jobs through a small pottery: what `render` writes."""
    problem, plan = pottery()
    return picture(view_of(problem, plan), 1120)


def pottery() -> tuple[Problem, Schedule]:
    """A former with setups, a dryer, a kiln and a painter; the second job is late."""
    weeks = tuple((day * 1440 + 360, day * 1440 + 1320) for day in range(4))
    resources = (
        Resource("former", "machine", weeks, setup="moulds"),
        Resource("dryer", "pool", ((0, 5760),), capacity=40),
        Resource("kiln", "batch", ((0, 5760),), capacity=30, loading=60, cooling=400, setup="heat"),
        Resource("painter", "machine", tuple((a + 120, a + 600) for a, _ in weeks)),
    )
    lots = (("24931", "cup", 12, 300), ("24940", "bowl", 14, 240), ("24944", "bowl", 20, 240))
    places = (
        ((360, 660), (660, 1260), (1600, 2540), (3360, 3460)),
        ((720, 960), (960, 1560), (1600, 2540), (3460, 3560)),
        ((1800, 2040), (2040, 2640), (2700, 3640), (3640, 4900)),
    )
    jobs, runs = [], []
    for (name, shape, size, minutes), times in zip(lots, places, strict=True):
        ops = (
            replace(step(f"{name}.form", "former", minutes, shape), max_lag=240),
            step(f"{name}.dry", "dryer", 600, None, size),
            step(f"{name}.fire", "kiln", 480, "bisque" if size < 20 else "glaze", size),
            replace(step(f"{name}.paint", "painter", 100 if size < 20 else 300), may_pause=True),
        )
        jobs.append(Job(name, 0, 3200 if name == "24940" else 5600, 1, ops))
        runs += [(op, op.modes[0].resource, *time) for op, time in zip(ops, times, strict=True)]
    problem, plan = problem_of(resources, runs, {"moulds": MOULDS, "heat": HEAT}, jobs)
    return replace(problem, name="pottery"), replace(plan, problem="pottery")


PICTURES: dict[str, Callable[[], str]] = {
    "setup": setup,
    "calendar": calendar,
    "pausing": pausing,
    "firing": firing,
    "vector": vector,
    "least-load": least_load,
    "cooling": cooling,
    "pool": pool,
    "needs": needs,
    "lags": lags,
    "dates": dates,
    "frozen": frozen,
    "board": board,
}


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
