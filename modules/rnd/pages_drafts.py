"""A family's next release, written in the browser: its files, their check, a try-out beside them.

One form carries the files and the try-out; whichever button is pressed, what is typed is saved first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import plants_of
from cosmo.clock import Now
from cosmo.errors import CosmoError, Invalid, NotFound
from cosmo.i18n import N_, pick
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from modules.rnd import cases, checking, drafts, releases
from modules.rnd.api import actor_of
from modules.rnd.drafts_view import (
    CASE,
    CHOSEN,
    Typed,
    live,
    merged,
    moved,
    name_of,
    texts,
    tried_at,
    typed_of,
)
from modules.rnd.engine import Engine
from modules.rnd.family import FILES
from modules.rnd.folders import unpacked, zipped
from modules.rnd.models import Draft, FamilyRow
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.forms import Sent, reading
from web.templating import render
from web.texts import too_long

router = APIRouter(prefix="/plant/products/{family}")
CASES = "cases.yaml"
LONGEST_NOTE = 2000
FamilyForm = Annotated[Sent, Depends(reading(len(FILES)))]
"""A form that may bring every file of a family at once."""
_OUT_OF_DATE = N_("This page was not complete. Look at the texts, then save again.")


def sent_files(sent: Sent) -> list[tuple[str, bytes]]:
    """The files of the field `files`: one zip, or the family's files by themselves."""
    return [(upload.name, upload.content) for upload in sent.several.get("files", ())]


def plant_of(session: Session, principal: Principal, family: str) -> Plant:
    """The plant that offers the family, if it is the principal's. Raises `NotFound`."""
    row = session.get(FamilyRow, family)
    plants = {plant.id: plant for plant in plants_of(session, principal)}
    if row is None or row.plant_id not in plants:
        raise NotFound(N_("There is no such product family here."))
    return plants[row.plant_id]


