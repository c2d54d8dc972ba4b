"""E-mail, by any mail server: one message becomes one letter."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError, OpsError
from ai_ops.domain.message import Sent
from ai_ops.notify.email.mail_server import MailServer, server_of
from ai_ops.notify.email.message import BYTES_MAX, Envelope, Letter, letter_for
from ai_ops.notify.email.smtp_client import Patience, post
from ai_ops.notify.letters.plain_words import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ai_ops.domain.message import Message

NAME = "NeuroPilot"
"""Whom people see as the sender where the settings name nobody."""

_PATIENCE = Patience()
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9][A-Za-z0-9.-]{0,251}|\[[0-9A-Za-z.:]+\])")


class EmailNotifier:
    """Sends letters by one mail server. Sends a message as often as it is told: `notify.deliver` sees to once.

    Parameters
    ----------
    smtp_url
        Address of the server with user and password; a secret.
    addresses
        The sender as the settings name it, "" for one that is made from `smtp_url`, and the recipients.
    redact
        Takes secrets out of a text.
    check_address
        Raises an `OpsError` for an address that must not be reached.
    clock
        Gives the time, aware.
    patience
        How long to wait.
    """

    name = "email"

    def __init__(
        self,
        smtp_url: str,
        addresses: tuple[str, tuple[str, ...]],
        *,
        redact: Callable[[str], str],
        check_address: Callable[[str], None],
        clock: Callable[[], datetime],
        patience: Patience = _PATIENCE,
    ) -> None:
        self._smtp_url = smtp_url
        self._sender, self._recipients = addresses
        self._redact = redact
        self._check_address = check_address
        self._clock = clock
        self._patience = patience

    def send(self, message: Message) -> Sent:
        """Send `message` as one letter to everybody.

        Raises
        ------
        NotifyError
            When the server took it for nobody, or did not say so; the reason names what to do.
        """
        server = server_of(self._smtp_url)
        envelope = Envelope(_sender(self._sender, server), _recipients(self._recipients))
        self._check(server)
        letters: list[Letter] = []

        def content_for(limit: int | None) -> bytes:
            most = min(limit or BYTES_MAX, BYTES_MAX)
            letters.append(letter_for(message, envelope, at=self._clock(), redact=self._redact, bytes_max=most))
            return letters[-1].content

        recipients = tuple(one.addr_spec for one in envelope.recipients)
        refused = post(server, envelope.sender.addr_spec, recipients, content_for, self._patience)
        letter = letters[-1]
        notes = (letter.note, _refused_in_words(refused, len(recipients)))
        return Sent(reference=letter.id, note="; ".join(note for note in notes if note))

    def _check(self, server: MailServer) -> None:
        host = f"[{server.host}]" if ":" in server.host else server.host
        try:
            self._check_address(f"https://{host}:{server.port}/")
        except OpsError as err:
            raise NotifyError(self._redact(str(err))) from None


def _sender(written: str, server: MailServer) -> Address:
    """The sender of the settings; else the user of the server, where that is an address, else one at the server."""
    name, address = parseaddr(written)
    if not written:
        name, address = "", server.user if _ADDRESS.fullmatch(server.user) else f"neuropilot@{_domain(server.host)}"
    if not _ADDRESS.fullmatch(address):
        raise NotifyError("email.from is no sender: write ops@example.com, or NeuroPilot <ops@example.com>")
    return _address(plain(name) or NAME, address)


def _recipients(written: tuple[str, ...]) -> tuple[Address, ...]:
    if not written:
        raise NotifyError("email.to is empty: name who shall get the mail")
    for number, address in enumerate(written, start=1):
        if not _ADDRESS.fullmatch(address):
            raise NotifyError(f"email.to: number {number} is no address that every server takes: write it in ASCII")
    return tuple(_address("", address) for address in written)


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(name, user, domain)


def _domain(host: str) -> str:
    """A server's name as it stands in an address; RFC 5321 has brackets for numbers."""
    try:
        kind = "IPv6:" if ip_address(host).version == 6 else ""  # noqa: PLR2004  # the version's name
    except ValueError:
        return host
    return f"[{kind}{host}]"


def _refused_in_words(refused: tuple[tuple[int, str], ...], count: int) -> str:
    if not refused:
        return ""
    who = ", ".join(f"number {place + 1} ({answer})" for place, answer in refused)
    return f"{len(refused)} of {count} recipients were refused: {who} of email.to; check the addresses"
