"""What is made once and kept, as long as there is room."""

from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def made_once(kept: dict[K, V], key: K, most: int, make: Callable[[], V]) -> V:
    """What is kept under `key`, else what `make` gives, which is kept from now on. With `most` of them all
    are given up: what is asked for often is soon there again."""
    found = kept.get(key)
    if found is None:
        made = make()
        if len(kept) >= most:
            kept.clear()
        found = kept[key] = made
    return found
