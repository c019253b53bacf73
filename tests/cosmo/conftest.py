"""The kernel's tests run with no module installed unless they install their own."""

from collections.abc import Callable

import pytest

from cosmo.registry import Registry


@pytest.fixture(autouse=True)
def kernel_alone(modules: Callable[..., Registry]) -> Callable[..., Registry]:
    return modules
