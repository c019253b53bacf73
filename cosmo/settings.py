"""Settings from `COSMO_*` environment variables, read once at a process's start."""

import math
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from cosmo.errors import CosmoError
from cosmo.ids import new_token

DATABASES = ("sqlite", "sqlite+pysqlite", "postgresql", "postgres", "postgresql+psycopg")
DATABASE_WORDS = (
    "COSMO_DATABASE_URL is not an address of a database. "
    "Give sqlite:///path/to/file.db or postgresql://user:password@host:5432/name."
)
"""Does not repeat what was set: it may hold a password."""

SHORTEST_SECRET = 16


class WrongSetting(CosmoError):
    """A `COSMO_*` variable holds what it cannot; the command line answers it as it does a wrong argument."""

    status, type, title = 500, "wrong-setting", "A setting cannot be used"
    exit_code = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to know before it can open its database."""

    home: Path
    database_url: str
    broker_url: str | None
    port: int
    host: str
    base_url: str
    clock: str
    smtp_url: str | None
    secure_cookies: bool
    demo: bool
    mail_from: str = "orders@cosmo.invalid"
    secret: str = field(default="", repr=False)
    """What quotes are signed with; it is told to nobody and stands in no log."""

    @property
    def attachments(self) -> Path:
        return self.home / "attachments"

    @property
    def mail(self) -> Path:
        return self.home / "mail"


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from `env` (default: the process's environment); creates the home folder.

    Raises `WrongSetting`, naming the variable and what it takes.
    """
    env = os.environ if env is None else env
    home = Path(env.get("COSMO_HOME", ".cosmo")).resolve()
    home.mkdir(parents=True, exist_ok=True)
    host, port = env.get("COSMO_HOST", "127.0.0.1"), _port(env.get("COSMO_PORT", "8321"))
    base_url = env.get("COSMO_BASE_URL", f"http://{host}:{port}")
    return Settings(
        home=home,
        database_url=_driver(env.get("COSMO_DATABASE_URL", f"sqlite:///{home / 'cosmo.db'}")),
        broker_url=env.get("COSMO_BROKER_URL") or None,
        port=port,
        host=host,
        base_url=base_url,
        clock=_clock(env.get("COSMO_CLOCK", "real")),
        smtp_url=env.get("COSMO_SMTP_URL") or None,
        secure_cookies=base_url.startswith("https://"),
        demo=env.get("COSMO_DEMO", "") == "1",
        mail_from=env.get("COSMO_MAIL_FROM", f"orders@{urlsplit(base_url).hostname or 'localhost'}"),
        secret=_secret(env.get("COSMO_SECRET", ""), home),
    )


def _secret(given: str, home: Path) -> str:
    """As set, for processes that share no home; else the home's own, made once for all its processes."""
    if not given:
        return _secret_of(home / "secret")
    if len(given) < SHORTEST_SECRET:
        raise WrongSetting(f"COSMO_SECRET is too short; give at least {SHORTEST_SECRET} characters.")
    return given


def _secret_of(path: Path) -> str:
    """What the file holds; where there is none it appears whole, readable by its owner alone, and the first
    of two processes wins."""
    if not path.exists():
        with TemporaryDirectory(dir=path.parent, prefix="secret-") as folder:  # only its owner may enter
            made = Path(folder) / "made"
            made.touch(mode=0o600)
            made.write_text(new_token(), encoding="ascii")
            with suppress(FileExistsError):
                os.link(made, path)
    kept = path.read_text(encoding="ascii").strip()
    if len(kept) < SHORTEST_SECRET:
        raise WrongSetting(f"{path} is too short to sign with; remove it, and a new one is made.")
    return kept


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise WrongSetting(f"COSMO_PORT is {text!r}; give a number from 0 to 65535.")
    return int(text)


def _clock(text: str) -> str:
    """`real`, or how many times faster than the wall's the business time runs."""
    try:
        known = text == "real" or 0 <= float(text) < math.inf
    except ValueError:
        known = False
    if not known:
        raise WrongSetting(f"COSMO_CLOCK is {text!r}; give real, or a speed such as 60.")
    return text


def _driver(url: str) -> str:
    """PostgreSQL addresses without a driver get psycopg 3."""
    scheme, found, rest = url.partition("://")
    if not found or scheme not in DATABASES:
        raise WrongSetting(DATABASE_WORDS)
    if scheme in ("postgresql", "postgres"):
        return f"postgresql+psycopg://{rest}"
    return url
