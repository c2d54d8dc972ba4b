"""Which mail server takes our letters, read from its address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ai_ops.domain.errors import NotifyError

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed over.

    Parameters
    ----------
    host, port
        Where it listens.
    is_tls
        Whether it speaks TLS from the first byte on; else TLS begins with STARTTLS, but for this very machine.
    user, password
        "" for a server that wants no login.
    """

    host: str
    port: int
    is_tls: bool
    user: str
    password: str

    @property
    def is_here(self) -> bool:
        """Whether nobody is on the way who could read along."""
        return self.host in _LOOPBACK


def server_of(url: str) -> MailServer:
    """Read an address such as smtps://user:password@mail.example.com:465; user and password are percent-decoded.

    Raises
    ------
    NotifyError
        When it is none; it is not repeated.

    >>> server_of("smtp://ops%40example.com:p%40ss@mail.example.com")
    MailServer(host='mail.example.com', port=587, is_tls=False, user='ops@example.com', password='p@ss')
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in {"smtp", "smtps"} or not host:
        raise NotifyError("SMTP_URL is no mail server: write smtps://user:password@mail.example.com")
    is_tls = parts.scheme == "smtps"
    usual = 465 if is_tls else 25 if host in _LOOPBACK else 587  # RFC 8314; a relay of this machine listens at 25
    return MailServer(host, port or usual, is_tls, unquote(parts.username or ""), unquote(parts.password or ""))
