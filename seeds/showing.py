"""The demo and the seeding, as commands: what `seeds.commands` imports once they are asked for."""

import argparse
import logging
import sys
import threading
import time
from pathlib import Path

import httpx2

from cosmo.db import Database
from cosmo.process import Runtime
from cosmo.settings import Settings, read_settings
from scheduler.compiling import load_apart
from seeds import demo as demonstration
from web.commands import get_ready, server


def demo(argv: list[str]) -> int:
    """Run the demonstration: seeded plants, simulated people and machines, one address to open."""
    parser = argparse.ArgumentParser(prog="cosmo demo", description=demo.__doc__)
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-simulator", action="store_true", help="let nobody play but you")
    parser.add_argument("--small", action="store_true", help="plants without a past, ready sooner")
    parser.add_argument("--verbose", action="store_true", help="say what the simulator does")
    options = parser.parse_args(argv)
    settings = demonstration.demo_settings(_settings(options.port))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    load_apart()  # preparing the plants takes about as long as compiling, and leaves a core idle
    _seed(settings, small=options.small)
    runtime = Runtime(settings)
    runtime.start()
    path = demonstration.write_demo(runtime.database, settings)
    http = server(runtime)
    get_ready(runtime)
    ready = threading.Thread(target=_when_up, args=(settings, runtime, path, options), daemon=True)
    ready.start()
    try:
        http.run()
    finally:
        runtime.stop()
    return 0


def _settings(port: int | None) -> Settings:
    import os

    env = dict(os.environ)
    if port is not None:
        env["COSMO_PORT"] = str(port)
    return read_settings(env)


def _seed(settings: Settings, *, small: bool) -> None:
    """Seed with one line that says how far it is."""
    demonstration.prepare(settings.database_url, small=small, report=_report)
    _report("Letters to customers")
    demonstration.send_mails(settings)
    if sys.stdout.isatty():
        print("\r\033[K", end="")


def _report(line: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\033[KPreparing the plants. {line}", end="", flush=True)
    else:
        print(f"Preparing the plants. {line}", flush=True)


def _when_up(settings: Settings, runtime: Runtime, path: Path, options: argparse.Namespace) -> None:
    """Once the server answers: let time run, let the players in, say where to look."""
    while not _answers(settings.base_url):
        time.sleep(0.1)
    demonstration.start_clock(runtime.database, float(settings.clock))
    if not options.no_simulator:
        demonstration.start_simulator(path, verbose=options.verbose)
    print(f"\nCosmo is at {settings.base_url}  (all data is synthetic)\n")
    print("\n".join(demonstration.logins(path)))
    print(f"\nMore logins and API keys are in {path.name}. Stop with Ctrl-C.\n", flush=True)


def _answers(base_url: str) -> bool:
    try:
        return httpx2.get(f"{base_url}/readyz", timeout=2.0).status_code == 200
    except httpx2.TransportError:
        return False


def seed(argv: list[str]) -> int:
    """Write the sample plants, people and products into the database."""
    parser = argparse.ArgumentParser(prog="cosmo seed", description=seed.__doc__)
    parser.add_argument("--small", action="store_true", help="without a past")
    options = parser.parse_args(argv)
    settings = read_settings()
    _seed(settings, small=options.small)
    database = Database(settings.database_url)
    demonstration.write_demo(database, settings)
    database.dispose()
    print(f"Seeded; logins are in {settings.home.name}/demo.json.")
    return 0
