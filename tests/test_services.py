"""The services the tests stand on are real, empty for each test, and shared by all workers of a run."""

from typing import Any

import pika
import psycopg
import pytest
import redis

from tests import servers, turns


@pytest.mark.parametrize("_time", [1, 2])
def test_each_test_has_an_empty_database(postgres_url: str, _time: int) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE seen (n int)")


@pytest.mark.parametrize("_time", [1, 2])
def test_each_test_has_an_empty_broker(rabbitmq_url: str, _time: int) -> None:
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        channel = connection.channel()
        count = channel.queue_declare("seen", durable=True).method.message_count
        channel.basic_publish("", "seen", b"hello")
    assert count == 0


@pytest.mark.parametrize("_time", [1, 2])
def test_each_test_has_an_empty_store(redis_url: str, _time: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.get("seen") is None
        client.set("seen", "yes")


def test_without_one_on_the_machine_postgres_comes_with_the_test_tools(
    monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    monkeypatch.setattr(servers, "postgres_programs", servers.postgres_of_wheel)
    started = servers.shared("postgres-of-wheel", servers.prepare_postgres)
    with psycopg.connect(started["url"]) as connection:
        assert connection.info.server_version // 10000 >= 16


def test_the_browser_shows_a_page(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<h1>Hello</h1>")
    assert page.inner_text("h1") == "Hello"
    page.close()


def test_the_files_that_begin_are_there() -> None:
    assert [name for name in turns.LONGEST if not (turns.HERE / name).is_file()] == []
    assert turns.turn(turns.HERE / turns.LONGEST[1]) < turns.turn(turns.HERE / "test_services.py")
