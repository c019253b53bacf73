"""The compiled copies of the kernels, and what to do while they are not there yet.

A kernel is a plain function (see `scheduler.kernel`). `compiled(function)` is its copy made by numba, with
the kernels that it calls; machine code is kept on disk, in a folder named by a hash of all kernels, and loads
in a second or two. The first time on a machine it takes a minute: `warm_up()` does it in a process of its
own, and `ready()` says whether it is done, so that nobody waits who does not want to.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from importlib import metadata
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

from scheduler import native

NATIVE = {"shift": native.shift}
"""What makes the compiled copy of a kernel that numba cannot compile well as it stands."""
F = TypeVar("F", bound=Callable[..., Any])
_KERNELS: dict[Callable[..., Any], str] = {}
"""Every kernel, to its name."""
PLANTS, SHOPS = "plants", "shops"
"""What is compiled apart: the kernels for whole plants, and those for plain shops."""
_lock = threading.Lock()
_copies: dict[Callable[..., Any], Any] = {}
_reading = threading.Event()
"""Set while `load_apart` reads them from disk."""


def kernel(function: F) -> F:
    """Mark a function as a kernel. No two have the same name."""
    assert function.__name__ not in _KERNELS.values(), function.__name__
    _KERNELS[function] = function.__name__
    return function


def compiled(function: F) -> F:
    """The compiled copy of a kernel; compiling happens at its first call (or is read from disk)."""
    with _lock:
        if not _copies:
            _make_copies()
        copy: F = _copies[function]
        return copy


def _make_copies() -> None:
    import numba

    config: Any = numba.config
    config.CACHE_DIR = str(folder())
    compiler: Any = numba.njit
    for function in _KERNELS:
        if function.__name__ in NATIVE:
            _copies[function] = NATIVE[function.__name__]()
            continue
        assert isinstance(function, FunctionType)
        around = dict(function.__globals__)
        copy = FunctionType(function.__code__, around, function.__name__, function.__defaults__)
        copy.__module__, copy.__qualname__ = function.__module__, function.__qualname__
        # _nrt=False: kernels allocate nothing, and counting references at each call costs most of the time
        _copies[function] = compiler(cache=True, error_model="numpy", nogil=True, _nrt=False)(copy)
    by_name = {name: _copies[function] for function, name in _KERNELS.items()}
    for copy in _copies.values():
        copy.py_func.__globals__.update(by_name)


@cache
def folder() -> Path:
    """Where machine code is kept: under `SCHEDULER_CACHE`, else the user's cache, else a temporary folder."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    base = Path(os.environ.get("SCHEDULER_CACHE") or Path(home) / "cosmo-scheduler")
    here = base / _fingerprint()
    try:
        here.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=here):
            return here
    except OSError:
        here = Path(tempfile.gettempdir()) / f"cosmo-scheduler-{os.getuid()}" / _fingerprint()
        here.mkdir(parents=True, exist_ok=True, mode=0o700)
        return here


def _fingerprint() -> str:
    """Of all kernels' source, since numba looks only at the file of the function it is asked for; and of
    where they lie, since it finds no machine code that was made of the same source elsewhere."""
    here = Path(__file__).resolve().parent
    text = hashlib.sha256(f"{metadata.version('numba')} {sys.version} {here}".encode())
    kernels = sorted((Path(__file__).parent / "kernel").glob("*.py"))
    for path in (Path(__file__), Path(native.__file__), *kernels):
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


def possible() -> bool:
    """Whether kernels may be compiled: numba is there, and `SCHEDULER_PURE` is not set."""
    return not os.environ.get("SCHEDULER_PURE") and importlib.util.find_spec("numba") is not None


def ready(part: str = PLANTS) -> bool:
    """Whether the compiled kernels of a part are on disk, from a `warm_up` that has ended."""
    return possible() and (folder() / part).exists()


def loaded() -> bool:
    """Whether this process uses compiled kernels already, so that calling one makes nobody wait."""
    return bool(_copies) and not _reading.is_set()


def warm_up(*parts: str) -> None:
    """Compile every kernel of these parts that is called from outside, and note that it is done.

    Takes a minute or two the first time on a machine, a few seconds later. One process at a time does it.
    """
    from scheduler.warming import EXERCISES

    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for part in parts or EXERCISES:
            if not ready(part):
                EXERCISES[part]()
                (folder() / part).touch()


def warm_up_apart(part: str = PLANTS) -> subprocess.Popen[bytes] | None:
    """Begin `warm_up` of a part in a process of its own, of the lowest priority, unless that has been done.

    It outlives the caller. None where nothing is to be done, or kernels may not be compiled.
    """
    if not possible() or ready(part):
        return None
    code = f"import os; os.nice(19); from scheduler.compiling import warm_up; warm_up({part!r})"
    nothing = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
    )  # fmt: skip


@cache
def load_apart(part: str = PLANTS) -> threading.Thread | None:
    """Have this process use the compiled kernels as soon as they are there: a thread waits for
    `warm_up_apart` and reads them from disk. Until then everything goes on with the pure twins.

    A second call does nothing; None where kernels may not be compiled.
    """
    if not possible():
        return None
    thread = threading.Thread(target=_load, args=(part,), name=f"kernels of {part}", daemon=True)
    thread.start()
    return thread


def _load(part: str) -> None:
    compiling = warm_up_apart(part)
    if compiling is not None:
        compiling.wait()
    load(part)


def load(part: str = PLANTS) -> None:
    """Read the compiled kernels of a part from disk now, which takes seconds, if they are there. For servers,
    and for who counts seconds from a certain moment."""
    from scheduler.warming import EXERCISES

    if ready(part) and not loaded():
        _reading.set()
        try:
            EXERCISES[part]()
        finally:
            _reading.clear()
