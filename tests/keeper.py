"""Keeps one server alive for a test run: `python keeper.py PID USER FOLDER COMMAND...`.

Ends the server and removes FOLDER when the test run PID is gone, however it went, or on SIGTERM. PID and not
the parent, since with pytest-xdist a worker starts the server that the other workers use too.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def keep(pid: int, user: str, folder: Path, command: list[str]) -> int:
    """Run `command` as `user` ("" for oneself) until it ends or `pid` does; returns its exit status."""
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, user=user or None, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, env={**os.environ, "HOME": str(folder)},
        )  # fmt: skip
    try:
        while server.poll() is None and alive(pid):
            time.sleep(0.2)
    finally:
        status = _end(server)
        shutil.rmtree(folder, ignore_errors=True)
    return status


def _end(server: "subprocess.Popen[bytes]") -> int:
    """PostgreSQL ends fast on SIGINT and waits for its clients on SIGTERM."""
    for sign in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
        except ProcessLookupError:
            break
        try:
            server.wait(3)
        except subprocess.TimeoutExpired:
            continue
    return server.wait()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(keep(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4:]))
