"""What surrounds every request: security headers, the session cookie, metrics, and a second try after a
deadlock. Plain ASGI, so that streams pass untouched."""

import logging
from time import perf_counter

from prometheus_client import Counter, Histogram
from sqlalchemy.exc import OperationalError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cosmo.identity import GUEST_FOR
from web.problems import too_large
from web.visits import COOKIE, LANGUAGE_COOKIE, Visit, chosen_locale

log = logging.getLogger("cosmo.web")
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
}
REQUESTS = Counter("cosmo_http_requests_total", "Requests answered", ("method", "status"))
SECONDS = Histogram("cosmo_http_seconds", "Seconds from request to the first byte of the answer", ("method",))


class Edge:
    """Adds headers and the session cookie to every answer, and counts it. Who asked waits until the answer
    begins: a stream begins at once."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, method = perf_counter(), scope["method"]
        waiting = scope["app"].state.site.answers.begin()
        scope.setdefault("state", {})["waiting"] = waiting

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                waiting.over()
                REQUESTS.labels(method, message["status"]).inc()
                SECONDS.labels(method).observe(perf_counter() - began)
                self._finish(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            waiting.over()

    def _finish(self, scope: Scope, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if not scope["path"].startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")
        visit = scope.get("state", {}).get("visit")
        if isinstance(visit, Visit) and not visit.bearer and visit.secret != visit.sent:
            headers.append("Set-Cookie", self._cookie(COOKIE, visit.secret) + "; HttpOnly")
        if b"lang=" in scope["query_string"] and (language := chosen_locale(HTTPConnection(scope))):
            headers.append("Set-Cookie", self._cookie(LANGUAGE_COOKIE, language))

    def _cookie(self, name: str, value: str | None) -> str:
        age = int(GUEST_FOR.total_seconds()) if value else 0
        secure = "; Secure" if self._secure else ""
        return f"{name}={value or ''}; Path=/; Max-Age={age}; SameSite=Lax{secure}"


LARGEST_BODY = 16 * 1024 * 1024


class BodyLimit:
    """Refuses bodies beyond 16 MB: at once where the length is told, else when so much has come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = _length(scope) if scope["type"] == "http" else 0
        if told > LARGEST_BODY:
            await too_large(Request(scope))(scope, receive, send)
            return
        came = 0

        async def counting() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > LARGEST_BODY:
                raise HTTPException(413)
            return message

        await self.app(scope, counting, send)


def _length(scope: Scope) -> int:
    """The Content-Length, or 0 where none is told."""
    told = _header(scope, b"content-length")
    return int(told) if told.isdigit() and len(told) < 20 else 0


def _header(scope: Scope, name: bytes) -> bytes:
    """As sent; empty where it is not. ASGI gives names in lower case."""
    return next((value for key, value in scope["headers"] if key == name), b"")


_RETRYABLE = {"40001", "40P01"}
_REPLAY_UP_TO = 256 * 1024
_ATTEMPTS = 4


class Deadlocks:
    """Runs a request again when PostgreSQL chose it as a deadlock's victim; nothing of it was committed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD") or not _is_small(scope):
            await self.app(scope, receive, send)
            return
        before, replay = dict(scope), _Replay(receive)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self.app(scope, replay.begin(), send)
                return
            except OperationalError as error:
                if attempt == _ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _RETRYABLE:
                    raise
                log.info("%s %s met a deadlock and is tried again", scope["method"], scope["path"])
                scope.clear()
                scope.update(before)
                scope.get("state", {}).pop("visit", None)


def _is_small(scope: Scope) -> bool:
    return not _header(scope, b"transfer-encoding") and _length(scope) <= _REPLAY_UP_TO


class _Replay:
    """Keeps the body's messages as they are read, to tell them again."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._heard = receive, list[Message]()

    def begin(self) -> Receive:
        told = 0

        async def receive() -> Message:
            nonlocal told
            if told == len(self._heard):
                message = await self._receive()
                if message["type"] != "http.request":
                    return message
                self._heard.append(message)
            told += 1
            return self._heard[told - 1]

        return receive
