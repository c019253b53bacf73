"""What one question reads again and again is read once, and the next question reads anew."""

from cosmo.db import Database
from cosmo.once import kept, once


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
