"""Requests forged by other sites: refused by where they come from, and by a token they cannot know.

Bearer keys and requests without a cookie carry nothing that could be ridden on. Browsers name the origin
of every unsafe request; what names none and asks as a signed-in cookie must show the token or send JSON,
which another site cannot send without our consent (CORS preflight).
"""

import hmac
from typing import ClassVar

from starlette.datastructures import FormData
from starlette.requests import Request

from cosmo.errors import NotAllowed
from cosmo.i18n import N_
from cosmo.identity import csrf_token
from web.site import site
from web.visits import Visit

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "X-CSRF-Token", "csrf"


class Forged(NotAllowed):
    type: ClassVar[str] = "csrf"
    title: ClassVar[str] = "This page is out of date"


async def check_csrf(request: Request, visit: Visit) -> None:
    """Raises `Forged` for an unsafe request that another site may have made."""
    if request.method in SAFE or visit.bearer:
        return
    if _from_elsewhere(request):
        raise Forged(N_("This request came from another site. Open the page here and try again."))
    if visit.sent is None or _is_plain_api(request, visit):
        return
    if not hmac.compare_digest(await _token(request), csrf_token(visit.sent)):
        raise Forged(
            N_("This page is older than your sign-in. Reload it and try again; nothing was changed.")
        )


def _from_elsewhere(request: Request) -> bool:
    site_header = request.headers.get("Sec-Fetch-Site")
    if site_header is not None:
        return site_header not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    ours = {f"{request.url.scheme}://{request.url.netloc}", site(request).settings.base_url.rstrip("/")}
    return origin not in ours


def _is_plain_api(request: Request, visit: Visit) -> bool:
    if not request.url.path.startswith("/api/"):
        return False
    json = request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/json"
    return json or not visit.principal.signed_in


async def _token(request: Request) -> str:
    header = request.headers.get(HEADER)
    if header is not None:
        return header
    kind = request.headers.get("Content-Type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return ""
    form: FormData = await request.form()
    value = form.get(FIELD)
    return value if isinstance(value, str) else ""
