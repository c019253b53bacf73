"""/api/v1 of drafts: begin a family; read, start, save, check, release, discard a family's next release."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session

from cosmo.access import plant_for
from cosmo.errors import NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from modules.rnd import beginning, checking, drafts
from modules.rnd.api import actor_of
from modules.rnd.checking import Finding
from modules.rnd.models import Draft, FamilyRow
from modules.rnd.places import Place
from modules.rnd.schemas import (
    BeginIn,
    CheckedOut,
    DifferenceOut,
    DraftIn,
    DraftOut,
    FindingOut,
    PlaceOut,
    ReleaseIn,
    ReleaseOut,
    StartIn,
)
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow

FAMILIES = "/plants/{slug}/products"
PATH = FAMILIES + "/{family}/draft"
router = APIRouter(prefix="/api/v1", tags=["rnd"])


def _plant(session: Session, principal: Principal, slug: str, family: str) -> Plant:
    """The plant, if it is the principal's and offers the family. Raises `NotFound`."""
    plant = plant_for(session, principal, slug)
    row = session.get(FamilyRow, family)
    if row is None or row.plant_id != plant.id:
        raise NotFound(N_("There is no such product family here."))
    return plant


def told(draft: Draft) -> DraftOut:
    """A draft as JSON, its files whole."""
    return DraftOut.model_validate(draft, from_attributes=True)


@router.post(FAMILIES, status_code=201, dependencies=[allow(Role.ENGINEER)])
def begin(
    slug: str, body: BeginIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> DraftOut:
    """Begin a family that the plant does not have yet; its draft is released like any other. 409 where the
    slug is taken."""
    plant = plant_for(session, principal, slug)
    files = body.files or _first_files(session, plant, body)
    return told(beginning.begin(session, [plant], files, body.note, now, actor_of(principal)))


def _first_files(session: Session, plant: Plant, body: BeginIn) -> dict[str, str]:
    wanted = body.slug or ""
    if body.copy_of:
        return beginning.copied(session, [plant], body.copy_of, wanted)
    return beginning.starter(session, plant, wanted, body.station)


@router.get(PATH, dependencies=[allow(Role.ENGINEER)])
def read(slug: str, family: str, session: ReadSession, principal: CurrentPrincipal) -> DraftOut:
    """The family's open draft."""
    _plant(session, principal, slug, family)
    return told(drafts.draft_of(session, family))


@router.post(PATH, status_code=201, dependencies=[allow(Role.ENGINEER)])
def start(
    slug: str, family: str, body: StartIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> DraftOut:
    """Start a draft from the current release; an open one is answered, with the note added."""
    _plant(session, principal, slug, family)
    return told(drafts.start(session, family, now, body.note, actor_of(principal)))


@router.put(PATH, dependencies=[allow(Role.ENGINEER)])
def save(
    slug: str, family: str, body: DraftIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> DraftOut:
    """Save these files, readable or not; 409 with what changed if the draft is not at `version` any more."""
    _plant(session, principal, slug, family)
    return told(drafts.save(session, family, body.files, body.version, now, actor_of(principal)))


@router.delete(PATH, dependencies=[allow(Role.ENGINEER)])
def discard(
    slug: str,
    family: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    version: Annotated[int, Query(ge=1, le=2**31 - 1)],
) -> DraftOut:
    """Close the draft unreleased."""
    _plant(session, principal, slug, family)
    return told(drafts.discard(session, family, version, now, actor_of(principal)))


@router.get(PATH + "/check", dependencies=[allow(Role.ENGINEER)])
def check(
    slug: str, family: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> CheckedOut:
    """What blocks a release of the draft, and what is odd."""
    plant = _plant(session, principal, slug, family)
    draft = drafts.draft_of(session, family)
    found = checking.check(draft.files, family, plant.slug)
    findings = [finding_out(one, locale) for one in found.findings]
    return CheckedOut(version=draft.version, blocked=bool(found.errors), findings=findings)


def finding_out(finding: Finding, locale: str) -> FindingOut:
    """A finding as JSON, its sentence in the reader's language."""
    return FindingOut(
        kind=finding.kind,
        blocks=finding.blocks,
        message=checking.sentence(finding, locale),
        place=_place(finding.place),
        rules={id_: _place(place) for id_, place in finding.rules},
        differences=[DifferenceOut.model_validate(line, from_attributes=True) for line in finding.lines],
    )


def _place(place: Place) -> PlaceOut:
    return PlaceOut(file=place.file or None, line=place.line or None)


@router.post(PATH + "/release", status_code=201, dependencies=[allow(Role.ENGINEER)])
def release(
    slug: str,
    family: str,
    body: ReleaseIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
) -> ReleaseOut:
    """Make the draft the family's next release. 422 with what blocks it, 409 if somebody else was there."""
    plant = _plant(session, principal, slug, family)
    made = drafts.release(session, family, body.version, plant, now, actor_of(principal))
    return ReleaseOut.model_validate(made, from_attributes=True)
