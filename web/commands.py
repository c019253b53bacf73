"""`cosmo serve`: the web side, and with the embedded broker the work too, in one process."""

import argparse
import gc
from dataclasses import replace

import uvicorn

from cosmo.asking import all_families
from cosmo.logs import begin_logging
from cosmo.process import Runtime
from cosmo.settings import read_settings
from web.app import create_app
from web.protocol import BoundedProtocol

LOT = 20_000
"""Objects made since the last look before Python looks for those that can go; its own 700 are two orders'."""
STOP_WITHIN = 3
"""Seconds for open requests when the process is asked to stop; streams end at once."""


def serve(argv: list[str]) -> int:
    """Serve pages and API; without an outside broker also do the work behind them."""
    settings = read_settings()
    parser = argparse.ArgumentParser(prog="cosmo serve", description=serve.__doc__)
    parser.add_argument("--host", default=settings.host)
    parser.add_argument("--port", type=int, default=settings.port)
    options = parser.parse_args(argv)
    begin_logging()
    run(Runtime(replace(settings, host=options.host, port=options.port)))
    return 0


def run(runtime: Runtime) -> None:
    """Start the runtime, serve until asked to stop, stop the runtime. Blocks."""
    runtime.start()
    try:
        http = server(runtime)
        get_ready(runtime)
        http.run()
    finally:
        runtime.stop()


def get_ready(runtime: Runtime) -> None:
    """Read the products before the first customer asks. What is in memory then stays until the end: looking
    through it again and again for what could go would stop every answer for a tenth of a second now and then.
    Short-lived rows are looked through in larger lots: a tenth of an order's time."""
    with runtime.database.read() as session:
        all_families(session)
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOT)


def server(runtime: Runtime) -> uvicorn.Server:
    """The HTTP server of a started runtime, not yet running."""
    settings = runtime.settings
    app = create_app(settings, runtime.database)
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    return uvicorn.Server(config)
