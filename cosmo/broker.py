"""The broker behind the relay, chosen by `COSMO_BROKER_URL`: in this process, RabbitMQ or Redis.

It is only a wake-up: what must happen stands in the deliveries table; a message may be lost, late or double.
"""

from dramatiq import Broker
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, ShutdownNotifications, TimeLimit

QUEUE = "cosmo"


class UnknownBroker(ValueError):
    """The broker address has a scheme we do not speak."""


def make_broker(url: str | None) -> Broker:
    """A broker for `url` (amqp, amqps, redis, rediss; None: in this process). It connects at first use."""
    if url is None:
        return StubBroker(middleware=_middleware())
    scheme = url.partition("://")[0]
    if scheme in ("amqp", "amqps"):
        return RabbitmqBroker(url=url, confirm_delivery=True, middleware=_middleware())
    if scheme in ("redis", "rediss"):
        return RedisBroker(url=url, middleware=_middleware(), namespace="cosmo")  # type: ignore[no-untyped-call]
    raise UnknownBroker(
        f"COSMO_BROKER_URL starts with {scheme!r}; use amqp:// for RabbitMQ or redis:// for Redis."
    )


def is_embedded(broker: Broker) -> bool:
    """True if messages never leave this process, so that it must work on them itself."""
    return isinstance(broker, StubBroker)


def _middleware() -> list[Middleware]:
    """No Retries among them: attempts and backoff live in the deliveries table, and nowhere else."""
    return [TimeLimit(), ShutdownNotifications()]
