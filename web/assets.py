"""Static files under one address per content: `/static/<digest>/css/base.css` may be cached for ever."""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


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


def _digest(root: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


class HashedFiles(StaticFiles):
    """Serves `<digest>/<path>` for ever, and plain paths or an old digest with revalidation."""

    def __init__(self, assets: Assets) -> None:
        super().__init__(directory=assets.root)
        self._current = assets.digest

    async def get_response(self, path: str, scope: Scope) -> Response:
        first, _, rest = path.partition("/")
        hashed = len(first) == len(self._current) and all(c in "0123456789abcdef" for c in first)
        response = await super().get_response(rest if hashed else path, scope)
        fresh = hashed and first == self._current and response.status_code in (200, 206, 304)
        response.headers["Cache-Control"] = FOR_EVER if fresh else ASK_AGAIN
        return response
