"""What one web process holds: settings, database, static files, templates, limits, scores, the live hub."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from starlette.requests import HTTPConnection

from cosmo.db import Database
from cosmo.limits import Limiter
from cosmo.precedence import Precedence
from cosmo.score import Scores
from cosmo.settings import Settings
from web.assets import Assets
from web.desk import Desk
from web.door import Door
from web.hub import Hub
from web.lane import Lane
from web.sessions import Sessions

if TYPE_CHECKING:
    from web.templating import Pages

HERE = Path(__file__).parent


@dataclass(slots=True)
class Site:
    """Made once by `create_app`; reached from a request by `site(request)`."""

    settings: Settings
    db: Database
    assets: Assets
    pages: "Pages"
    hub: Hub
    sessions: Sessions
    desk: Desk
    door: Door
    lane: Lane
    answers: Precedence
    """Who waits for an answer; what runs in the lane stands aside meanwhile."""
    limiter: Limiter = field(default_factory=Limiter)
    scores: Scores = field(default_factory=Scores)


def site(request: HTTPConnection) -> Site:
    """The site that serves this request."""
    return cast(Site, request.app.state.site)
