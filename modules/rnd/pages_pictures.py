"""The pictures that a family's options and values are shown with, as its release has them."""

from fastapi import APIRouter
from starlette.responses import Response

from cosmo.errors import NotFound
from cosmo.i18n import N_
from modules.rnd.models import Release
from modules.rnd.svg import read_svg
from web.deps import EVERYONE, ReadSession, allow

router = APIRouter()
_NONE = N_("There is no such picture here.")
_HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "public, max-age=86400",
}


@router.get("/picture/{shown_release}/{picture}.svg", dependencies=[allow(*EVERYONE)])
def picture(shown_release: str, picture: str, session: ReadSession) -> Response:
    """One picture, cleaned as every drawing is; a release never changes, so it is kept for a day."""
    release = session.get(Release, shown_release)
    drawings = release.content.get("pictures", ()) if release else ()
    found = next((str(one["svg"]) for one in drawings if one["name"] == picture), None)
    if found is None:
        raise NotFound(_NONE)
    return Response(read_svg(found.encode()).text, media_type="image/svg+xml", headers=_HARMLESS)
