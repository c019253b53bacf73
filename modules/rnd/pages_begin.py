"""A family the plant does not have yet, begun on the page of products: from files, as a copy, or small."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import plants_of
from cosmo.errors import CosmoError, Invalid
from cosmo.i18n import N_
from cosmo.parties import Plant, Role
from modules.rnd import beginning
from modules.rnd.api import actor_of
from modules.rnd.folders import unpacked
from modules.rnd.pages_drafts import FamilyForm, sent_files
from modules.rnd.products_view import place_of, products_told
from web.deps import CurrentNow, CurrentPrincipal, Locale, WriteSession, allow
from web.forms import Sent
from web.templating import render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Wish:
    """One of the page's forms: what the family is to begin with."""

    session: Session
    plants: Sequence[Plant]
    sent: Sent

    def files(self) -> Mapping[str, str]:
        """The first draft's files. Raises `Invalid`."""
        match self.sent.fields.get("how"):
            case "files":
                return unpacked(sent_files(self.sent))
            case "copy":
                return beginning.copied(self.session, self.plants, self._typed("of"), self._typed("copy"))
            case "small":
                return beginning.starter(self.session, *self._place())
        raise Invalid(N_("Choose how the family begins: with files, as a copy, or with a small one."))

    def _typed(self, name: str) -> str:
        return self.sent.fields.get(name, "").strip()

    def _place(self) -> tuple[Plant, str, str]:
        """The plant, the slug, and the work centre that was chosen of all of them."""
        slug, chosen = beginning.checked_slug(self._typed("slug")), self._typed("station")
        for plant in self.plants:
            for station in beginning.stations(self.session, plant):
                if chosen == place_of(plant, station.code):
                    return plant, slug, station.code
        raise Invalid(beginning.NO_STATION)


@router.post("/plant/products", dependencies=[allow(Role.ENGINEER)])
def begin(
    request: Request,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    sent: FamilyForm,
) -> Response:
    """Begin the family and open its draft; what is wrong is said where it was sent, and what was typed
    stays."""
    plants = plants_of(session, principal)
    try:
        files = Wish(session, plants, sent).files()
        made = beginning.begin(session, plants, files, "", now, actor_of(principal))
    except CosmoError as error:
        there = error.slug if isinstance(error, beginning.SlugTaken) and error.own else None
        problem = {"problem": error.detail, "wrong": _wrong(error, sent.fields.get("how")), "there": there}
        told = products_told(session, principal, locale, sent.fields, **problem)
        return render(request, "rnd/products.html", status=error.status, **told)
    return RedirectResponse(f"/plant/products/{made.family}/draft", 303)


def _wrong(error: CosmoError, how: str | None) -> str | None:
    """The field that holds what is wrong; none where no form was chosen."""
    special = {beginning.NO_FAMILY_TO_COPY: "of", beginning.NO_STATION: "station"}
    return special.get(error.detail) or {"files": "files", "copy": "copy", "small": "slug"}.get(how or "")
