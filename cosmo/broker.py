"""The broker behind the relay, chosen by `COSMO_BROKER_URL`: in this process, RabbitMQ or Redis.

It is only a wake-up: what must happen stands in the deliveries table; a message may be lost, late or double.
"""

from typing import TYPE_CHECKING

from dramatiq import Broker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, ShutdownNotifications, TimeLimit

from cosmo.settings import WrongSetting

if TYPE_CHECKING:  # each is imported where it is asked for: every start would pay for what few use
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

QUEUE = "cosmo"
KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""Seconds until the network is asked whether the other side is there, between questions, and how many."""


class UnknownBroker(WrongSetting):
    """The broker address has a scheme we do not speak."""


def make_broker(url: str | None) -> Broker:
    """A broker for `url` (amqp, amqps, redis, rediss; None: in this process). It connects at first use."""
    if url is None:
        return StubBroker(middleware=_middleware())
    scheme = url.partition("://")[0]
    if scheme in ("amqp", "amqps"):
        return _rabbitmq(url)
    if scheme in ("redis", "rediss"):
        return _redis(url)
    raise UnknownBroker(
        f"COSMO_BROKER_URL starts with {scheme!r}; use amqp:// for RabbitMQ or redis:// for Redis."
    )


def _redis(url: str) -> Broker:
    from dramatiq.brokers.redis import RedisBroker

    return RedisBroker(url=url, middleware=_middleware(), namespace="cosmo")  # type: ignore[no-untyped-call]


def _rabbitmq(url: str) -> "RabbitmqBroker":
    """Whoever has nothing to send is quiet, and RabbitMQ would close the connection of one who sends no
    heartbeats for two minutes. So the network watches the connection, unless the address says otherwise."""
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    broker = RabbitmqBroker(url=url, confirm_delivery=True, middleware=_middleware())
    found = broker.parameters
    for server in found if isinstance(found, list) else [found]:
        server.heartbeat = 0 if server.heartbeat is None else server.heartbeat
        server.tcp_options = server.tcp_options or KEEPALIVE
    return broker


def is_embedded(broker: Broker) -> bool:
    """True if messages never leave this process, so that it must work on them itself."""
    return isinstance(broker, StubBroker)


def _middleware() -> list[Middleware]:
    """No Retries among them: attempts and backoff live in the deliveries table, and nowhere else."""
    return [TimeLimit(), ShutdownNotifications()]
