"""Files that become a selection's value: artwork, models."""

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile

from cosmo import attachments
from cosmo.parties import Role
from web.deps import ORDERING, CurrentNow, RememberedPrincipal, WriteSession, allow
from web.problems import PROBLEMS
from web.shapes import Out
from web.site import site

router = APIRouter(prefix="/api/v1", tags=["orders"], responses=PROBLEMS)


class AttachmentOut(Out):
    """`id` goes into the selections; `media_type` is what the content is, whatever its name says."""

    id: str
    filename: str
    media_type: str
    size: int


@router.post("/attachments", status_code=201, dependencies=[allow(*ORDERING)])
def post_attachment(
    request: Request,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    file: Annotated[UploadFile, File(description="at most 10 MB")],
) -> AttachmentOut:
    """Keep a file; multipart, the part is called `file`."""
    if principal.role == Role.GUEST:
        site(request).limiter.hit("attachment", request.client.host if request.client else "")
    row = attachments.store(
        session,
        site(request).settings.attachments,
        file.file,
        file.filename or "",
        now=now,
        session_id=principal.session_id,
        account_id=principal.account_id,
    )
    return AttachmentOut(id=row.id, filename=row.filename, media_type=row.media_type, size=row.size)
