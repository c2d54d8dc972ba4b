"""A real mail server (aiosmtpd) on loopback, which takes, refuses, drops and forgets letters as told.

127.0.0.1 is this very machine to whoever sends; 127.0.0.2 is the same loopback, but looks like any other machine.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import EmailMessage
    from pathlib import Path

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
DROP, SILENCE, DRIP = "drop", "silence", "drip"
"""Instead of an answer: hang up, say nothing, or say a letter now and then."""


@dataclass(frozen=True)
class Taken:
    """A letter that the server took."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    is_encrypted: bool

    @property
    def letter(self) -> EmailMessage:
        """The letter itself, parsed."""
        return message_from_bytes(self.content, policy=default)  # type: ignore[return-value]


class FakeMailServer:
    """A mail server for `with`; `letters` are those it took, in order.

    Parameters
    ----------
    host
        Where it listens.
    certificate
        Certificate and key in one file; with it the server offers STARTTLS.
    is_tls
        It speaks TLS from the first byte on instead.
    users
        Password by name, for whoever has begun TLS; without any, nobody logs in.
    size_limit
        Bytes of a letter.
    """

    def __init__(
        self,
        host: str = HERE,
        *,
        certificate: Path | None = None,
        is_tls: bool = False,
        users: Mapping[str, str] | None = None,
        size_limit: int = 33_554_432,
    ) -> None:
        self.host, self.port = host, 0
        self.letters: list[Taken] = []
        self.logins: list[tuple[str, str]] = []
        self._answers: dict[str, str] = {}
        self._users = users
        self._size_limit = size_limit
        self._is_tls = is_tls
        self._context = _context(certificate) if certificate else None
        self._protocols: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._ready = threading.Event()

    def url(self, user: str = "", scheme: str = "") -> str:
        """Address of the server; `user` is "name:password", percent-encoded."""
        login = f"{user}@" if user else ""
        return f"{scheme or ('smtps' if self._is_tls else 'smtp')}://{login}{self.host}:{self.port}"

    def answer(self, step: str, says: str) -> None:
        """Answer so at a step: "EHLO", "MAIL", "RCPT name@example.com", "DATA" (the letter itself)."""
        self._answers[step] = says

    def __enter__(self) -> Self:
        # The library tells about sessions that tests break off on purpose, and warns of what tests do on purpose.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    # What aiosmtpd calls, by the names that it looks for.

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet."""
        session.host_name = hostname
        says = await self._say("EHLO", server)
        return [says] if says else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender, who must be logged in where there are users."""
        if self._users and not session.authenticated:
            return "530 5.7.0 who are you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._say("MAIL", server) or "250 2.1.0 fine"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        says = await self._say(f"RCPT {address}", server)
        if says:
            return says
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the letter."""
        says = self._answers.get("DATA", "")
        if not says[:1].isdigit():
            content = bytes(envelope.original_content or b"")
            self.letters.append(
                Taken(
                    str(envelope.mail_from), tuple(envelope.rcpt_tos), content, self._is_tls or session.ssl is not None
                )
            )
        return await self._say("DATA", server) or "250 2.6.0 fine"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        """Compare a password."""
        login = (given.login.decode(), given.password.decode())
        self.logins.append(login)
        is_known = (self._users or {}).get(login[0]) == login[1]
        refusal = f"535 5.7.8 {login[1]} is wrong"  # real servers have repeated what they got
        return AuthResult(success=is_known, handled=is_known, message=None if is_known else refusal)

    async def _say(self, step: str, server: SMTP) -> str:
        says = self._answers.get(step, "")
        if says == SILENCE:
            await asyncio.sleep(60)
        if says == DRIP:
            while True:
                server._writer.write(b"2")  # type: ignore[union-attr]
                await asyncio.sleep(0.02)
        if says == DROP:
            server.transport.abort()  # type: ignore[union-attr]
        return says if says[:1].isdigit() else ""

    def _protocol(self) -> SMTP:
        protocol = SMTP(
            self,
            hostname="mail.example.com",
            data_size_limit=self._size_limit,
            tls_context=None if self._is_tls else self._context,
            loop=self._loop,
            authenticator=self.authenticate if self._users else None,
            auth_require_tls=not self._is_tls,
        )
        self._protocols.append(protocol)
        return protocol

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        over_tls = self._context if self._is_tls else None
        server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, self.host, 0, ssl=over_tls),
        )
        self.port = server.sockets[0].getsockname()[1]
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()
        server.close()
        for protocol in self._protocols:
            if protocol.transport is not None:
                protocol.transport.abort()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
