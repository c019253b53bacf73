"""Errors as answers: problem+json (RFC 9457) for programs, a page or a fragment for people."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DataError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from cosmo.errors import CosmoError
from cosmo.i18n import N_, gettext
from cosmo.turns import NoTurn
from web.site import site
from web.visits import visit_of

log = logging.getLogger("cosmo.web")
PROBLEM = "application/problem+json"
TITLES = {
    400: N_("This request cannot be carried out"),
    401: N_("Please sign in"),
    403: N_("Your role may not do this"),
    404: N_("Nothing is here"),
    405: N_("This address does not take that"),
    409: N_("This is not possible now"),
    413: N_("This is too large"),
    415: N_("This kind of content is not taken"),
    422: N_("Something needs another value"),
    429: N_("Too many requests"),
    500: N_("Something broke here"),
    503: N_("Not ready"),
}
DETAILS = {
    404: N_("There is nothing at this address. Go back, or begin at the front page."),
    405: N_("This address does not take that kind of request."),
    413: N_("What was sent is too large."),
    500: N_("Something broke on our side, and it is recorded. What you had saved is safe; try again soon."),
}
UNTAKEN = N_("What was sent cannot be taken, and nothing was changed. Go back, change it and send it again.")
OTHERWISE = N_("This is not a value for it.")
PLAIN = {
    "missing": (N_("This is missing."), ""),
    "string_too_long": (N_("At most {n} characters fit here."), "max_length"),
    "string_too_short": (N_("This is missing."), ""),
    "int_parsing": (N_("A whole number belongs here."), ""),
    "int_parsing_size": (N_("This number is too large."), ""),
    "int_from_float": (N_("A whole number belongs here."), ""),
    "float_parsing": (N_("A number belongs here."), ""),
    "decimal_parsing": (N_("A number belongs here."), ""),
    "greater_than_equal": (N_("The least here is {n}."), "ge"),
    "less_than_equal": (N_("The most here is {n}."), "le"),
}
"""pydantic's error types -> the sentence for a person, and which of its values {n} is."""
BUSY = N_("Very many people ask at once. Nothing was changed; try again in a moment.")
UNSTORABLE = N_("A text or a number in it cannot be stored. Take out unusual signs and try again.")


class Problem(BaseModel):
    """RFC 9457. `type` is stable; `detail` is a sentence a person can act on."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


def _described(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM: {"schema": Problem.model_json_schema()}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: _described(TITLES[status]) for status in (401, 403, 404, 409, 422, 429)
}
"""For `responses=` of API routes: how they refuse."""


def install(app: FastAPI) -> None:
    """Answer every error in the form the caller understands."""
    app.add_exception_handler(CosmoError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    for busy in (NoTurn, PoolTimeout):
        app.add_exception_handler(busy, _busy)
    for kind in (DataError, UnicodeEncodeError, OverflowError):
        app.add_exception_handler(kind, _unstorable)
    app.add_exception_handler(Exception, _broken)


def wants_json(request: Request) -> bool:
    """Programs get JSON: everything under /api, and whoever asks for JSON and not for pages."""
    accept = request.headers.get("Accept", "")
    return request.url.path.startswith("/api/") or ("json" in accept and "text/html" not in accept)


def answer(
    request: Request,
    status: int,
    kind: str,
    title: str,
    detail: str,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem, as problem+json, as a fragment for htmx or as a page."""
    extra = dict(extra or {})
    locale = visit_of(request).locale
    title, detail = gettext(locale, title), gettext(locale, detail)
    if wants_json(request):
        body = {"type": kind, "title": title, "status": status, "detail": detail, **jsonable_encoder(extra)}
        return JSONResponse(body, status, headers, media_type=PROBLEM)
    problem = {"status": status, "type": kind, "title": title, "detail": detail, "extra": extra}
    if status >= 500:  # what broke may be what the layout needs
        text = site(request).pages.markup("shell/broken.html", locale, problem=problem)
        return HTMLResponse(text, status, headers)
    name = "shell/problem_fragment.html" if "HX-Request" in request.headers else "shell/problem.html"
    return site(request).pages.render(request, name, status=status, headers=headers, problem=problem)


def answer_error(request: Request, error: CosmoError) -> Response:
    """The answer to an error that must not roll back: return it instead of raising."""
    return _refused(request, error)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CosmoError)
    if error.status == 401 and not wants_json(request) and request.method == "GET":
        return _to_sign_in(request)
    headers = {"Retry-After": str(error.extra["retry_after"])} if "retry_after" in error.extra else None
    if error.status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return answer(request, error.status, error.type, error.title, error.detail, error.extra, headers)


def _to_sign_in(request: Request) -> Response:
    where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = f"/sign-in?{urlencode({'next': where})}"
    if "HX-Request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if not wants_json(request):
        locale = visit_of(request).locale
        plain = [{"field": _label(e, locale), "message": _plainly(e, locale)} for e in error.errors()[:5]]
        return answer(request, 422, "invalid", TITLES[422], UNTAKEN, {"errors": plain})
    fields = [_field(e) for e in error.errors()]
    named = "; ".join(f"{f['field']}: {f['message']}" for f in fields[:5])
    return answer(request, 422, "invalid", TITLES[422], named, {"errors": fields})


def _label(error: Mapping[str, Any], locale: str) -> str:
    """The form's field as a word; empty where nobody has it in the reader's language."""
    name = _field(error)["field"].rpartition(".")[2].replace("_", " ")
    word = name[:1].upper() + name[1:]
    told = gettext(locale, word)
    return "" if locale != "en" and told == word else told


def _plainly(error: Mapping[str, Any], locale: str) -> str:
    """What a person may do about one of pydantic's complaints."""
    sentence, limit = PLAIN.get(error.get("type", ""), (OTHERWISE, ""))
    return gettext(locale, sentence, n=error.get("ctx", {}).get(limit, ""))


def _field(error: Mapping[str, Any]) -> dict[str, str]:
    """Where and what, without echoing what was sent."""
    where: Sequence[Any] = error.get("loc", ())
    path = ".".join(str(p) for p in (where[1:] if len(where) > 1 else where))
    return {"field": path or "body", "message": str(error.get("msg", ""))}


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    title = TITLES.get(status, TITLES[400])
    detail = DETAILS.get(status) or str(error.detail)
    kind = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}.get(status, "bad-request")
    return answer(request, status, kind, title, detail, None, error.headers)


def _unstorable(request: Request, error: Exception) -> Response:
    """A zero byte, half a character, a number beyond all columns: what no database takes."""
    log.info("%s %s sent what cannot be stored: %s", request.method, request.url.path, error)
    return answer(request, 422, "invalid", TITLES[422], UNSTORABLE)


def _busy(request: Request, error: Exception) -> Response:
    """The database had no turn or no connection in time; nothing was done."""
    log.warning("%s %s found the database busy: %s", request.method, request.url.path, error)
    return answer(request, 503, "busy", TITLES[503], BUSY, {"retry_after": 2}, {"Retry-After": "2"})


def too_large(request: Request) -> Response:
    """The answer to a body that is not even read."""
    return answer(request, 413, "too-large", TITLES[413], DETAILS[413])


def _broken(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(request, 500, "internal", TITLES[500], DETAILS[500])
