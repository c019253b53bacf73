"""What differs between two releases of a family, or a draft and a release; and a release's files."""

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from cosmo.errors import NotFound
from cosmo.i18n import N_, pick
from modules.rnd import checking, drafts, releases
from modules.rnd.diffing import Change, compare
from modules.rnd.family import Family, family_of
from modules.rnd.folders import zipped
from modules.rnd.models import Release
from modules.rnd.pages import READERS
from modules.rnd.pages_drafts import as_zip, plant_of
from web.deps import CurrentPrincipal, Locale, ReadSession, allow
from web.templating import render

router = APIRouter(prefix="/plant/products/{family}")
DRAFT = "draft"
SECTIONS = {
    "options": N_("Options"),
    "values": N_("Values"),
    "rules": N_("Rules"),
    "formulas": N_("How it is made"),
    "price": N_("Price drivers"),
    "texts": N_("Texts"),
    "cases": N_("Cases"),
}


@router.get("/diff", dependencies=[allow(*READERS)])
def diff(
    request: Request,
    family: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    before: str = Query("", alias="from"),
    after: str = Query("", alias="to"),
) -> Response:
    """What the second changes against the first; without names, the last release against the one before."""
    plant = plant_of(session, principal, family)
    known = releases.releases_of(session, family)
    if not known:
        raise NotFound(N_("This family has no release yet. There is nothing to compare."))
    draft = drafts.opened(session, family)
    after = after or known[0].id
    before = before or (draft.base if draft and after == DRAFT else _older(known, after))
    problem = ""
    try:
        old, new = (_side(session, family, plant.slug, name) for name in (before, after))
    except NotFound as missing:
        old, new, problem = None, None, missing.detail
    found = compare(old, new) if old and new else None
    names = [release.id for release in known] + ([DRAFT] if draft else [])
    return render(
        request,
        "rnd/diff.html",
        status=404 if problem else 200,
        problem=problem,
        family=family,
        title=pick(family_of(known[0].content).name, locale),
        names=names,
        before=before,
        after=after,
        sections=_by_section(found) if found is not None else None,
        count=len(found or ()),
    )


def _older(known: list[Release], name: str) -> str:
    """The release before that one, or itself where it is the first."""
    ids = [release.id for release in known]
    return ids[min(ids.index(name) + 1, len(ids) - 1)] if name in ids else name


def _side(session: Session, family: str, plant: str, name: str) -> Family | None:
    """The family as it is in that release or in the draft; None for a draft that cannot be read."""
    if name == DRAFT:
        engine = checking.check(drafts.draft_of(session, family).files, family, plant).engine
        return engine.product.family if engine else None
    return family_of(release_of(session, family, name).content)


def release_of(session: Session, family: str, name: str) -> Release:
    """The family's release of that id. Raises `NotFound`."""
    found = session.get(Release, name)
    if found is None or found.family != family:
        raise NotFound(N_("There is no such release here."))
    return found


def _by_section(found: list[Change]) -> list[tuple[str, list[Change]]]:
    rows = [(title, [change for change in found if change.section == key]) for key, title in SECTIONS.items()]
    return [(title, changes) for title, changes in rows if changes]


@router.get("/files", dependencies=[allow(*READERS)])
def files(family: str, session: ReadSession, principal: CurrentPrincipal, release: str = "") -> Response:
    """A release's files as a zip; the current one's where none is named."""
    plant_of(session, principal, family)
    found = release_of(session, family, release) if release else releases.current(session, family)
    return as_zip(zipped(drafts.files_at(session, found.id), family, found.released_at), found.id)
