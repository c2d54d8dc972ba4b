"""E-mail through a real mail server: what arrives, and what is said when it does not."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from certificates import make_certificate
from fakes.flaky import FlakyServer, silent
from fakes.smtp import DRIP, DROP, ELSEWHERE, HERE, SILENCE, FakeMailServer
from messages import AT, MORNING, filled, mask_of

from ai_ops.addresses import check_address
from ai_ops.domain.errors import NotifyError
from ai_ops.notify.email.email import EmailNotifier
from ai_ops.notify.email.smtp_client import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "p@ss/wörd-7Q2mZ"
ASCII_PASSWORD = "p@ss/word-7Q2mZ"
LOGIN = "ops%40example.com:p%40ss%2Fword-7Q2mZ"
USERS = {"ops@example.com": ASCII_PASSWORD}
ADA, BOB, EVE = "ada@example.com", "bob@example.com", "eve@example.com"


def a_notifier(url: str, *to: str, sender: str = "", **changes: Any) -> EmailNotifier:
    """Make a notifier that gives up soon."""
    plain: dict[str, Any] = {
        "redact": mask_of(ASCII_PASSWORD),
        "check_address": lambda address: check_address(address, allow_private=True),
        "clock": lambda: AT,
        "patience": Patience(answer_seconds=2, total_seconds=4),
    }
    return EmailNotifier(url, (sender, to or (ADA,)), **{**plain, **changes})


def failure(notifier: EmailNotifier) -> NotifyError:
    """Send and return the error; its whole story must not hold the password."""
    with pytest.raises(NotifyError) as caught:
        notifier.send(MORNING)
    story = "".join(traceback.format_exception(caught.value))
    assert "7Q2mZ" not in story
    return caught.value


def no_timer_runs() -> bool:
    """Whether the clocks that cut a line off have all ended, or do so at once."""
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for timer in timers:
        timer.join(0.5)
    return not any(timer.is_alive() for timer in timers)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody has signed."""
    return make_certificate(tmp_path_factory.mktemp("tls") / "made-up.pem", HERE, ELSEWHERE)


@pytest.fixture
def server() -> Iterator[FakeMailServer]:
    """Start a mail server on this very machine, as a relay that wants no login."""
    with FakeMailServer() as running:
        yield running


