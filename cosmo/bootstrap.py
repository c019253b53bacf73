"""Make `.venv` from requirements.lock and go on inside it. Standard library only.

It runs before anything is installed and on whatever `python3` the person has, so it must also parse on a
Python that is too old, in order to say so.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
DISTRIBUTION = "cosmo-platform"
TEST_MARKER = "# test-only"
OLDEST = (3, 11)
WITHOUT_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Failed to establish|Name or service not known|ProxyError"
    r"|Temporary failure in name|Connection refused|Network is unreachable|ConnectTimeout|Max retries"
)


class CannotPrepare(Exception):
    """Its text is one sentence, or a few, that say what to do."""


def ensure(argv: list[str]) -> None:
    """Return if this interpreter can run Cosmo; else prepare `.venv` and become its Python."""
    try:
        _go_on_in_venv(argv)
        _keep_compiled()
    except CannotPrepare as stop:
        sys.exit(f"cosmo: {stop}")
    except KeyboardInterrupt:
        sys.exit("\ncosmo: stopped. The next start goes on where this one ended.")


def _go_on_in_venv(argv: list[str]) -> None:
    tests = argv[:1] == ["test"]
    if _someone_else_installs(tests):
        return
    if not _stamp_fits(tests):
        _refuse_unfit_python()
        with _one_at_a_time():
            if not _stamp_fits(tests):
                sync(tests)
                _become_venv_python(argv)
    if not _inside_venv():
        _become_venv_python(argv)


def _become_venv_python(argv: list[str]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.environ.pop("__PYVENV_LAUNCHER__", None)  # macOS: would make the new process believe it is the old one
    os.execv(str(_python()), [str(_python()), "-m", "cosmo", *argv])


def _keep_compiled() -> None:
    """Compiling takes longer than all the rest of a start. Who wants no compiled files beside the sources
    (PYTHONDONTWRITEBYTECODE, as in many containers) has them in `.venv`, which is ours; so have the processes
    that this one starts."""
    if sys.dont_write_bytecode and sys.pycache_prefix is None and _inside_venv() and _stamp_file().exists():
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(VENV / "compiled")
        sys.dont_write_bytecode = False
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def _python() -> Path:
    return VENV / "bin" / "python"


def _inside_venv() -> bool:
    return os.path.realpath(sys.prefix) == os.path.realpath(VENV)


def _refuse_unfit_python() -> None:
    if os.name == "nt":
        raise CannotPrepare("Cosmo runs on Linux and macOS. On Windows, use the Windows Subsystem for Linux.")
    if sys.version_info >= OLDEST:
        return
    here = ".".join(str(part) for part in sys.version_info[:3])
    names = ("python3.11", "python3.12", "python3.13", "python3.14")
    newer = next((name for name in names if shutil.which(name)), "")
    hint = f"Run it as: {newer} -m cosmo" if newer else "Install Python 3.11 or newer and run it with that."
    raise CannotPrepare(f"Cosmo needs Python 3.11 or newer; this is Python {here}. {hint}")


# What is installed already


def _someone_else_installs(tests: bool) -> bool:
    """True under `uv run` and in a person's own environment: all is there, without a stamp of ours."""
    if _inside_venv() and _stamp_file().exists():
        return False
    try:
        needed = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return False
    return sys.version_info >= OLDEST and all(_has(line) for line in needed if _applies(line, tests))


def _applies(requirement: str, tests: bool) -> bool:
    extra = re.search(r"extra\s*==\s*['\"](\w+)['\"]", requirement)
    return extra is None or (tests and extra[1] == "test")


def _has(requirement: str) -> bool:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    try:
        return name is None or bool(importlib.metadata.version(name[0]))
    except importlib.metadata.PackageNotFoundError:
        return False


def _stamp_file() -> Path:
    return VENV / "cosmo-stamp.json"


def _wanted(tests: bool) -> dict[str, object]:
    """What the stamp says once everything is in place."""
    digest = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (LOCK, PROJECT)}
    return {"lock": digest[LOCK.name], "project": digest[PROJECT.name], "tests": tests}


