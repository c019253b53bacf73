"""What one question reads again and again is read once, and the next question reads anew."""

from cosmo.db import Database
from cosmo.once import each_once, kept, now_known, once


def test_a_question_reads_once_and_the_next_one_anew(database: Database) -> None:
    said = iter(range(10))
    with database.read() as session:
        with kept(session):
            assert [once(session, "key", lambda: next(said)) for _ in range(3)] == [0, 0, 0]
            with kept(session):  # one question inside another
                assert once(session, "key", lambda: next(said)) == 0
            assert once(session, "other", lambda: next(said)) == 1
        with kept(session):
            assert once(session, "key", lambda: next(said)) == 2
        assert [once(session, "key", lambda: next(said)) for _ in range(2)] == [3, 4], "outside"


def test_of_many_names_only_new_ones_are_read_for(database: Database) -> None:
    asked: list[set[str]] = []

    def read(names: set[str]) -> dict[str, str]:
        asked.append(names)
        return {name: name.upper() for name in names if name != "unknown"}

    with database.read() as session:
        with kept(session):
            assert each_once(session, "key", ["a", "b"], read) == {"a": "A", "b": "B"}
            assert each_once(session, "key", ["b", "c", "unknown"], read) == {"b": "B", "c": "C"}
            assert each_once(session, "key", ["unknown", "a"], read) == {"a": "A"}
        assert asked == [{"a", "b"}, {"c", "unknown"}]
        assert each_once(session, "key", ["a"], read) == {"a": "A"}
    assert asked[2:] == [{"a"}], "outside a question it is read anew"


def test_what_was_read_by_other_means_is_not_read_again(database: Database) -> None:
    said = iter(range(10))
    with database.read() as session:
        with kept(session):
            assert once(session, "key", lambda: next(said)) == 0
            now_known(session, "key", "later")
            assert once(session, "key", lambda: next(said)) == "later"
        now_known(session, "key", "outside a question nothing is kept")
        assert once(session, "key", lambda: next(said)) == 1