class TestOnTheWay:
    """Nobody reads along (S003-70)."""

    @pytest.mark.parametrize("is_tls", [True, False], ids=["smtps", "starttls"])
    def test_a_letter_goes_encrypted_and_logged_in(
        self, certificate: Path, monkeypatch: pytest.MonkeyPatch, *, is_tls: bool
    ) -> None:
        """The certificate is checked, and user and password are decoded."""
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with FakeMailServer(ELSEWHERE, certificate=certificate, is_tls=is_tls, users=USERS) as server:
            sent = a_notifier(server.url(LOGIN), ADA, BOB).send(MORNING)
            (letter,) = server.letters
        assert letter.is_encrypted
        assert server.logins == [("ops@example.com", ASCII_PASSWORD)]
        assert (letter.sender, letter.recipients) == ("ops@example.com", (ADA, BOB))
        assert sent.reference == letter.letter["Message-ID"]
        assert sent.note == ""

    @pytest.mark.parametrize("is_tls", [True, False], ids=["smtps", "starttls"])
    def test_a_server_that_nobody_vouches_for_gets_nothing(self, certificate: Path, *, is_tls: bool) -> None:
        """Neither password nor letter."""
        with FakeMailServer(ELSEWHERE, certificate=certificate, is_tls=is_tls, users=USERS) as server:
            error = failure(a_notifier(server.url(LOGIN)))
            assert (server.logins, server.letters) == ([], [])
        assert "is not trusted (self-signed certificate)" in str(error)
        assert "SSL_CERT_FILE" in str(error)
        assert (error.retryable, error.may_have_arrived) == (False, False)

    def test_a_certificate_of_another_server_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A name in it must be the one that is called."""
        other = make_certificate(tmp_path / "other.pem", "mail.example.com")
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        with FakeMailServer(ELSEWHERE, certificate=other) as server:
            assert "IP address mismatch" in str(failure(a_notifier(server.url())))

    @pytest.mark.parametrize("login", [LOGIN, ""])
    def test_without_starttls_nothing_goes_to_another_machine(self, login: str) -> None:
        """Whoever is on the way may have taken the offer out (downgrade)."""
        with FakeMailServer(ELSEWHERE, users=USERS) as server:
            error = failure(a_notifier(server.url(login)))
            assert (server.logins, server.letters) == ([], [])
        assert "offers no STARTTLS" in str(error)

    def test_smtps_to_a_server_without_tls_is_explained(self, server: FakeMailServer) -> None:
        """A mistaken scheme is a sentence."""
        patience = Patience(answer_seconds=0.3, total_seconds=1)
        error = failure(a_notifier(server.url(scheme="smtps"), patience=patience))
        assert "for STARTTLS write smtp://" in str(error) or "did not answer in time" in str(error)

    def test_a_wrong_password_is_told_without_it(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The server of this test repeats the password in its answer (H09)."""
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with FakeMailServer(ELSEWHERE, certificate=certificate, users={"ops@example.com": "other"}) as server:
            error = failure(a_notifier(server.url(LOGIN)))
        assert "refused the login (SMTP 535 5.7.8): check user and password in SMTP_URL" in str(error)
        assert not error.retryable

    def test_a_password_that_cannot_be_sent_is_told(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The library would fail over its encoding."""
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with FakeMailServer(ELSEWHERE, certificate=certificate, users={"ops": PASSWORD}) as server:
            assert "use ASCII" in str(failure(a_notifier(server.url("ops:p%40ss%2Fw%C3%B6rd-7Q2mZ"))))

    def test_a_login_that_nobody_wants_is_told(self, server: FakeMailServer) -> None:
        """A relay without users."""
        assert "takes no login" in str(failure(a_notifier(server.url(LOGIN))))

    def test_a_missing_login_is_told(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """530 is what servers say."""
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with FakeMailServer(ELSEWHERE, certificate=certificate, users=USERS) as server:
            assert "put user and password into SMTP_URL" in str(failure(a_notifier(server.url())))


class TestSenderAndRecipients:
    """Who writes to whom."""

    @pytest.mark.parametrize(
        ("sender", "shown"),
        [
            ("", "NeuroPilot <neuropilot@[127.0.0.1]>"),
            ("ops@example.com", "NeuroPilot <ops@example.com>"),
            ("Operations <ops@example.com>", "Operations <ops@example.com>"),
            ("Größe <ops@example.com>", "Größe <ops@example.com>"),
            ("A\r\nBcc: eve <ops@example.com>", "eve <ops@example.com>"),
            ("ops", None),
            ("ops@@example.com", None),
        ],
    )
    def test_the_sender_is_the_one_of_the_settings(
        self, server: FakeMailServer, sender: str, shown: str | None
    ) -> None:
        """Without one it is made from the server; what is none is told."""
        if shown is None:
            assert "email.from is no sender" in str(failure(a_notifier(server.url(), sender=sender)))
        else:
            a_notifier(server.url(), sender=sender).send(MORNING)
            assert server.letters[0].letter["From"] == shown
            assert "Bcc" not in server.letters[0].letter

    def test_refused_recipients_are_counted_and_the_others_get_it(self, server: FakeMailServer) -> None:
        """One who has left the team keeps it from nobody; the server's words may hold anything."""
        server.answer(f"RCPT {BOB}", f"550 5.1.1 {BOB} has left")
        sent = a_notifier(server.url(), ADA, BOB, EVE).send(MORNING)
        assert server.letters[0].recipients == (ADA, EVE)
        assert sent.note == (
            "1 of 3 recipients were refused: number 2 (SMTP 550 5.1.1) of email.to; check the addresses"
        )

    @pytest.mark.parametrize(("says", "retryable"), [("550 5.1.1 nobody", False), ("450 4.2.1 busy", True)])
    def test_when_all_are_refused_nothing_was_sent(self, server: FakeMailServer, says: str, *, retryable: bool) -> None:
        """Greylisting passes, a mistyped address does not."""
        server.answer(f"RCPT {ADA}", says)
        error = failure(a_notifier(server.url()))
        assert f"every recipient, the first one (SMTP {says[:9]})" in str(error)
        assert (error.retryable, error.may_have_arrived) == (retryable, False)
        assert not server.letters

    @pytest.mark.parametrize(("to", "says"), [((), "email.to is empty"), ((ADA, "ü@example.com"), "number 2")])
    def test_whom_nobody_can_write_to_is_told(self, server: FakeMailServer, to: tuple[str, ...], says: str) -> None:
        """By place, because an address is personal."""
        notifier = EmailNotifier(server.url(), ("", to), redact=str, check_address=lambda _: None, clock=lambda: AT)
        assert says in str(failure(notifier))


class TestTrouble:
    """Failures of every kind, each with what to do, and whether the letter may be there."""

    @pytest.mark.parametrize(
        ("step", "says", "words", "retryable"),
        [
            ("MAIL", "553 5.7.1 not yours", "the sender (SMTP 553 5.7.1): check the addresses in email.from", False),
            ("MAIL", "452 4.3.1 full", "run again later", True),
            ("DATA", "554 5.7.1 spam", "the letter (SMTP 554 5.7.1): it takes the letter for spam", False),
            ("DATA", "451 4.7.1 later", "run again later", True),
            ("DATA", "599 what", "(SMTP 599): see the server's own log", False),
            ("MAIL", DROP, "hung up", True),
        ],
    )
    def test_a_refusal_is_told_with_its_code(
        self, server: FakeMailServer, step: str, says: str, words: str, *, retryable: bool
    ) -> None:
        """The server's words are left out, its codes are documented."""
        server.answer(step, says)
        error = failure(a_notifier(server.url()))
        assert words in str(error)
        assert (error.retryable, error.may_have_arrived) == (retryable, False)

    @pytest.mark.parametrize("says", [DROP, SILENCE, DRIP])
    def test_a_line_that_breaks_after_the_letter_leaves_doubt(self, server: FakeMailServer, says: str) -> None:
        """It was taken, in this test, and sending it again would make two of it."""
        server.answer("DATA", says)
        patience = Patience(answer_seconds=0.3, total_seconds=0.6)
        error = failure(a_notifier(server.url(), patience=patience))
        assert "it may have arrived" in str(error)
        assert (error.retryable, error.may_have_arrived) == (False, True)
        assert len(server.letters) == 1

    @pytest.mark.parametrize("says", [SILENCE, DRIP])
    def test_a_slow_server_is_not_waited_for(self, server: FakeMailServer, says: str) -> None:
        """A letter now and then buys nobody more time, and no thread stays behind."""
        server.answer("EHLO", says)
        began = time.monotonic()
        error = failure(a_notifier(server.url(), patience=Patience(answer_seconds=0.3, total_seconds=0.4)))
        assert time.monotonic() - began < 2
        assert (error.retryable, error.may_have_arrived) == (True, False)
        assert no_timer_runs()

    def test_a_web_server_is_no_mail_server(self) -> None:
        """It waits for a request, we for a greeting."""
        with FlakyServer(silent) as server:
            url = server.url.replace("http", "smtp")
            error = failure(a_notifier(url, patience=Patience(answer_seconds=0.2, total_seconds=1)))
        assert "does it speak SMTP" in str(error)

    def test_nobody_listening_is_worth_another_try(self) -> None:
        """Nothing can have arrived."""
        error = failure(a_notifier("smtp://127.0.0.1:1"))
        assert "port 1, cannot be reached (Connection refused): check SMTP_URL" in str(error)
        assert (error.retryable, error.may_have_arrived) == (True, False)
        assert no_timer_runs()

    def test_a_metadata_address_is_never_called(self) -> None:
        """By whatever name (H30)."""
        assert "metadata" in str(failure(a_notifier("smtp://169.254.169.254")))

    @pytest.mark.parametrize(
        "url",
        ["", f"mail.example.com/{ASCII_PASSWORD}", f"http://ops:{ASCII_PASSWORD}@mail", f"smtp://:{ASCII_PASSWORD}@",
         f"smtp://ops:{ASCII_PASSWORD}@mail:port", "smtp://[::1"],
    )  # fmt: skip
    def test_an_address_that_is_none_is_explained(self, url: str) -> None:
        """A mistyped secret is a sentence, and is not repeated (H10)."""
        assert "SMTP_URL" in str(failure(a_notifier(url)))

    @pytest.mark.parametrize(
        ("limit", "note"),
        [
            (20_000, ""),
            (14_000, "without its pictures, because the server takes no more than 14,000 bytes"),
            (9_000, "without its pictures and its page, because the server takes no more than 9,000 bytes"),
        ],
    )
    def test_a_server_with_little_room_gets_less(self, limit: int, note: str) -> None:
        """It says how much it takes; what was left out is told."""
        message = replace(MORNING, html=MORNING.html.replace("whole page", "whole page " * 300))
        picture = replace(MORNING.pictures[0], png=MORNING.pictures[0].png + b"\0" * 4000)
        with FakeMailServer(size_limit=limit) as server:
            sent = a_notifier(server.url()).send(replace(message, pictures=(picture,)))
            assert len(server.letters[0].content) <= limit
        assert sent.note == note

    def test_a_server_with_no_room_refuses(self) -> None:
        """Less than the words themselves is not sent."""
        with FakeMailServer(size_limit=2_000) as server:
            error = failure(a_notifier(server.url()))
        assert "the letter is too large for it" in str(error)
        assert not error.may_have_arrived


def test_secrets_never_leave(server: FakeMailServer) -> None:
    """A canary in any part of a message stays here, also inside of what is encoded (H09)."""
    message = filled(f"password is {ASCII_PASSWORD}!")
    a_notifier(server.url()).send(replace(message, html=f"<p>{ASCII_PASSWORD}"))
    (taken,) = server.letters
    parts = [part.get_content() for part in taken.letter.walk() if part.get_content_maintype() == "text"]
    said = str(taken.letter.items()) + "".join(parts)
    assert len(parts) == 3
    assert ASCII_PASSWORD not in said
    assert "password is ***!" in said
