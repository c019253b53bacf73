"""The public API as the simulator sees it: one person's key, JSON, patience when the server restarts."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx2

_log = logging.getLogger(__name__)
PATIENCE = 120.0
"""Seconds to wait for a server that does not answer before giving up."""


class Refused(Exception):
    """The API said no; `status` and the problem's `detail` say why."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status} {detail}")
        self.status = status


class Gone(Exception):
    """The server has not answered for `PATIENCE` seconds."""


class Person:
    """Somebody with an API key; who waits for a server only while `waiting` says that one may come back."""

    def __init__(
        self, http: httpx2.Client, key: str, name: str, waiting: Callable[[], bool] = lambda: True
    ) -> None:
        self._http, self.name, self._waiting = http, name, waiting
        self._headers = {"Authorization": f"Bearer {key}"}

    def get(self, path: str, **query: Any) -> Any:
        return self._send("GET", path, params={k: v for k, v in query.items() if v is not None})

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self._send("POST", path, json=body if body is not None else {}, headers=headers)

    def _send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any) -> Any:
        answer = self._patiently(method, path, {**self._headers, **(headers or {})}, rest)
        if answer.status_code >= 400:
            raise Refused(answer.status_code, _detail(answer))
        return answer.json() if answer.content else None

    def _patiently(
        self, method: str, path: str, headers: dict[str, str], rest: dict[str, Any]
    ) -> httpx2.Response:
        began = time.monotonic()
        while True:
            try:
                answer = self._http.request(method, path, headers=headers, **rest)
                if answer.status_code not in (502, 503):
                    return answer
            except httpx2.TransportError as error:
                _log.info("%s waits for the server: %s", self.name, error)
            if not self._waiting() or time.monotonic() - began > PATIENCE:
                raise Gone(f"No answer from {path} for {time.monotonic() - began:.0f} seconds.")
            time.sleep(1.0)


def _detail(answer: httpx2.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(body.get("detail") or body.get("title") or body)[:300]


def instant(text: str) -> datetime:
    """An instant as the API writes it."""
    return datetime.fromisoformat(text)
