"""Files that visitors send, and the pictures of them that are shown again."""

from typing import BinaryIO

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from cosmo import attachments
from cosmo.attachments import Attachment, Lost
from cosmo.clock import Now
from cosmo.errors import NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.parties import Role
from web.site import site
from web.visits import visit_of

PICTURES = frozenset(("image/png", "image/jpeg", "image/svg+xml"))
"""Media types a browser shows as a picture."""
NO_PICTURE = N_("This file has no picture.")
_HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "private, max-age=86400, immutable",
}


def keep(
    session: Session, request: Request, content: BinaryIO, name: str, principal: Principal, now: Now
) -> Attachment:
    """Store a file for this visitor. Raises `TooLarge`, `WrongFile`, `TooMany`."""
    if principal.role == Role.GUEST:
        site(request).limiter.hit("attachment", request.client.host if request.client else "")
    return attachments.store(
        session,
        site(request).settings.attachments,
        content,
        name,
        now=now,
        session_id=principal.session_id,
        account_id=principal.account_id,
    )


def picture_of(request: Request, session: Session, attachment_id: str | None) -> Response:
    """An uploaded picture as an answer; scripts in it never run. Raises `NotFound`."""
    row = attachments.find(session, attachment_id or "")
    if row.media_type not in PICTURES:
        raise NotFound(NO_PICTURE)
    try:
        content = attachments.read(site(request).settings.attachments, row)
    except Lost:
        if _asks_for_a_picture(request):
            return _placeholder(request)
        raise
    return Response(content, media_type=row.media_type, headers=_HARMLESS)


def _asks_for_a_picture(request: Request) -> bool:
    """Whether it is for a place in a page, where no sentence of an error page could be read."""
    accept = request.headers.get("Accept", "")
    return "image/" in accept and "text/html" not in accept


def _placeholder(request: Request) -> Response:
    """A plain ground with a sentence on it, which browsers draw although it is a 404."""
    drawn = site(request).pages.markup("parts/picture_lost.html", visit_of(request).locale)
    headers = {**_HARMLESS, "Cache-Control": "no-store"}
    return Response(str(drawn), 404, media_type="image/svg+xml", headers=headers)
