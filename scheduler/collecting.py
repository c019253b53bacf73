"""No garbage collection while thousands of objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Python would look through all that is alive again and again, a third of the time for a large plant.

    Within another one, or where the caller has switched collection off, it changes nothing.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()  # the two together make everything old at no cost:
            gc.unfreeze()  # else all that was made would be looked through twice more before it is
        gc.enable()