@router.get("/draft", dependencies=[allow(Role.ENGINEER)])
def draft(
    request: Request, family: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """The open draft with its check and try-out; where there is none, the form that starts one."""
    plant_of(session, principal, family)
    found = drafts.opened(session, family)
    if found is None:
        return _beginning(request, session, family)
    return _page(request, session, principal, locale, found, chosen=_chosen(request.query_params))


def _chosen(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name.startswith(CHOSEN)}


def _beginning(
    request: Request, session: Session, family: str, problem: str = "", note: str = "", status: int = 200
) -> Response:
    return render(
        request,
        "rnd/draft_start.html",
        status=status,
        slug=family,
        names=releases.names_of(session, family),
        release=releases.offered(session, family),
        discarded=drafts.discarded(session, family),
        problem=problem,
        written=note,
    )


def _page(
    request: Request,
    session: Session,
    principal: Principal,
    locale: str,
    found: Draft,
    *,
    files: Mapping[str, str] | None = None,
    chosen: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
    **more: Any,
) -> Response:
    """The draft with these texts in its fields (its own where none are given)."""
    plant = plant_of(session, principal, found.family)
    shown = dict(files if files is not None else found.files)
    told = live(session, found, plant, shown, chosen or {}, locale)
    base = drafts.files_at(session, found.base) or shown
    current = releases.offered(session, found.family)
    context = {
        "title": pick(releases.names_of(session, found.family), locale),
        "texts": texts(shown, base, told["findings"]),
        "behind": current if current and current.id != found.base else None,
        "by": name_of(session, found.updated_by),
        "problem": problem,
        "moved": (),
        **more,
    }
    worst = status if status != 200 else _status(told)
    return render(request, "rnd/draft.html", status=worst, **told, **context)


def _status(told: Mapping[str, Any]) -> int:
    """As at the try-out of a release: a value that can never be is refused."""
    tried = told["tried"]
    alone = tried and (tried.wrong or any(len(c.options) == 1 for c in tried.answer.conflicts))
    return 422 if alone else 200


@router.post("/drafts", dependencies=[allow(Role.ENGINEER)])
def start(
    request: Request,
    family: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    note: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Start a draft from the current release, or take up the one that was discarded."""
    plant_of(session, principal, family)
    problem = too_long(note, locale, LONGEST_NOTE)
    if problem:
        return _beginning(request, session, family, problem, note, 422)
    if again:
        drafts.take_up(session, family, now, actor_of(principal))
    else:
        drafts.start(session, family, now, note, actor_of(principal))
    return RedirectResponse(f"/plant/products/{family}/draft", 303)


@router.post("/draft/live", dependencies=[allow(Role.ENGINEER)])
def look(
    request: Request,
    family: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    sent: FamilyForm,
) -> Response:
    """The check and the try-out of what is typed now; nothing is saved."""
    plant = plant_of(session, principal, family)
    found, typed = drafts.draft_of(session, family), typed_of(sent)
    files = {name: text.replace("\r\n", "\n") for name, text in {**found.files, **typed.files}.items()}
    told = live(session, found, plant, files, typed.chosen, locale)
    return render(request, "rnd/draft_live.html", status=_status(told), **told)


@dataclass(slots=True)
class Desk:
    """One form sent from the page: it is saved first, then the button's work is done."""

    request: Request
    session: Session
    principal: Principal
    now: Now
    locale: str
    family: str
    plant: Plant
    sent: Sent
    typed: Typed

    @property
    def author(self) -> str:
        return actor_of(self.principal)

    def save(self) -> Draft | Response:
        """The draft with what was typed, or the page that says why it is not saved; nothing typed is lost."""
        found, typed = drafts.draft_of(self.session, self.family), self.typed
        if typed.version is None or not typed.files:
            return self.page(found, {**found.files, **typed.files}, _OUT_OF_DATE, 422)
        try:
            return drafts.save(self.session, self.family, typed.files, typed.version, self.now, self.author)
        except drafts.DraftMoved as refused:
            told = moved(self.session, typed, refused)
            return self.page(refused.draft, merged(typed, refused.draft), refused.detail, 409, moved=told)
        except Invalid as error:
            return self.page(found, {**found.files, **typed.files}, error.detail, 422)

    def page(
        self, found: Draft, files: Mapping[str, str], problem: str, status: int, **more: Any
    ) -> Response:
        return _page(
            self.request, self.session, self.principal, self.locale, found,
            files=files, chosen=self.typed.chosen, problem=problem, status=status, **more,
        )  # fmt: skip

    def saved(self, found: Draft, problem: str, status: int = 422) -> Response:
        """The page as it is now, with what the button could not do."""
        return self.page(found, found.files, problem, status)

    def back(self) -> Response:
        """To the page, with the try-out as it stood; a value that can never be is told at once."""
        found = drafts.draft_of(self.session, self.family)
        page = self.page(found, found.files, "", 200)
        if page.status_code != 200:
            return page
        asked = {name: value for name, value in self.typed.chosen.items() if value and name != CASE}
        query = f"?{urlencode(asked)}" if asked else ""
        return RedirectResponse(f"/plant/products/{self.family}/draft{query}#live", 303)


def _desk(
    request: Request,
    family: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    sent: FamilyForm,
) -> Desk:
    plant = plant_of(session, principal, family)
    return Desk(request, session, principal, now, locale, family, plant, sent, typed_of(sent))


AtDesk = Annotated[Desk, Depends(_desk)]


@router.post("/draft", dependencies=[allow(Role.ENGINEER)])
def save(desk: AtDesk) -> Response:
    """Save the texts, readable or not."""
    found = desk.save()
    return desk.back() if isinstance(found, Draft) else found


@router.post("/draft/release", dependencies=[allow(Role.ENGINEER)])
def release(desk: AtDesk) -> Response:
    """Save, then make it the next release; what blocks it is shown beside the files."""
    found = desk.save()
    if isinstance(found, Response):
        return found
    if checking.check(found.files, desk.family, desk.plant.slug).errors:
        blocked = N_("Not released yet. Your text is saved; mend what is listed, then release it.")
        return desk.saved(found, blocked)
    try:
        made = drafts.release(desk.session, desk.family, found.version, desk.plant, desk.now, desk.author)
    except CosmoError as error:
        return desk.saved(found, error.detail, error.status)
    return RedirectResponse(f"/plant/products/{desk.family}?release={made.id}", 303)


@router.post("/draft/case", dependencies=[allow(Role.ENGINEER)])
def take_case(desk: AtDesk) -> Response:
    """Take the try-out as a case, or have a case (`again`) expect what comes of it now."""
    found = desk.save()
    if isinstance(found, Response):
        return found
    try:
        text = _with_case(desk, found)
        drafts.save(desk.session, desk.family, {CASES: text}, found.version, desk.now, desk.author)
    except CosmoError as error:
        return desk.saved(found, error.detail)
    return desk.back()


def _with_case(desk: Desk, found: Draft) -> str:
    engine = checking.check(found.files, desk.family, desk.plant.slug).engine
    if engine is None:
        raise Invalid(N_("Mend what cannot be read first; then there is something to take."))
    again = desk.sent.fields.get("again", "")
    case = _expected_now(engine, again) if again else _case_of_try_out(desk, engine, found)
    return cases.with_case(found.files.get(CASES, ""), case)


def _expected_now(engine: Engine, again: str) -> dict[str, Any]:
    known = next((case for case in engine.product.family.cases if case.id == again), None)
    if known is None:
        raise Invalid(N_("There is no such case any more."))
    return cases.again(engine, known)


def _case_of_try_out(desk: Desk, engine: Engine, found: Draft) -> dict[str, Any]:
    tried = tried_at(engine, desk.typed.chosen, desk.locale, found.base)
    if tried.spec is None:
        raise Invalid(N_("This try-out is not complete. Choose the rest, then take it as a case."))
    name = desk.sent.fields.get("case", "").strip() or pick(tried.spec.title, "en")[:60]
    if len(name) > 60:
        raise Invalid(N_("A case's name has at most 60 letters."))
    return cases.taken(engine.product, tried.selections, tried.spec, tried.quantity, name)


@router.post("/draft/files", dependencies=[allow(Role.ENGINEER)])
def bring_in(desk: AtDesk) -> Response:
    """Save, then put the files of a zip, or files by themselves, in place of the draft's."""
    found = desk.save()
    if isinstance(found, Response):
        return found
    try:
        files = unpacked(sent_files(desk.sent))
        drafts.save(desk.session, desk.family, files, found.version, desk.now, desk.author)
    except Invalid as error:
        return desk.saved(found, error.detail)
    return desk.back()


@router.post("/draft/base", dependencies=[allow(Role.ENGINEER)])
def go_on(desk: AtDesk) -> Response:
    """Save, then take the current release as the draft's base."""
    found = desk.save()
    if isinstance(found, Response):
        return found
    drafts.go_on_from(desk.session, desk.family, found.version, desk.now, desk.author)
    return desk.back()


@router.post("/draft/discarding", dependencies=[allow(Role.ENGINEER)])
def discard(desk: AtDesk) -> Response:
    """Save, then close the draft; it can be taken up again."""
    found = desk.save()
    if isinstance(found, Response):
        return found
    drafts.discard(desk.session, desk.family, found.version, desk.now, desk.author)
    return RedirectResponse(f"/plant/products/{desk.family}/draft", 303)


@router.get("/draft/files", dependencies=[allow(Role.ENGINEER)])
def take_out(family: str, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """The draft's files as a zip."""
    plant_of(session, principal, family)
    found = drafts.draft_of(session, family)
    return as_zip(zipped(found.files, family, found.updated_at), f"{family}-draft")


def as_zip(content: bytes, name: str) -> Response:
    """A zip for keeping, never for showing."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(content, media_type="application/zip", headers=headers)
