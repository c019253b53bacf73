"""A server of its own for a bench: own home, own port, seeded, in its own process, ended afterwards."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from cosmo.settings import read_settings

READY_WITHIN = 300.0


@dataclass(frozen=True, slots=True)
class Served:
    """A running server and everybody's keys."""

    url: str
    keys: dict[tuple[str, str], str]
    """(role, party or plant) -> API key."""
    home: Path
    database_url: str

    def client(self, role: str, where: str) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.keys[role, where]}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60.0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    database_url: str | None = None, *, small: bool = True, also: Callable[[str], None] | None = None
) -> Iterator[Served]:
    """Seed and serve; on SQLite in the home folder unless `database_url` says otherwise. `also` gets the
    database's address once it is seeded, and may add to it."""
    with tempfile.TemporaryDirectory(prefix="cosmo-bench-") as folder:
        port = free_port()
        env = {**os.environ, "COSMO_HOME": folder, "COSMO_PORT": str(port), "COSMO_CLOCK": "1"}
        env.pop("COSMO_BROKER_URL", None)
        env.pop("COSMO_BASE_URL", None)
        env.pop("COSMO_DATABASE_URL", None)
        if database_url:
            env["COSMO_DATABASE_URL"] = database_url
        seed = [sys.executable, "-m", "cosmo", "seed", *(["--small"] if small else [])]
        subprocess.run(seed, env=env, check=True, stdout=subprocess.DEVNULL)
        if also is not None:
            also(read_settings(env).database_url)
        server = subprocess.Popen(
            [sys.executable, "-m", "cosmo", "serve"],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, server)
            own = f"sqlite:///{folder}/cosmo.db"
            yield Served(url, _keys(Path(folder)), Path(folder), database_url or own)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(url: str, server: "subprocess.Popen[bytes]") -> None:
    began = time.monotonic()
    while time.monotonic() - began < READY_WITHIN:
        if server.poll() is not None:
            raise RuntimeError(f"The server ended with status {server.returncode}.")
        try:
            if httpx2.get(f"{url}/readyz", timeout=2.0).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"The server was not ready within {READY_WITHIN:.0f} s.")


def _keys(home: Path) -> dict[tuple[str, str], str]:
    told = json.loads((home / "demo.json").read_text(encoding="utf-8"))
    return {(a["role"], a["plant"] or a["party"]): a["api_key"] for a in told["accounts"]}
