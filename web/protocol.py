"""HTTP as httptools reads it, with a bound to what is kept until it makes sense: httptools has none."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_UNREAD = 64 * 1024
"""Bytes of an address, of headers, of what comes after a body: until they are complete, they are kept."""
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """Hangs up on who sends more than that without an end; what is complete within one reading is taken.
    Bodies are bounded where they are read."""

    _unread = 0

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MOST_UNREAD and not self.transport.is_closing():
            self._hang_up()

    def _hang_up(self) -> None:
        self.logger.warning("%s sent %d bytes that make no sense yet", self.client, self._unread)
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_TOO_LARGE)
        self.transport.close()

    def on_headers_complete(self) -> None:
        self._unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()
