"""Others give way to a job: where it waits, some before it go a little later, within the time they have."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.chains import latest_start, put_chain
from scheduler.kernel.costs import (
    CHOSEN,
    CHOSEN_N,
    KEYS,
    NOW,
    STRAYS,
    STRAYS_N,
    job_cost,
    save_job,
    stray,
)
from scheduler.kernel.memory import (
    ASTRAY,
    AT,
    BEST,
    COST,
    DUE,
    END,
    FACT,
    FAR,
    FIRST,
    FREE,
    IN,
    JOB,
    LINE,
    LINE_N,
    MAX_LAG,
    MIN_LAG,
    OLD,
    OPERATION,
    OUT,
    POS,
    PROMISED,
    READY,
    RUN,
    RUN_START,
    SINCE,
    START,
    UNDER,
    WEIGHT,
    Ints,
    N,
    draw,
    later,
)
from scheduler.kernel.places import earliest, is_free, place, remove
from scheduler.kernel.ruin import any_mode, patience, someone, to_spare, waiting

LOOKED_AT = 4
"""Of so many who stand in the way, the one with most room is asked."""
BESIDE = 3
"""So many at most, less one, are taken out besides the first."""


@kernel
def give_way(m: Ints, w: Ints, job: int, work: Ints) -> bool:
    """One round: some in a job's way are moved, and it goes on from where it waits; whether that made it
    sooner somewhere, later at most before its end, and broke no promise. Else all stands as before."""
    if m[job + FREE] >= m[job + N]:
        return False
    w[CHOSEN_N] = 0
    step = m[job + FIRST] + OPERATION * waiting(m, job)
    under, before, end = m[UNDER], added_up(m, job), end_of(m, job)
    lift(m, w, step, 1)
    choose_in_way(m, w, step)
    better = w[CHOSEN_N] > 1 and is_sooner(m, step)
    if better:
        lift_rest(m, w, 0)
        better = put_rest(m, step, work) and end_of(m, job) <= end and added_up(m, job) < before
    i = 1
    while better and i < w[CHOSEN_N]:
        better = move_on(m, w, i, work)
        i += 1
    better = better and m[UNDER] <= under
    if not better:
        put_down(m, w)
    agree(m, w, better)
    return better


@kernel
def is_sooner(m: Ints, op: int) -> bool:
    """Whether an operation that was taken out could end sooner than where it stood."""
    end = earliest(m, op, ready_of(m, op), -FAR, start_by_of(m, op), 0)
    return end >= 0 and end < m[op + OLD + 2]


@kernel
def end_of(m: Ints, job: int) -> int:
    """When a job ends."""
    return m[m[job + FIRST] + OPERATION * (m[job + N] - 1) + END]


@kernel
def added_up(m: Ints, job: int) -> int:
    """The ends of all operations of a job."""
    total = 0
    for k in range(m[job + FREE], m[job + N]):
        total += m[m[job + FIRST] + OPERATION * k + END]
    return total


@kernel
def lift(m: Ints, w: Ints, op: int, count: int) -> None:
    """Take out so many operations of a job from `op` on, noting where they stood, and where all of the job
    stood when the search began."""
    if m[m[op + JOB] + ASTRAY] == 0:
        save_job(m, m[op + JOB])
    w[w[CHOSEN] + w[CHOSEN_N]], w[w[KEYS] + w[CHOSEN_N]] = op, count
    w[CHOSEN_N] += 1
    m[m[op + JOB] + SINCE] = 0
    for k in range(count):
        lift_one(m, op + OPERATION * k)


@kernel
def lift_rest(m: Ints, w: Ints, i: int) -> None:
    """Of what was taken out i-th, take out all that follows, too."""
    op = w[w[CHOSEN] + i]
    job = m[op + JOB]
    for k in range(m[op + POS] + 1, m[job + N]):
        lift_one(m, m[job + FIRST] + OPERATION * k)
    w[w[KEYS] + i] = m[job + N] - m[op + POS]


@kernel
def lift_one(m: Ints, op: int) -> None:
    """Take an operation out, noting where it stood."""
    m[op + OLD], m[op + OLD + 1], m[op + OLD + 2] = m[op + IN], m[op + START], m[op + END]
    remove(m, op)


@kernel
def ready_of(m: Ints, op: int) -> int:
    """From when an operation may start, as its job stands."""
    job = m[op + JOB]
    if m[op + POS] == 0:
        return m[job + READY]
    before = op - OPERATION
    return max(m[job + READY], m[before + END] + m[before + MIN_LAG])


@kernel
def start_by_of(m: Ints, op: int) -> int:
    """By when an operation must start, as its job stands."""
    return FAR if m[op + POS] == 0 else latest_start(m, op - OPERATION, m[op - OPERATION + END])


@kernel
def put_rest(m: Ints, op: int, work: Ints) -> bool:
    """Place a job from an operation on, each where it ends earliest, or in a firing soon after."""
    n = m[m[op + JOB] + N] - m[op + POS]
    return put_chain(m, op, n, ready_of(m, op), start_by_of(m, op), patience(m), work) == 0


@kernel
def choose_in_way(m: Ints, w: Ints, step: int) -> None:
    """Take out one that stands where an operation that was taken out would like to be, and perhaps some
    beside it or in its firing; of those looked at, the one with most room after it."""
    r = any_mode(m, step)
    starts, n = m[r + LINE] + RUN_START, m[r + LINE_N]
    lo = max(0, later(m, starts, n, RUN, ready_of(m, step)) - 1)
    hi = later(m, starts, n, RUN, m[step + OLD + 1] - 1)
    if hi <= lo:
        return
    run = lo + draw(m, hi - lo)
    best = someone(m, r, run)
    for _ in range(1, LOOKED_AT):
        k = lo + draw(m, hi - lo)
        other = someone(m, r, k)
        if room_after(m, other) > room_after(m, best):
            best, run = other, k
    if room_after(m, best) <= 0:
        return
    lift(m, w, best, 1)
    for _ in range(draw(m, BESIDE)):
        if run >= m[r + LINE_N]:
            return
        other = someone(m, r, run)
        if room_after(m, other) > 0:
            lift(m, w, other, 1)


@kernel
def room_after(m: Ints, op: int) -> int:
    """By how much an operation may end later: without anything else moving, or at the end of its job; 0 where
    it may not, or its job has moved in this round."""
    job = m[op + JOB]
    if job == 0 or m[op + FACT] == 1 or m[job + SINCE] >= 0 or m[op + POS] < m[job + FREE]:
        return 0
    spare = to_spare(m, op)
    if m[op + POS] == m[job + N] - 1:
        return spare
    following = op + OPERATION
    return max(spare, m[following + START] - m[op + MIN_LAG] - m[op + END])


@kernel
def move_on(m: Ints, w: Ints, i: int, work: Ints) -> bool:
    """One that was taken out takes another place: where what follows can stay, else with all that follows;
    false where its job would end too late, or there is no place."""
    op = w[w[CHOSEN] + i]
    job = m[op + JOB]
    last = m[op + POS] == m[job + N] - 1
    by = allowed(m, job)
    limit, need = by, -FAR
    if not last:
        following = op + OPERATION
        limit = m[following + START] - m[op + MIN_LAG]
        if m[op + MAX_LAG] < FAR:
            need = m[following + START] - m[op + MAX_LAG]
    end = earliest(m, op, ready_of(m, op), need, start_by_of(m, op), patience(m))
    if end >= 0 and end <= limit:
        place(m, op, m[OUT], m[OUT + 1], end)
        return True
    if last:
        return False
    lift_rest(m, w, i)
    return put_rest(m, op, work) and end_of(m, job) <= by


@kernel
def allowed(m: Ints, job: int) -> int:
    """By when who gives way must end: as promised, or where nothing is, in time or no later than before."""
    if m[job + PROMISED] < FAR:
        return m[job + PROMISED]
    return max(m[job + DUE], end_of(m, job))


@kernel
def put_down(m: Ints, w: Ints) -> None:
    """Put all that was taken out where it stood."""
    for i in range(w[CHOSEN_N]):
        for k in range(w[w[KEYS] + i]):
            op = w[w[CHOSEN] + i] + OPERATION * k
            if m[op + AT] != 0:
                remove(m, op)
    for i in range(w[CHOSEN_N]):
        for k in range(w[w[KEYS] + i]):
            op = w[w[CHOSEN] + i] + OPERATION * k
            place(m, op, m[op + OLD], m[op + OLD + 1], m[op + OLD + 2])


@kernel
def agree(m: Ints, w: Ints, moved: bool) -> None:
    """The round is over; where something has moved, note who, and what their jobs cost now."""
    for i in range(w[CHOSEN_N]):
        job = m[w[w[CHOSEN] + i] + JOB]
        m[job + SINCE] = -1
        if moved:
            cost = job_cost(m, w, job)
            w[NOW] += cost - m[job + COST]
            m[job + COST] = cost
            stray(m, w, job)


@kernel
def send_home(m: Ints, w: Ints, wanted: int) -> None:
    """Who gave way and can stand where it stood by now goes back there; not the job for which they did, nor,
    if that is 0, any whose minutes cost something."""
    found = True
    while found:
        found = False
        for i in range(w[STRAYS_N]):
            job = w[w[STRAYS] + i]
            stays = job == wanted or (wanted == 0 and m[job + WEIGHT] > 0)
            for k in range(m[job + N] if stays else m[job + FREE], m[job + N]):
                op = m[job + FIRST] + OPERATION * k
                if m[op + IN] != m[op + BEST] or m[op + START] != m[op + BEST + 1]:
                    found = goes_home(m, op) or found


@kernel
def goes_home(m: Ints, op: int) -> bool:
    """Put an operation where it stood when the search began, if that is free and in step with its job."""
    under = m[UNDER]
    lift_one(m, op)
    start, end = m[op + BEST + 1], m[op + BEST + 2]
    fits = ready_of(m, op) <= start and start <= start_by_of(m, op) and is_followed(m, op, end)
    if fits and is_free(m, op, m[op + BEST], start, end):
        place(m, op, m[op + BEST], start, end)
        if m[UNDER] <= under:
            return True
        remove(m, op)
    place(m, op, m[op + OLD], m[op + OLD + 1], m[op + OLD + 2])
    return False


@kernel
def is_followed(m: Ints, op: int, end: int) -> bool:
    """Whether what follows in the job can stay if the operation ends then."""
    job = m[op + JOB]
    if m[op + POS] == m[job + N] - 1:
        return end <= m[job + PROMISED]
    start = m[op + OPERATION + START]
    return end + m[op + MIN_LAG] <= start and start <= latest_start(m, op, end)
