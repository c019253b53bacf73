"""The pictures that a family's options and values are shown with, as its release has them."""

from fastapi import APIRouter
from starlette.responses import Response

from cosmo.errors import NotFound
from cosmo.i18n import N_
from modules.rnd.models import Release
from modules.rnd.releases import engine_of
from modules.rnd.svg import read_svg
from web.deps import EVERYONE, ReadSession, allow

router = APIRouter()
_NONE = N_("There is no such picture here.")
_HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "public, max-age=31536000, immutable",
}


@router.get("/picture/{shown_release}/{picture}.svg", dependencies=[allow(*EVERYONE)])
def picture(shown_release: str, picture: str, session: ReadSession) -> Response:
    """One picture, cleaned as every drawing is; a release never changes, so it is kept for good."""
    if session.get(Release, shown_release) is None:
        raise NotFound(_NONE)
    found = engine_of(session, shown_release).product.family.picture(picture)
    if found is None:
        raise NotFound(_NONE)
    return Response(read_svg(found.svg.encode()).text, media_type="image/svg+xml", headers=_HARMLESS)
