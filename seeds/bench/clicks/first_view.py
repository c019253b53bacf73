"""What the first view of a page costs: the bytes of everything it loads, and, where Chromium is there, how
long it takes on a slow phone until it can be used."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urljoin

import httpx2

BROWSER = {
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
}
_IMPORTED = re.compile(r"""(?:\bimport\s*|\bfrom\s*)["']([^"']+)["']""")
_STYLES = re.compile(r"""@import\s+(?:url\()?["']?([^"')]+)""")
_USUAL = re.compile(r'--sans:"([^"]+)"')
_FACES = re.compile(r"@font-face\{[^}]*\}")
_FILES = re.compile(r"""url\(["']?([^"')]+)""")
_LONG_TASKS = """
new PerformanceObserver(list => {
    window.lastLong = Math.max(window.lastLong || 0, ...list.getEntries().map(e => e.startTime + e.duration));
}).observe({type: "longtask", buffered: true})
"""
_USABLE = """() => Math.max(
    performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
    (performance.getEntriesByName("first-contentful-paint")[0] || {startTime: 0}).startTime,
    window.lastLong || 0)"""
QUIET = 2_500
"""Milliseconds after loading in which a long task still counts."""
SLOW_4G = {
    "offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 750_000 / 8,
}  # fmt: skip
SLOWDOWN = 4


@dataclass(slots=True)
class Weight:
    """Bytes that came, headers and compressed bodies, by address."""

    parts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.parts.values())


def weigh(client: httpx2.Client, path: str) -> Weight:
    """Load a page with its stylesheets, scripts, icon, pictures and the font of plain letters, as somebody
    new does."""
    weight, todo = Weight(), [urljoin(str(client.base_url), path)]
    while todo:
        url = todo.pop()
        if url in weight.parts:
            continue
        weight.parts[url], kind, text = _loaded(client, url)
        todo += [urljoin(url, other) for other in _wanted(kind, text)]
    return weight


def _loaded(client: httpx2.Client, url: str) -> tuple[int, str, str]:
    with client.stream("GET", url, headers=BROWSER) as response:
        response.raise_for_status()
        raw = b"".join(response.iter_raw())
    fields = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
    head = len("HTTP/1.1 200 OK\r\n") + fields
    body = httpx2.Response(200, headers=response.headers, content=raw)
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return head + len(raw), kind, body.text if kind.startswith("text/") or "script" in kind else ""


def _wanted(kind: str, text: str) -> Iterator[str]:
    if kind == "text/html":
        reader = _Links()
        reader.feed(text)
        yield from reader.found
    elif "javascript" in kind:
        yield from _IMPORTED.findall(text)
    elif kind == "text/css":
        yield from _STYLES.findall(text)
        yield from _fonts(text)


def _fonts(css: str) -> Iterator[str]:
    """The font that text is set in, where these styles bring it, as far as it has plain letters."""
    usual = {f'font-family:"{name}";' for name in _USUAL.findall(css)}
    for face in _FACES.findall(css):
        if "U+0000-" in face and any(name in face for name in usual):
            yield from _FILES.findall(face)


class _Links(HTMLParser):
    """What a browser loads with a page: not what is lazy, nor what is for printing only."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        loads = told.get("rel") in ("stylesheet", "preload", "modulepreload", "icon", "manifest")
        if tag == "link" and loads:
            self.found.append(told["href"])
        elif tag in ("script", "img") and told.get("src") and told.get("loading") != "lazy":
            self.found.append(told["src"])


def browser() -> str | None:
    """The path of a Chromium or Chrome on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = (shutil.which(name) for name in names)
    return os.environ.get("COSMO_TEST_CHROMIUM") or next((path for path in found if path), None)


def usable_after(url: str, paths: list[str], times: int) -> dict[str, list[float]] | None:
    """Seconds from the start until all scripts have run, something is painted and no task of over 50 ms runs
    any more; each path `times` times, each by somebody new. Somebody was there before them: neither the
    browser nor the server has just begun. None where there is no browser to ask."""
    if browser() is None or find_spec("playwright") is None:  # it comes with the tests' packages only
        return None
    with import_module("playwright.sync_api").sync_playwright() as player:
        chrome = player.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        try:
            for path in paths:
                chrome.new_page().goto(url + path, wait_until="load")
            return {path: [_one_visit(chrome, url + path) for _ in range(times)] for path in paths}
        finally:
            chrome.close()


def _one_visit(chrome: Any, address: str) -> float:
    context = chrome.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    try:
        page = context.new_page()
        phone = context.new_cdp_session(page)
        phone.send("Network.enable")
        phone.send("Network.emulateNetworkConditions", SLOW_4G)
        phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.add_init_script(_LONG_TASKS)
        page.goto(address, wait_until="load")
        page.wait_for_timeout(QUIET)
        return float(page.evaluate(_USABLE)) / 1000
    finally:
        context.close()
