"""Static files under one address per content: `/static/<digest>/css/base.css` may be cached for ever.

Several files come as one, `css/tokens+base.css`, and a script brings what it imports (`joining`).
"""

import hashlib
import re
from pathlib import Path

from markupsafe import Markup
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from web import joining

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
KINDS = {".css": "text/css", ".js": "text/javascript"}
_FIRST = re.compile(
    r'<link rel="stylesheet" href="([^"]+)">|<script src="([^"]+)" (?:type="(module)"|defer)></script>'
)


_TOKENS = re.compile(r'<link rel="stylesheet" href="([^"]+/)css/tokens')
TYPEFACE = "vendor/fonts/instrument-sans-latin-wght-normal.woff2"


class Assets:
    """Addresses of the files in `root`. One digest covers the whole folder, so that a stylesheet's or a
    script's relative references stay right under it."""

    def __init__(self, root: Path, prefix: str = "/static") -> None:
        self.root, self.prefix = root, prefix
        self.digest = _digest(root)

    def url(self, path: str) -> str:
        """The address of `path` (like `css/base.css`). Raises `FileNotFoundError`: a wrong name is a bug."""
        if not (self.root / path).is_file():
            raise FileNotFoundError(f"There is no static file {path!r}.")
        return f"{self.prefix}/{self.digest}/{path}"

    def styles(self, *names: str) -> str:
        """The address of these stylesheets, in this order, as one. Raises `FileNotFoundError`."""
        return self.together("css", *(f"{name}.css" for name in names))

    def together(self, folder: str, *files: str) -> str:
        """The address of these files of one kind, in this order, as one. Raises `FileNotFoundError`."""
        for file in files:
            self.url(f"{folder}/{file}")
        suffix = Path(files[0]).suffix
        names = "+".join(file.removesuffix(suffix) for file in files)
        return f"{self.prefix}/{self.digest}/{folder}/{names}{suffix}"

    def joined(self, path: str) -> tuple[str, str] | None:
        """What comes as one under this path, and its media type: what `together` names, or a script with what
        it imports. None where the path names no such."""
        folder, _, file = path.rpartition("/")
        suffix = Path(file).suffix
        if suffix not in KINDS or ".." in folder.split("/"):
            return None
        names = tuple(file.removesuffix(suffix).split("+"))
        if len(names) > 1:
            found = joining.together(self.root / folder, names, suffix)
        else:
            found = joining.script(self.root / folder / file) if path.startswith("js/") else None
        return None if found is None else (found, KINDS[suffix])


def _digest(root: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def linked(*addresses: str) -> Markup:
    """What loads these stylesheets in a page."""
    return Markup("").join(Markup('<link rel="stylesheet" href="{}">').format(url) for url in addresses)


def early(page: str) -> dict[str, str]:
    """The `Link` header of a page: its stylesheets, its scripts and its typeface, which a browser asks for
    while the page itself is still under way: a slow one need not lay it out anew when all else is done.
    Nothing for a fragment, nor for what is for paper only."""
    head = page[: page.find("</head>") + 1]
    hints = [*map(_hint, _FIRST.findall(head)), *map(_typeface, _TOKENS.findall(head))]
    return {"Link": ", ".join(hints)} if head else {}


def _typeface(folder: str) -> str:
    return f"<{folder}{TYPEFACE}>; rel=preload; as=font; type=font/woff2; crossorigin"


def _hint(found: tuple[str, str, str]) -> str:
    sheet, script, module = found
    if sheet:
        return f"<{sheet}>; rel=preload; as=style"
    return f"<{script}>; rel=modulepreload" if module else f"<{script}>; rel=preload; as=script"


class HashedFiles(StaticFiles):
    """Serves `<digest>/<path>` for ever, and plain paths or an old digest with revalidation."""

    def __init__(self, assets: Assets) -> None:
        super().__init__(directory=assets.root)
        self._assets, self._current = assets, assets.digest

    async def get_response(self, path: str, scope: Scope) -> Response:
        first, _, rest = path.partition("/")
        hashed = len(first) == len(self._current) and all(c in "0123456789abcdef" for c in first)
        response = await self._found(rest if hashed else path, scope)
        fresh = hashed and first == self._current and response.status_code in (200, 206, 304)
        response.headers["Cache-Control"] = FOR_EVER if fresh else ASK_AGAIN
        return response

    async def _found(self, path: str, scope: Scope) -> Response:
        joined = self._assets.joined(path)
        if joined is None:
            return await super().get_response(path, scope)
        text, kind = joined
        return PlainTextResponse(text, media_type=kind)
