"""A small server for the look: guide and static files under the app's own policy; and a browser."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from web.middleware import CSP
from web.styleguide.__main__ import pages

STATIC = Path(__file__).resolve().parents[2] / "web" / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Handler(BaseHTTPRequestHandler):
    """Pages at /en/plan, static files at /static/..., both under the app's policy."""

    made: dict[str, dict[str, str]] = {}  # noqa: RUF012
    posts: dict[str, Callable[[dict[str, str]], tuple[int, str]]] = {}  # noqa: RUF012

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        file = STATIC / path.removeprefix("/static/")
        if path.startswith("/static/") and file.is_file():
            return self._answer(TYPES.get(file.suffix, "text/plain"), file.read_bytes())
        _, locale, name = path.split("/")
        body = self.made.setdefault(locale, {}).get(name)
        if body is None:
            self.made[locale] = pages("/static", locale=locale)
            body = self.made[locale][name]
        return self._answer("text/html; charset=utf-8", body.encode())

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {key: values[-1] for key, values in parse_qs(sent).items()}
        status, body = self.posts[self.path](fields)
        return self._answer("text/html; charset=utf-8", body.encode(), status)

    def _answer(self, kind: str, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Any]:
    """visit(name, width) opens a page; what the browser complains about fails the test at its end, unless it
    begins with one of `visit.expected`."""
    said: list[str] = []
    opened: list[Any] = []

    def go(name: str, width: int = 1440, height: int = 900, locale: str = "en") -> Any:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: said.append(str(e)))
        page.goto(f"{address}/{locale}/{name}")
        opened.append(page)
        return page

    go.expected = []  # type: ignore[attr-defined]
    yield go
    for page in opened:
        page.close()
    surprising = [words for words in said if not words.startswith(tuple(go.expected))]  # type: ignore[attr-defined]
    assert not surprising, surprising
