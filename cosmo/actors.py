"""The one actor: `deliver(delivery_id)`."""

from datetime import timedelta

from dramatiq import Actor, Broker, actor
from dramatiq.middleware import TimeLimitExceeded

from cosmo.broker import QUEUE
from cosmo.db import Database
from cosmo.delivering import deliver, record_failure

TIME_LIMIT = timedelta(seconds=45)
"""Shorter than a lease (see cosmo.relay): a handler that hangs is stopped before it is sent again."""
_LIMIT = TIME_LIMIT // timedelta(milliseconds=1)


def declare_deliver(broker: Broker, database: Database) -> Actor[[str], None]:
    """The actor on `broker`, working on `database`."""

    @actor(broker=broker, actor_name="deliver", queue_name=QUEUE, time_limit=_LIMIT)
    def run(delivery_id: str) -> None:
        database.precedence.stand_aside()
        try:
            deliver(database, delivery_id)
        except TimeLimitExceeded as error:
            late = TimeoutError(f"took longer than {TIME_LIMIT.seconds} seconds")
            late.__cause__ = error
            record_failure(database, delivery_id, late)

    return run
