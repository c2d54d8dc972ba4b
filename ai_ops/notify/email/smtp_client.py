"""Hands letters to a mail server, by the standard library's client kept on a short leash."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import NotifyError
from ai_ops.notify.email.smtp_words import explained, in_words, lost, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.notify.email.mail_server import MailServer

_FINE, _FORWARDED = 250, 251


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait.

    Parameters
    ----------
    answer_seconds
        For the connection, and for each answer.
    total_seconds
        For everything, so that a server that sends a byte now and then cannot hold us.
    """

    answer_seconds: float = 20.0
    total_seconds: float = 120.0


def post(
    server: MailServer,
    sender: str,
    recipients: tuple[str, ...],
    content_for: Callable[[int | None], bytes],
    patience: Patience,
) -> tuple[tuple[int, str], ...]:
    """Hand over one letter.

    Parameters
    ----------
    sender, recipients
        Addresses in ASCII.
    content_for
        Gives the letter for a server that takes at most so many bytes; None where it does not say.

    Returns
    -------
    tuple
        Place in `recipients`, and the server's answer, of each one whom it refused, where it took others.

    Raises
    ------
    NotifyError
        When it took the letter for nobody, or did not say so; the server's own words are not repeated.
    """
    with _connected(server, sender, patience) as smtp:
        limit = smtp.esmtp_features.get("size", "")
        content = content_for(int(limit) if limit.isdecimal() and int(limit) else None)
        _expect(smtp.mail(sender, [f"size={len(content)}"] if smtp.has_extn("size") else []), "the sender")
        refused = _refused(smtp, recipients)
        _hand_over(smtp, content)
        with suppress(SMTPException, OSError):  # the letter is theirs by now
            smtp.quit()
        return refused


class _Leashed(SMTP):
    """Cut off when its time is up."""

    def __init__(self, *args: Any, total_seconds: float, **options: Any) -> None:  # noqa: ANN401  # as smtplib's
        self._watchdog = threading.Timer(total_seconds, self._cut)
        self._watchdog.daemon = True
        self._is_cut = False
        super().__init__(*args, **options)

    def connect(self, *where: Any) -> tuple[int, bytes]:  # noqa: ANN401  # as smtplib calls it
        """Connect, with the time already running."""
        self._watchdog.start()
        try:
            return super().connect(*where)
        except OSError:
            self._watchdog.cancel()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer; half of one would look whole when it was cut off."""
        answer = super().getreply()
        if self._is_cut:
            self.close()
            raise SMTPServerDisconnected
        return answer

    def close(self) -> None:
        """Hang up, and let nobody wait any more."""
        self._watchdog.cancel()
        super().close()

    def _cut(self) -> None:
        self._is_cut, connected = True, self.sock
        if connected is not None:
            with suppress(OSError):  # it has ended by itself meanwhile
                connected.shutdown(socket.SHUT_RDWR)


class _LeashedTls(_Leashed, SMTP_SSL):
    """The same with TLS from the first byte on."""


@contextmanager
def _connected(server: MailServer, sender: str, patience: Patience) -> Iterator[SMTP]:
    """Give a client that is logged in, where nobody can read along."""
    domain = sender.rpartition("@")[2]  # how we call ourselves: what this machine is called is nobody's business
    options: dict[str, Any] = {
        "local_hostname": domain,
        "timeout": patience.answer_seconds,
        "total_seconds": patience.total_seconds,
    }
    with explained(server):
        smtp = (
            _LeashedTls(server.host, server.port, context=_trust(), **options)
            if server.is_tls
            else _Leashed(server.host, server.port, **options)
        )
    try:
        with explained(server):
            _protect(smtp, server)
            yield smtp
    finally:
        smtp.close()


def _protect(smtp: SMTP, server: MailServer) -> None:
    """Begin TLS where it has not begun, then log in."""
    smtp.ehlo_or_helo_if_needed()
    if not server.is_tls and not server.is_here:
        if not smtp.has_extn("starttls"):
            raise NotifyError(
                f"the mail server {server.host} offers no STARTTLS, so anybody on the way could read the letter: use "
                "smtps://, or another server"
            )
        smtp.starttls(context=_trust())
        smtp.ehlo()
    if server.user:
        _log_in(smtp, server)


def _log_in(smtp: SMTP, server: MailServer) -> None:
    try:
        smtp.login(server.user, server.password)
    except SMTPAuthenticationError as err:
        raise refusal("the login", err.smtp_code, err.smtp_error) from None
    except UnicodeEncodeError:
        raise NotifyError("the user or password in SMTP_URL has a letter that SMTP cannot send: use ASCII") from None
    except SMTPNotSupportedError:
        raise NotifyError(
            f"the mail server {server.host} takes no login: take user and password out of SMTP_URL, or see its port"
        ) from None


def _refused(smtp: SMTP, recipients: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Name the recipients; those who are refused are told, unless all are."""
    answers = [smtp.rcpt(recipient) for recipient in recipients]
    refused = [(place, *answer) for place, answer in enumerate(answers) if answer[0] not in {_FINE, _FORWARDED}]
    if len(refused) == len(recipients):
        raise refusal("every recipient, the first one", *answers[0])
    return tuple((place, in_words(code, words)) for place, code, words in refused)


def _hand_over(smtp: SMTP, content: bytes) -> None:
    """Send the letter itself: from here on it may have arrived when the line breaks."""
    try:
        answer = smtp.data(content)
    except SMTPResponseException as err:  # it did not want the letter to begin
        raise refusal("the letter", err.smtp_code, err.smtp_error) from None
    except (SMTPServerDisconnected, TimeoutError):
        raise lost("hung up, or did not answer in time") from None
    except OSError as err:
        raise lost(f"broke off ({type(err).__name__})") from None
    _expect(answer, "the letter")


def _trust() -> ssl.SSLContext:
    """Whom the machine trusts, and those whose certificates are in the file that SSL_CERT_FILE names."""
    return ssl.create_default_context()


def _expect(answer: tuple[int, bytes], what: str) -> None:
    if answer[0] != _FINE:
        raise refusal(what, *answer)
