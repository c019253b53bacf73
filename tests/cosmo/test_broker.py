"""The connection to RabbitMQ outlives the quiet hours between two orders."""

from typing import Any

from dramatiq.brokers.rabbitmq import RabbitmqBroker

from cosmo.broker import KEEPALIVE, make_broker


def parameters(url: str) -> list[Any]:
    """One for each server of the address."""
    found: Any = rabbitmq(url).parameters
    return found if isinstance(found, list) else [found]


def rabbitmq(url: str) -> RabbitmqBroker:
    broker = make_broker(url)
    assert isinstance(broker, RabbitmqBroker)
    return broker


def test_a_quiet_connection_is_not_closed(rabbitmq_url: str) -> None:
    broker = rabbitmq(rabbitmq_url)
    try:
        connection: Any = broker.connection
        assert connection.is_open
        assert connection._impl.params.heartbeat == 0, "agreed with the server, which had asked for 60"
    finally:
        broker.close()


def test_the_network_watches_instead() -> None:
    assert [one.tcp_options for one in parameters("amqp://one")] == [KEEPALIVE]
    assert [one.heartbeat for one in parameters("amqp://one;amqp://two")] == [0, 0]


def test_the_address_may_say_otherwise() -> None:
    (server,) = parameters("amqp://one?heartbeat=30&tcp_options={'TCP_KEEPIDLE': 5}")
    assert server.heartbeat == 30
    assert server.tcp_options == {"TCP_KEEPIDLE": 5}
