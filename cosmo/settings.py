"""Settings from `COSMO_*` environment variables, read once at a process's start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


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

    @property
    def attachments(self) -> Path:
        return self.home / "attachments"

    @property
    def mail(self) -> Path:
        return self.home / "mail"


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from `env` (default: the process's environment); creates the home folder."""
    env = os.environ if env is None else env
    home = Path(env.get("COSMO_HOME", ".cosmo")).resolve()
    home.mkdir(parents=True, exist_ok=True)
    host, port = env.get("COSMO_HOST", "127.0.0.1"), int(env.get("COSMO_PORT", "8321"))
    base_url = env.get("COSMO_BASE_URL", f"http://{host}:{port}")
    return Settings(
        home=home,
        database_url=_driver(env.get("COSMO_DATABASE_URL", f"sqlite:///{home / 'cosmo.db'}")),
        broker_url=env.get("COSMO_BROKER_URL") or None,
        port=port,
        host=host,
        base_url=base_url,
        clock=env.get("COSMO_CLOCK", "real"),
        smtp_url=env.get("COSMO_SMTP_URL") or None,
        secure_cookies=base_url.startswith("https://"),
        demo=env.get("COSMO_DEMO", "") == "1",
        mail_from=env.get("COSMO_MAIL_FROM", f"orders@{urlsplit(base_url).hostname or 'localhost'}"),
    )


def _driver(url: str) -> str:
    """PostgreSQL addresses without a driver get psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
