"""What mail servers mean by their answers, and what to do; their own words are not repeated, for they may be secret."""

from __future__ import annotations

import re
import ssl
from contextlib import contextmanager
from smtplib import SMTPConnectError, SMTPException, SMTPResponseException, SMTPServerDisconnected
from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.notify.email.mail_server import MailServer

_OWN_AUTHORITY = "if its certificate comes from your own authority, name its file in SSL_CERT_FILE"
_TRANSIENT = range(400, 500)

_HINTS = {
    421: "it is too busy: run again later",
    450: "the mailbox is busy: run again later",
    451: "it wants to be asked again in some minutes (greylisting): run again later",
    452: "it has no room: run again later",
    454: "it cannot check passwords now: run again later",
    530: "it wants a login: put user and password into SMTP_URL",
    534: "it wants another kind of login: many providers have app passwords for programs",
    535: "check user and password in SMTP_URL, with special characters percent-encoded; many providers want an app "
    "password",
    550: "check the addresses in email.from and email.to, and that this login may send as email.from",
    552: "the letter is too large for it",
    553: "check the addresses in email.from and email.to, and that this login may send as email.from",
    554: "it takes the letter for spam, or no letters from here: see the server's own log",
}


def refusal(what: str, code: int, words: bytes | str) -> NotifyError:
    """Say what an answer means."""
    hint = _HINTS.get(code, "run again later" if code in _TRANSIENT else "see the server's own log")
    answer = in_words(code, words)
    return NotifyError(f"the mail server refused {what} ({answer}): {hint}", retryable=code in _TRANSIENT)


def in_words(code: int, words: bytes | str) -> str:
    """The codes of an answer, which are documented; the rest may repeat what is secret."""
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)", text)  # RFC 3463
    return f"SMTP {code} {status[0]}" if status else f"SMTP {code}"


def lost(what: str) -> NotifyError:
    """Nobody knows whether the letter has arrived."""
    return NotifyError(
        f"the mail server got the letter, but {what}: it may have arrived, so it is not sent again. Look into the "
        "mailbox",
        may_have_arrived=True,
    )


@contextmanager
def explained(server: MailServer) -> Iterator[None]:
    """Make what goes wrong before the letter is sent an error of ours. Causes are cut off: they hold what was sent."""
    place = f"the mail server {server.host}, port {server.port},"
    try:
        yield
    except ssl.SSLCertVerificationError as err:
        raise NotifyError(f"{place} is not trusted ({err.verify_message}): {_OWN_AUTHORITY}") from None
    except ssl.SSLError:
        says = "begins without TLS: for STARTTLS write smtp://" if server.is_tls else "cannot speak TLS with us"
        raise NotifyError(f"{place} {says}") from None
    except SMTPConnectError as err:
        raise refusal("the connection", err.smtp_code, err.smtp_error) from None
    except TimeoutError:
        raise NotifyError(f"{place} did not answer in time: check SMTP_URL and the network", retryable=True) from None
    except SMTPServerDisconnected:
        raise NotifyError(
            f"{place} hung up, or did not answer in time: does it speak SMTP, and smtp:// or smtps://?", retryable=True
        ) from None
    except SMTPResponseException as err:
        raise refusal("to talk", err.smtp_code, err.smtp_error) from None
    except SMTPException as err:
        raise NotifyError(f"{place} offers nothing that we can use ({type(err).__name__})") from None
    except OSError as err:
        why = err.strerror or type(err).__name__
        raise NotifyError(
            f"{place} cannot be reached ({why}): check SMTP_URL and the network", retryable=True
        ) from None
