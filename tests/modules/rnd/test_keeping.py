"""What is made once and kept, as long as there is room."""

import pytest

from modules.rnd.keeping import made_once


def test_what_is_kept_is_made_once_and_anew_where_room_was_made() -> None:
    kept: dict[str, bool] = {}
    made: list[str] = []

    def make(name: str) -> bool:
        made.append(name)
        return False

    for name in ("a", "b", "a", "c", "a"):
        assert made_once(kept, name, 2, lambda name=name: make(name)) is False
    assert made == ["a", "b", "c", "a"]
    assert set(kept) == {"c", "a"}


def test_what_fails_is_not_kept_and_gives_up_nothing() -> None:
    kept = {"a": 1}
    with pytest.raises(ZeroDivisionError):
        made_once(kept, "b", 1, lambda: 1 // 0)
    assert kept == {"a": 1}
