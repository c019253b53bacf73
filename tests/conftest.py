"""What all tests share."""

import os

import hypothesis
import pytest

from tests.turns import turn

pytest_plugins = ["tests.services", "tests.fixtures", "tests.web_fixtures"]

# Compiling the scheduler's kernels takes minutes of a core; `scheduler/test_compiled.py` alone does it.
os.environ.setdefault("SCHEDULER_PURE", "1")

# On a busy machine an example may be slow; in CI every run tries the same ones.
hypothesis.settings.register_profile("house", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: turn(item.path))
