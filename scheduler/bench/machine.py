"""The machine that figures come from: without it they say nothing."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def machine() -> dict[str, str]:
    """Cores, processor, memory, versions, and how busy it is now."""
    return {
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "processor": _proc("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "memory": _memory(),
        "python": platform.python_version(),
        **{name: _version(name) for name in ("ortools", "numba", "numpy")},
        "load average": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def sentence(before: dict[str, str], after: dict[str, str]) -> str:
    """For under a table."""
    versions = ", ".join(f"{name} {before[name]}" for name in ("ortools", "numba", "numpy"))
    hardware = f"{before['cores']} cores, {before['processor']}, {before['memory']}"
    load = f"load average {before['load average']} before, {after['load average']} after"
    return f"{hardware}, Python {before['python']}, {versions}; {load}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _proc(path: str, key: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


def _memory() -> str:
    kilobytes = _proc("/proc/meminfo", "MemTotal").split()[:1]
    return f"{int(kilobytes[0]) / 1024**2:.0f} GB" if kilobytes else "memory unknown"
