"""How often a plant kept the day it first promised: for programs, as a page, and as a line in the shop."""

from datetime import date
from itertools import dropwhile
from typing import Any

from babel.dates import format_date
from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from cosmo.access import plant_named
from cosmo.clock import Now
from cosmo.i18n import N_, gettext, ngettext
from cosmo.parties import Plant
from cosmo.score import LEAST, Score, Tally
from web.deps import EVERYONE, CurrentNow, Locale, ReadSession, allow
from web.problems import PROBLEMS
from web.shapes import Out
from web.site import site
from web.templating import render

router = APIRouter(tags=["plants"])
TOO_FEW = N_("Too few orders have come due to say how often the first promised day is kept.")
YEAR, MONTH = N_("In twelve months"), N_("In 30 days")


class TallyOut(Out):
    """`percent` is rounded down; null for fewer than `least` orders."""

    since: date
    kept: int
    counted: int
    percent: int | None


class MonthOut(Out):
    """`month` as in 2026-06."""

    month: str
    kept: int
    counted: int


class PromiseScoreOut(Out):
    """Counted up to and including the day before `as_of`, in the plant's days; `definition` is a page."""

    plant: str
    as_of: date
    twelve_months: TallyOut
    thirty_days: TallyOut
    months: list[MonthOut]
    least: int
    definition: str


@router.get("/api/v1/plants/{slug}/promise-score", dependencies=[allow(*EVERYONE)], responses=PROBLEMS)
def promise_score(request: Request, slug: str, session: ReadSession, now: CurrentNow) -> PromiseScoreOut:
    """How many of the plant's orders came on the day first promised, in twelve months and in 30 days."""
    score = score_of(request, session, plant_named(session, slug), now)
    return PromiseScoreOut(
        plant=slug,
        as_of=score.today,
        twelve_months=_tally_out(score.year, score.since),
        thirty_days=_tally_out(score.month, score.lately),
        months=[
            MonthOut(month=first.isoformat()[:7], kept=tally.kept, counted=tally.counted)
            for first, tally in score.by_month
        ],
        least=LEAST,
        definition=address(slug),
    )


def _tally_out(tally: Tally, since: date) -> TallyOut:
    return TallyOut(since=since, kept=tally.kept, counted=tally.counted, percent=tally.percent)


@router.get("/plants/{slug}/promise-score", dependencies=[allow(*EVERYONE)])
def promise_score_page(
    request: Request, slug: str, session: ReadSession, now: CurrentNow, locale: Locale
) -> Response:
    """The same for people, with its definition and every month."""
    plant = plant_named(session, slug)
    score = score_of(request, session, plant, now)
    return render(
        request,
        "shell/promise_score.html",
        plant=plant,
        brand=plant.name,
        score=score,
        spans=((YEAR, score.year, score.since), (MONTH, score.month, score.lately)),
        months=_shown(score, locale),
        least=LEAST,
    )


def _shown(score: Score, locale: str) -> list[dict[str, Any]]:
    """The months from the first in which an order counts."""
    shown = dropwhile(lambda month: month[1].counted == 0, score.by_month)
    return [_month(first, tally, score, locale) for first, tally in shown]


def _month(first: date, tally: Tally, score: Score, locale: str) -> dict[str, Any]:
    """A row of the plot: bars as shares of the month with the most orders."""
    most = max(1, *(other.counted for _, other in score.by_month))
    return {
        "name": format_date(first, "yyyy年M月" if locale == "zh" else "MMMM yyyy", locale=locale),
        "tally": tally,
        "kept": tally.kept / most,
        "counted": tally.counted / most,
    }


def score_of(request: Request, session: Session, plant: Plant, now: Now) -> Score:
    """The plant's score as this process knows it."""
    return site(request).scores.of(session, plant, now)


def address(slug: str) -> str:
    """Where the score is explained."""
    return f"/plants/{slug}/promise-score"


def line(score: Score, slug: str, locale: str) -> dict[str, str]:
    """`{text, href}`: one quiet line that leads to the definition."""
    if score.year.percent is None:
        return {"text": gettext(locale, TOO_FEW), "href": address(slug)}
    text = ngettext(
        locale,
        "Kept on the first promised day: {percent}% of {n} order in twelve months.",
        "Kept on the first promised day: {percent}% of {n} orders in twelve months.",
        score.year.counted,
        percent=score.year.percent,
    )
    return {"text": text, "href": address(slug)}