def _stamp() -> dict[str, object]:
    try:
        found = json.loads(_stamp_file().read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stamp_fits(tests: bool) -> bool:
    stamp, wanted = _stamp(), _wanted(tests)
    same = stamp.get("lock") == wanted["lock"] and stamp.get("project") == wanted["project"]
    return same and bool(stamp.get("tests") or not tests) and _python().exists()


def _write_stamp(wanted: dict[str, object]) -> None:
    new = _stamp_file().with_suffix(".new")
    new.write_text(json.dumps(wanted))
    new.replace(_stamp_file())


# Installing


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the lock file itself; a second start waits here until the first has installed.

    pip inherits the hold: if this process is killed, the next start waits until its pip has ended too.
    """
    import fcntl  # does not exist on Windows, which was refused before

    with LOCK.open("r+b") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another start is installing; waiting for it")
            fcntl.flock(held, fcntl.LOCK_EX)
        os.set_inheritable(held.fileno(), True)
        yield
        os.set_inheritable(held.fileno(), False)


def sync(tests: bool) -> None:
    """Bring `.venv` to what the lock says, with the test tools if `tests`; may be repeated after a break."""
    began, before = time.monotonic(), _stamp()
    wanted = _wanted(tests or bool(before.get("tests")))
    _make_venv()
    if before.get("lock") != wanted["lock"] or before.get("tests") != wanted["tests"]:
        _stamp_file().unlink(missing_ok=True)
        _drop_half_installed()
        _install_locked(bool(wanted["tests"]))
    _say("putting Cosmo itself in place")
    _pip(["install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT)])
    _write_stamp(wanted)
    _say(f"ready after {time.monotonic() - began:.0f} s")


def _make_venv() -> None:
    if _pip_works() or (_python().exists() and _run([str(_python()), "-m", "ensurepip", "--upgrade"])):
        _refuse_old_venv()
        return
    _say("preparing .venv; this happens once and takes a minute or two")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode:
        raise CannotPrepare(
            "Python could not make a virtual environment. On Debian and Ubuntu it needs the package "
            f"python3-venv. Python said:\n{_last_lines(made.stdout.splitlines(), 3)}"
        )


def _refuse_old_venv() -> None:
    if not _run([str(_python()), "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"]):
        raise CannotPrepare(
            f"{VENV} belongs to a Python older than 3.11. Delete that folder and start again."
        )


def _pip_works() -> bool:
    return _python().exists() and _run([str(_python()), "-m", "pip", "--version"])


def _run(command: list[str]) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def _site_packages() -> Path:
    return next((VENV / "lib").glob("python3*/site-packages"))


def _drop_half_installed() -> None:
    """pip takes a killed install for a finished one; only INSTALLER, written last, tells them apart."""
    for info in _site_packages().glob("*.dist-info"):
        if not (info / "INSTALLER").exists():
            shutil.rmtree(info)
    for leftover in _site_packages().glob("~*"):
        shutil.rmtree(leftover, ignore_errors=True)


def locked(tests: bool) -> str:
    """The part of the lock to install: what the product runs on, with `tests` the whole of it."""
    text = LOCK.read_text()
    return text if tests else text.split(TEST_MARKER)[0]


def _install_locked(tests: bool) -> None:
    text = locked(tests)
    total = len(re.findall(r"^[A-Za-z0-9].*==", text, re.MULTILINE))
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "requirements.txt"
        part.write_text(text)
        progress = _Progress(total)
        command = ["install", "--require-hashes", "--no-deps", "--no-compile", "--progress-bar", "off"]
        try:
            _pip([*command, "--retries", "2", "-r", str(part)], progress.read)
        finally:
            progress.end()


class _Progress:
    """Counts packages while pip fetches them, and again while it unpacks them."""

    def __init__(self, total: int) -> None:
        self.total, self.seen = total, 0
        self._unpacking: threading.Thread | None = None
        self._ended = threading.Event()

    def read(self, line: str) -> None:
        found = re.match(r"(?:Collecting|Requirement already satisfied:|Ignoring|Processing) (\S+)", line)
        if found:
            self.seen += 1
            name = re.split(r"==|-\d|:", found[1].rpartition("/")[2])[0]
            _say(f"{self.seen} of {self.total} {name}", passing=True)
        elif line.startswith("Installing collected packages"):
            fetched = line.count(",") + 1
            self._unpacking = threading.Thread(target=self._count_unpacked, args=(fetched,), daemon=True)
            self._unpacking.start()

    def _count_unpacked(self, fetched: int) -> None:
        before, told = self._unpacked(), -1
        while not self._ended.wait(0.3):
            done = min(self._unpacked() - before, fetched)
            if done != told:
                _say(f"unpacking {done} of {fetched}", passing=True)
                told = done

    @staticmethod
    def _unpacked() -> int:
        return sum(1 for _ in _site_packages().glob("*.dist-info/INSTALLER"))

    def end(self) -> None:
        self._ended.set()
        if self._unpacking:
            self._unpacking.join()
        _say("", passing=True)


def _pip(arguments: list[str], each_line: Callable[[str], None] | None = None) -> None:
    """Run the environment's pip, give its lines to `each_line`, raise `CannotPrepare` if it fails."""
    settings = {"PYTHONUNBUFFERED": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
    command = [str(_python()), "-m", "pip", *arguments]
    lines: list[str] = []
    with subprocess.Popen(
        command,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        close_fds=False,  # the lock file stays held for as long as pip runs
    ) as running:
        for line in running.stdout or ():
            lines.append(line.rstrip())
            if each_line:
                each_line(line)
    if running.returncode:
        raise CannotPrepare(_why_pip_failed(lines))


def _why_pip_failed(lines: list[str]) -> str:
    text = "\n".join(lines)
    if "DO NOT MATCH THE HASHES" in text:
        return (
            "a package did not have the content that requirements.lock names, so nothing more was installed. "
            "Try again; if it stays so, tell the people who look after your package index.\n"
            + _last_lines(lines, 8)
        )
    if "No space left" in text:
        return "the disk is full. Make room (about 1 GB) and run the same command again."
    if WITHOUT_NETWORK.search(text):
        return (
            "the package index cannot be reached. Check the network connection and run the same command "
            "again; it goes on from here."
        )
    return f"installing failed. pip said:\n{_last_lines(lines, 15)}"


def _last_lines(lines: list[str], count: int) -> str:
    return "\n".join(f"  {line}" for line in lines[-count:])


def _say(text: str, *, passing: bool = False) -> None:
    """One line on stderr; on a terminal a passing line is overwritten by the next one."""
    if not sys.stderr.isatty():
        if text:
            print(f"cosmo: {text}", file=sys.stderr, flush=True)
        return
    line = f"cosmo: {text}" if text else ""
    print(f"\r\033[K{line}", end="" if passing else "\n", file=sys.stderr, flush=True)
