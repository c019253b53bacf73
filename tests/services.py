"""Fixtures for what tests need besides Python: a real PostgreSQL, RabbitMQ, Redis and a browser.

A test asks for `postgres_url`, `rabbitmq_url`, `redis_url` or `browser` and gets an empty database, an empty
broker, an empty store or a browser; `shared_bench` is the folder of benchmark files beside the checkout.
A server is started on first use, on a port of its own in a folder of its own, and all pytest-xdist workers
use the same. `COSMO_TEST_POSTGRES`, `COSMO_TEST_RABBITMQ` and `COSMO_TEST_REDIS` name servers to use instead.

Where a service is missing, tests that need it are left out and one line says so. With `CI=true` they fail.
"""

import json
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers import (
    RUN,
    chromium,
    manage,
    postgres_programs,
    prepare_postgres,
    prepare_rabbitmq,
    prepare_redis,
    rabbitmq_program,
    redis_program,
    shared,
)


@dataclass(frozen=True, slots=True)
class Service:
    """What a fixture needs. `missing()` says in a few words why it cannot be had, or is empty."""

    name: str
    fixture: str
    missing: Callable[[], str]


def _missing(name: str, find: Callable[[], object], env: str = "") -> Callable[[], str]:
    return lambda: "" if (env and os.environ.get(env)) or find() else f"{name} not found"


def _shared_bench() -> Path | None:
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "bench"
    return beside if beside.exists() else None


SERVICES = (
    Service("PostgreSQL", "postgres_url", _missing("postgres", postgres_programs, "COSMO_TEST_POSTGRES")),
    Service("RabbitMQ", "rabbitmq_url", _missing("rabbitmq-server", rabbitmq_program, "COSMO_TEST_RABBITMQ")),
    Service("Redis", "redis_url", _missing("redis-server", redis_program, "COSMO_TEST_REDIS")),
    Service("a browser", "browser", _missing("chromium", chromium)),
    Service("the benchmark files", "shared_bench", _missing("../shared/bench", _shared_bench)),
)


# Fixtures


def _need(fixture: str) -> None:
    """For tests that ask at run time; those that name the fixture were sorted out at collection."""
    reason = next(service.missing() for service in SERVICES if service.fixture == fixture)
    if reason:
        (pytest.fail if in_ci() else pytest.skip)(reason)


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() == "true"


def _worker_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """A PostgreSQL server: the address of its database `postgres`, as psycopg reads it."""
    _need("postgres_url")
    named = os.environ.get("COSMO_TEST_POSTGRES")
    return (named or shared("postgres", prepare_postgres)["url"]).replace("+psycopg", "")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh database on a real PostgreSQL, as SQLAlchemy reads it; dropped after the test."""
    with database_on(postgres_server) as url:
        yield url


@contextmanager
def database_on(server: str, template: str = "template0") -> Iterator[str]:
    """A database like `template` on a PostgreSQL, as SQLAlchemy reads it; dropped in the end."""
    import psycopg

    name = f"cosmo_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.rpartition("/")[0].replace("postgresql:", "postgresql+psycopg:") + f"/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def rabbitmq_url() -> Iterator[str]:
    """A real RabbitMQ with a virtual host of the test's own; one named by environment is used as it is."""
    _need("rabbitmq_url")
    if named := os.environ.get("COSMO_TEST_RABBITMQ"):
        yield named
        return
    server = shared("rabbitmq", prepare_rabbitmq)
    host = f"test-{os.getpid()}-{time.monotonic_ns()}"
    manage(server["COSMO_TEST_PAGES"], "PUT", f"/vhosts/{host}")
    yield f"{server['url']}/{host}"
    manage(server["COSMO_TEST_PAGES"], "DELETE", f"/vhosts/{host}")


@pytest.fixture
def redis_url() -> Iterator[str]:
    """An empty database of a real Redis."""
    import redis

    _need("redis_url")
    url = os.environ.get("COSMO_TEST_REDIS") or f"{shared('redis', prepare_redis)['url']}/{_worker_number()}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium (playwright's synchronous Browser); open a context of your own in it."""
    from playwright.sync_api import sync_playwright

    _need("browser")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    flags += ["--disable-sync", "--no-first-run", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def shared_bench() -> Path:
    """The folder with plants, instances and an independent checker, which lies beside the checkout."""
    _need("shared_bench")
    return Path(str(_shared_bench()))


# pytest's hooks

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
"""Where tests have their folders, if there is so much room: every commit of a SQLite database waits for the
disk, some milliseconds on most, and what a test has written is not worth that."""


def _room_in_memory() -> int:
    """Bytes; 0 where there is no such folder, or one from which nothing can be run."""
    if not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return 0
    return shutil.disk_usage(MEMORY).free


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    if _room_in_memory() >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    run = Path(tempfile.mkdtemp(prefix="cosmo-test-"))
    (run / "pid").write_text(str(os.getpid()))
    os.environ[RUN] = str(run)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    run = Path(os.environ.pop(RUN))
    for state in run.glob("*.json"):
        keeper = int(json.loads(state.read_text())["keeper"])
        try:
            os.kill(keeper, signal.SIGTERM)
        except ProcessLookupError:
            continue
    shutil.rmtree(run, ignore_errors=True)


_left_out: Counter[str] = Counter()
"""Reason to number of tests."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = {
        service.fixture: f"{service.name} ({why})" for service in SERVICES if (why := service.missing())
    }
    if in_ci() or not missing:
        return
    reasons = {item: [missing[name] for name in _needs(item) if name in missing] for item in items}
    gone = [item for item in items if reasons[item]]
    _left_out.update(reasons[item][0] for item in gone)
    items[:] = [item for item in items if not reasons[item]]
    config.hook.pytest_deselected(items=gone)


def _needs(item: pytest.Item) -> set[str]:
    """The fixtures of a test; a parameter "postgres" (see `either_database`) stands for `postgres_url`."""
    parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
    return {*getattr(item, "fixturenames", ()), *(f"{p}_url" for p in parameters if isinstance(p, str))}


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = dict(_left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each worker collects all tests and so leaves out the same ones."""
    _left_out.update({} if _left_out else getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _left_out:
        parts = ", ".join(f"{count} need {what}" for what, count in sorted(_left_out.items()))
        terminalreporter.write_line(f"left out: {_left_out.total()} tests; {parts}")
