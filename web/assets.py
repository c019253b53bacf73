"""Static files under one address per content: `/static/<digest>/css/base.css` may be cached for ever.

Several stylesheets come as one file, `css/tokens+base.css`: on a slow phone each file is one more wait.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
_IMPORTED = re.compile(r"""^import [^"']*["']\./([\w.]+)["']""", re.MULTILINE)


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
        for name in names:
            self.url(f"css/{name}.css")
        return f"{self.prefix}/{self.digest}/css/{'+'.join(names)}.css"

    def modules(self, script: str) -> list[str]:
        """The addresses of a script module and of those it imports beside it, so that a page may ask for all
        of them at once."""
        text = (self.root / script).read_text("utf-8")
        beside = [f"{Path(script).parent.as_posix()}/{name}" for name in _IMPORTED.findall(text)]
        return [self.url(path) for path in (script, *beside)]

    def joined(self, path: str) -> str | None:
        """What stands in the stylesheets that `styles` names as one; None where the path names no such."""
        folder, _, file = path.rpartition("/")
        names = file.removesuffix(".css").split("+")
        if folder != "css" or not file.endswith(".css") or len(names) < 2:
            return None
        return _joined(self.root / folder, tuple(names))


@lru_cache(maxsize=64)
def _joined(folder: Path, names: tuple[str, ...]) -> str | None:
    files = {path.stem: path for path in folder.glob("*.css")}
    if len(names) > len(files) or not files.keys() >= set(names):
        return None
    return "\n".join(files[name].read_text("utf-8") for name in names)


def _digest(root: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def linked(*addresses: str) -> Markup:
    """What loads these stylesheets in a page."""
    return Markup("").join(Markup('<link rel="stylesheet" href="{}">').format(url) for url in addresses)


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
        text = self._assets.joined(path)
        if text is None:
            return await super().get_response(path, scope)
        return PlainTextResponse(text, media_type="text/css")
