"""Files that become a selection's value: artwork, models."""

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile

from web.deps import ORDERING, CurrentNow, RememberedPrincipal, WriteSession, allow
from web.problems import PROBLEMS
from web.shapes import Out
from web.uploads import keep

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
    row = keep(session, request, file.file, file.filename or "", principal, now)
    return AttachmentOut(id=row.id, filename=row.filename, media_type=row.media_type, size=row.size)
