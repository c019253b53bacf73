"""Where finished mails go: to files by default, to an SMTP server by setting."""

import os
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from cosmo.settings import Settings

_TIMEOUT = 30.0  # seconds


class Mailer(Protocol):
    """Takes a finished message away; raises if it could not."""

    def send(self, message: EmailMessage, mail_id: str) -> None: ...


class FileMailer:
    """Writes `<mail id>.eml` files; sending again writes the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage, mail_id: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{mail_id}.part"
        part.write_bytes(bytes(message))
        os.replace(part, self._folder / f"{mail_id}.eml")


class SmtpMailer:
    """`smtp://user:password@host:port`, with `?starttls=1`, or `smtps://`."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def send(self, message: EmailMessage, mail_id: str) -> None:
        with self._connect() as server:
            if "starttls" in parse_qs(self._url.query):
                server.starttls()
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        host = self._url.hostname or "localhost"
        if self._url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, self._url.port or 465, timeout=_TIMEOUT)
        return smtplib.SMTP(host, self._url.port or 25, timeout=_TIMEOUT)


def make_mailer(settings: Settings) -> Mailer:
    """By SMTP if a server is set, else to files under the home folder."""
    return SmtpMailer(settings.smtp_url) if settings.smtp_url else FileMailer(settings.mail)
