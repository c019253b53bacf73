"""What happens to tests whose service is missing, and to servers whose test run is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MISSING = """
import tests.services as services
services.SERVICES = (services.Service("RabbitMQ", "rabbitmq_url", lambda: "rabbitmq-server not found"),)
"""
TESTS = """
import pytest

def test_with(rabbitmq_url): pass

@pytest.mark.parametrize("broker", ["rabbitmq", "stub"])
def test_either(broker, request):
    if broker == "rabbitmq":
        request.getfixturevalue("rabbitmq_url")

def test_without(): pass
"""
HOLDS_A_SERVER = """
import pathlib, time

def test_it(redis_url):
    pathlib.Path("port").write_text(redis_url)
    time.sleep(60)
"""


def run(folder: Path, ci: str, *options: str) -> "subprocess.CompletedProcess[str]":
    (folder / "conftest.py").write_text(MISSING)
    (folder / "test_it.py").write_text(TESTS)
    env = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.services", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [[], ["-n", "2"]])
def test_on_a_desk_they_are_left_out_and_one_line_says_so(tmp_path: Path, options: list[str]) -> None:
    done = run(tmp_path, "", *options)
    assert done.returncode == 0, done.stdout
    assert "left out: 2 tests; 2 need RabbitMQ (rabbitmq-server not found)" in done.stdout.splitlines()
    assert "2 passed" in done.stdout.splitlines()[-1]


def test_in_ci_they_fail(tmp_path: Path) -> None:
    done = run(tmp_path, "true")
    assert done.returncode == 1
    assert "left out" not in done.stdout
    assert "rabbitmq-server not found" in done.stdout


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(holds: bool, port: int) -> bool:
    until = time.monotonic() + 10
    while answers(port) != holds and time.monotonic() < until:
        time.sleep(0.1)
    return answers(port) == holds


def test_a_killed_run_leaves_no_server_behind(tmp_path: Path, redis_url: str) -> None:
    (tmp_path / "test_it.py").write_text(HOLDS_A_SERVER)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for name in ("PYTEST_XDIST_WORKER", "COSMO_TEST_REDIS"):
        env.pop(name, None)
    command = [sys.executable, "-m", "pytest", "-p", "tests.services", "-p", "no:cacheprovider", "-q"]
    killed = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL)
    noted = tmp_path / "port"
    while not noted.exists() or not noted.read_text():
        assert killed.poll() is None
        time.sleep(0.1)
    port = int(noted.read_text().rpartition(":")[2].partition("/")[0])
    assert eventually(True, port)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert eventually(False, port)
