"""What comes before a request makes sense is bounded: a head or trailers without an end are not kept."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.web.servers import serving
from web.protocol import MOST_UNREAD, BoundedProtocol

Open = Callable[[type[HttpToolsProtocol]], socket.socket]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
PIECE = b"X-Long: " + b"a" * 8_000 + b"\r\n"


async def _how_much(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


@pytest.fixture
def connect() -> Iterator[Open]:
    """A connection to a server that speaks so."""
    with ExitStack() as running:

        def begin(protocol: type[HttpToolsProtocol]) -> socket.socket:
            address = running.enter_context(serving(_how_much, http=protocol))
            place = urlsplit(address)
            return running.enter_context(socket.create_connection((place.hostname, place.port), timeout=20))

        yield begin


def _refused(connection: socket.socket, pieces: Iterator[bytes]) -> bool:
    """Whether it was hung up on while these were sent; a reset may swallow what was said before."""
    heard = b""
    connection.settimeout(0.02)
    for piece in pieces:
        try:
            connection.sendall(piece)
            heard += connection.recv(1000)
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            return True
    return b" 431 " in heard


def _endless(head: bytes, piece: bytes = PIECE) -> Iterator[bytes]:
    yield head
    for _ in range(2 * MOST_UNREAD // len(piece)):
        yield piece


endless = pytest.mark.parametrize(
    ("head", "piece"),
    [(GET, PIECE), (CHUNKED, PIECE), (GET + b"X: ", b"a" * 8_000), (b"GET /?", b"a" * 8_000)],
    ids=["headers", "trailers", "one header", "address"],
)


@endless
def test_who_does_not_come_to_an_end_is_hung_up_on(connect: Open, head: bytes, piece: bytes) -> None:
    assert _refused(connect(BoundedProtocol), _endless(head, piece))


@endless
def test_httptools_itself_keeps_whatever_comes(connect: Open, head: bytes, piece: bytes) -> None:
    assert not _refused(connect(HttpToolsProtocol), _endless(head, piece))


def test_long_headers_and_large_bodies_are_read(connect: Open) -> None:
    connection, size = connect(BoundedProtocol), 10 * MOST_UNREAD
    for _ in range(2):  # on the same connection
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" % size)
        connection.sendall(PIECE * 4 + b"\r\n" + b"b" * size)
        answer = b""
        while not answer.endswith(str(size).encode()):
            answer += connection.recv(1000)
        assert answer.startswith(b"HTTP/1.1 200")
