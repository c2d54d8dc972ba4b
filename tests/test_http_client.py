"""The door to the network holds: whatever a server does, there is an answer or a clear error, in time."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from fakes import flaky
from fakes.flaky import FlakyServer, answer, answer_json

from ai_ops.domain.errors import HttpError
from ai_ops.http_client import Deadline, HttpClient, Limits
from ai_ops.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakes.flaky import Behaviour

OK = answer_json({"fine": True})


class Pauses:
    """Takes the place of sleeping: notes how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        """Note one pause."""
        self.seconds.append(seconds)


def a_client(**choices: object) -> HttpClient:
    """A client for loopback that does not sleep."""
    return HttpClient(**{"allow_private": True, "retry_post": True, "sleep": Pauses(), **choices})  # type: ignore[arg-type]


def failure(server: FlakyServer, client: HttpClient) -> str:
    """What the client says when it asks `server` in vain."""
    with pytest.raises(HttpError) as caught:
        client.get(server.url)
    return str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, signed by nobody, and its key in one file."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed; run `apt-get install openssl`")
    path = tmp_path_factory.mktemp("tls") / "made-up.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test -days 2"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", path]
    subprocess.run(["openssl", *words.split(), *names], check=True, capture_output=True)
    return path


@pytest.mark.parametrize(
    "trouble",
    [
        flaky.truncated,
        flaky.truncated_chunk,
        flaky.reset,
        answer(503),
        answer(502),
        answer(429, retry_after="1"),
        answer(429, retry_after="soon"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_passing_trouble_is_survived(trouble: Behaviour, method: str) -> None:
    """A broken-off or refused answer is asked for again, also with POST when it only reads (H29)."""
    with FlakyServer(trouble, trouble, OK) as server:
        assert getattr(a_client(), method)(server.url).json() == {"fine": True}
        assert len(server.asked) == 3


def test_a_server_that_goes_silent_is_asked_again() -> None:
    """One lost answer costs one read timeout, not the cycle."""
    with FlakyServer(flaky.silent, OK) as server:
        assert a_client(limits=Limits(read_seconds=0.2)).get(server.url).status == 200


def test_an_error_status_is_the_callers_business_once_the_retries_are_spent() -> None:
    """Only the caller knows what a 503 of this server means; it gets status, headers and body."""
    with FlakyServer(answer(503, b"busy", x_reason="load")) as server:
        reply = a_client(limits=Limits(retries=2)).get(server.url)
        assert (reply.status, reply.headers["X-REASON"], reply.body) == (503, "load", b"busy")
        assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_an_answer_that_will_not_change_is_not_asked_for_again(status: int) -> None:
    """Repeating a wrong question or wrong credentials only locks the account."""
    with FlakyServer(answer(status)) as server:
        assert a_client().get(server.url).status == status
        assert len(server.asked) == 1


@pytest.mark.parametrize("trouble", [flaky.truncated, flaky.reset, answer(503)])
def test_a_post_that_writes_is_sent_once(trouble: Behaviour) -> None:
    """Sending it again might page a person twice."""
    with FlakyServer(trouble, OK) as server:
        client = a_client(retry_post=False)
        with suppress(HttpError):
            assert client.post(server.url, json={"page": 1}).status == 503
        assert len(server.asked) == 1


def test_form_and_json_arrive() -> None:
    """A form is what Prometheus takes, JSON what most others do."""
    with FlakyServer(OK) as server:
        a_client().post(server.url, form={"query": "a+b &c"})
        a_client().post(server.url, json={"a": [1]})
        a_client().get(server.url + "/x", params={"q": "a b"}, headers={"X-One": "1"}, auth=("me", "pässword"))
        form, document, got = server.asked
    assert (form.body, form.headers["Content-Type"]) == (b"query=a%2Bb+%26c", "application/x-www-form-urlencoded")
    assert (document.body, document.headers["Content-Type"]) == (b'{"a": [1]}', "application/json")
    assert (got.method, got.path, got.headers["X-One"]) == ("GET", "/x?q=a+b", "1")
    assert got.headers["Authorization"] == "Basic bWU6cMOkc3N3b3Jk"


class TestPatience:
    """How long the client waits, and for what."""

    def test_the_server_says_how_long_to_pause_within_reason(self) -> None:
        """A Retry-After of hours must not hold the job (H29)."""
        pauses = Pauses()
        with FlakyServer(answer(429, retry_after="7"), answer(503, retry_after="86400"), OK) as server:
            a_client(sleep=pauses, limits=Limits(total_seconds=1000)).get(server.url)
        assert pauses.seconds == [7, 30]

    def test_pauses_grow(self) -> None:
        """A server in trouble is left alone a little longer each time."""
        pauses = Pauses()
        with FlakyServer(answer(503)) as server:
            a_client(sleep=pauses).get(server.url)
        assert pauses.seconds == sorted(pauses.seconds)
        assert len(pauses.seconds) == 3

    @pytest.mark.parametrize(
        "trouble", [flaky.dripping_body, flaky.dripping_head, flaky.silent, flaky.endless_until_cut]
    )
    def test_no_server_can_hold_us_past_the_deadline(self, trouble: Behaviour) -> None:
        """Each byte of a drip is in time, the whole is not: the wall clock decides (H29)."""
        with FlakyServer(trouble) as server:
            begin = time.monotonic()
            text = failure(server, a_client(deadline=Deadline(0.6)))
            assert 0.5 < time.monotonic() - begin < 2.5
        assert "no whole answer within 0.6 s" in text

    def test_half_a_head_is_no_answer(self) -> None:
        """Cut off when its own time was up, with time left for all: it has a status, and looks whole (H29)."""
        with FlakyServer(flaky.dripping_head) as server:
            limits = Limits(read_seconds=0.2, total_seconds=5, retries=0)
            assert "is the address right and the server up" in failure(server, a_client(limits=limits))

    def test_the_deadline_is_shared_by_all_requests(self) -> None:
        """Ten slow queries may not take ten times the time of one."""
        now = [0.0]
        client = a_client(deadline=Deadline(10, lambda: now[0]))
        with FlakyServer(OK) as server:
            client.get(server.url)
            now[0] = 10.0
            assert "the 10 s for all requests together are used up" in failure(server, client)
            assert len(server.asked) == 1

    def test_the_deadline_begins_with_the_first_request(self) -> None:
        """What happens between building the agent and its first query is not the server's fault."""
        now = [0.0]
        deadline = Deadline(10, lambda: now[0])
        now[0] = 100.0
        assert deadline.left() == 10
        now[0] = 104.0
        assert deadline.left() == 6

    def test_no_pause_is_begun_that_the_deadline_would_cut(self) -> None:
        """When the server asks for more time than there is, its answer is handed over at once."""
        pauses = Pauses()
        with FlakyServer(answer(429, retry_after="20")) as server:
            assert a_client(sleep=pauses, deadline=Deadline(5)).get(server.url).status == 429
        assert pauses.seconds == []


class TestAppetite:
    """How much the client takes."""

    @pytest.mark.parametrize("body", [answer(200, b"x" * 2_000_000), flaky.gzip_bomb(200)])
    def test_too_much_is_refused(self, body: Behaviour) -> None:
        """A gzip bomb is small on the wire; what counts is what it becomes, and that is never held whole (H29)."""
        with FlakyServer(body) as server:
            tracemalloc.start()
            text = failure(server, a_client(limits=Limits(body_max_bytes=1_000_000)))
            peak_bytes = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert "more than 1000000 bytes" in text
            assert len(server.asked) == 1
            assert peak_bytes < 10_000_000

    def test_a_web_page_is_no_json(self) -> None:
        """A login page answers 200; the error says what probably stands at the address."""
        with FlakyServer(flaky.web_page(200)) as server:
            reply = a_client().get(server.url)
        with pytest.raises(HttpError, match=r"no JSON but text/html.*a login"):
            reply.json()

    def test_json_that_nests_too_deep_is_an_error_not_a_crash(self) -> None:
        """A hostile document may not take the interpreter down."""
        with FlakyServer(answer(200, b"[" * 200_000)) as server:
            reply = a_client().get(server.url)
        with pytest.raises(HttpError):
            reply.json()


class TestRedirects:
    """Where the client lets itself be sent (H30)."""

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_within_the_host_the_question_goes_along(self, status: int) -> None:
        """A server that adds a slash still gets the whole question and the credentials."""
        with FlakyServer(flaky.redirect("/api/", status), OK) as server:
            a_client().post(server.url + "/api", form={"query": "up"}, auth=("me", "secret"))
            first, second = server.asked
        assert (second.method, second.path, second.body) == ("POST", "/api/", first.body)
        assert second.headers["Authorization"] == first.headers["Authorization"]

    def test_see_other_becomes_a_get(self) -> None:
        """303 means: look there for the outcome."""
        with FlakyServer(flaky.redirect("/done", 303), OK) as server:
            a_client().post(server.url, form={"query": "up"})
            assert (server.asked[1].method, server.asked[1].path, server.asked[1].body) == ("GET", "/done", b"")

    @pytest.mark.parametrize(
        "target",
        [
            "http://127.0.0.2:{port}/",
            "http://127.0.0.1:1/",
            "http://169.254.169.254/latest/",
            "//localhost:{port}/x",
            "http://[::1",
            "http://127.0.0.1:99999999/",
        ],
    )
    def test_to_another_host_nothing_is_sent(self, target: str) -> None:
        """Neither a token nor a request leaves for a host that a server, not a person, has named."""
        with FlakyServer(OK) as server:
            port = server.url.rpartition(":")[2]
            server.behave(flaky.redirect(target.format(port=port)))
            assert "redirected elsewhere" in failure(server, a_client())
            assert len(server.asked) == 1

    def test_circles_end(self) -> None:
        """A server that redirects to itself is no reason to go on for ever."""
        with FlakyServer(flaky.redirect("/")) as server:
            assert "redirected more than 5 times" in failure(server, a_client())

    def test_none_is_followed_where_none_may_be(self) -> None:
        """A login page that answers 200 has not taken what was sent."""
        with FlakyServer(flaky.redirect("/login"), OK) as server:
            assert "set the final address" in failure(server, a_client(limits=Limits(redirects=0)))
            assert len(server.asked) == 1


class TestAddresses:
    """Which servers are called at all (H30)."""

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
    def test_a_private_address_needs_permission(self, host: str) -> None:
        """An address from data may not reach into the network; not one byte is sent, however the host is spelled."""
        with FlakyServer(OK) as server, pytest.raises(HttpError, match="private address"):
            HttpClient().get(server.url.replace("127.0.0.1", host))
        assert server.asked == []

    @pytest.mark.parametrize("allow_private", [True, False])
    @pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "2852039166", "metadata.google.internal"])
    def test_metadata_services_are_never_called(self, host: str, allow_private: bool) -> None:  # noqa: FBT001
        """They hand the machine's credentials to whoever asks."""
        with pytest.raises(HttpError, match="metadata"):
            HttpClient(allow_private=allow_private).get(f"http://{host}/latest/meta-data/")

    def test_a_proxy_gets_no_name_that_leads_to_a_private_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Behind a proxy the far end cannot be seen, so the name is resolved here first."""
        with FlakyServer(OK) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url)
            with pytest.raises(HttpError, match="private address"):
                HttpClient().get("http://localhost/")
            assert proxy.asked == []
            assert a_client().get("http://localhost:9/x").status == 200
            assert proxy.asked[0].path == "http://localhost:9/x"

    def test_the_far_end_is_checked_before_tls_begins(self) -> None:
        """A name may resolve to anything; who is there is known once connected, and then nothing has been said yet."""
        with socket.create_server(("127.0.0.1", 0)) as door:
            with pytest.raises(HttpError, match="private address"):
                HttpClient().get(f"https://localhost:{door.getsockname()[1]}/")
            visitor, _ = door.accept()
            with visitor:
                assert visitor.recv(1) == b""

    @pytest.mark.parametrize("url", ["prometheus:9090", "ftp://host/", "http://", "file:///etc/passwd", "http://[::1"])
    def test_what_is_no_web_address_is_refused(self, url: str) -> None:
        """The error comes before the network does."""
        with pytest.raises(HttpError):
            a_client().get(url)


class TestEncryption:
    """TLS fails closed, and its errors name the way out (H29)."""

    def test_an_unknown_authority_is_refused_and_named(self, certificate: Path) -> None:
        """A company's own authority is the usual case; the message says where to put it."""
        with FlakyServer(OK, certificate=certificate) as server:
            text = failure(server, a_client())
            assert "certificate verify failed" in text
            assert "REQUESTS_CA_BUNDLE" in text
            assert server.asked == []

    def test_a_known_authority_is_trusted(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the message recommends works."""
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with FlakyServer(OK, certificate=certificate) as server:
            assert a_client().get(server.url).status == 200

    def test_no_drip_behind_tls_holds_us_either(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The watchdog cuts an encrypted connection just the same."""
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with FlakyServer(flaky.dripping_body, certificate=certificate) as server:
            begin = time.monotonic()
            assert "no whole answer within 0.6 s" in failure(server, a_client(deadline=Deadline(0.6)))
            assert time.monotonic() - begin < 2.5


class TestSecrets:
    """No error tells a secret (H10)."""

    @pytest.fixture
    def texts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        """Error texts of a client that carries canaries; they are checked in the end."""
        collected: list[str] = []
        yield collected
        assert collected
        assert not [text for text in collected if "canary" in text.lower()]

    @pytest.mark.parametrize("trouble", [flaky.truncated, flaky.reset, flaky.redirect("http://other/?token=canary3")])
    def test_neither_url_nor_header_appears(self, trouble: Behaviour, texts: list[str]) -> None:
        """Name, password, parameters and headers stay out of message, cause and representation."""
        with FlakyServer(trouble) as server, pytest.raises(HttpError) as caught:
            a_client(redactor=Redactor(["canary-path"])).get(
                server.url.replace("http://", "http://me:canary1@") + "/canary-path",
                params={"api_key": "canary2"},
                headers={"X-Api": "canary4"},
            )
        texts += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]

    def test_a_token_with_a_line_break_is_not_quoted(self, texts: list[str]) -> None:
        """The commonest mistake with a token must not print it."""
        with pytest.raises(HttpError, match="line break") as caught:
            a_client().get("http://127.0.0.1:1/", headers={"Authorization": "Bearer canary\n"})
        texts += [str(caught.value), repr(caught.value.__cause__)]
        assert caught.value.__suppress_context__

    def test_no_password_file_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A .netrc would silently replace the token that the settings give."""
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password canary\n")
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        with FlakyServer(OK) as server:
            a_client().get(server.url, headers={"Authorization": "Bearer mine"})
            assert server.asked[0].headers["Authorization"] == "Bearer mine"

    def test_credentials_in_the_url_are_used(self) -> None:
        """They travel as a header, so that no log on the way shows them."""
        with FlakyServer(OK) as server:
            a_client().get(server.url.replace("http://", "http://me:word@"))
            assert server.asked[0].headers["Authorization"] == "Basic bWU6d29yZA=="
            assert "word" not in server.asked[0].path


def test_nobody_listening_is_said_plainly() -> None:
    """The operator reads what is wrong, not a chain of class names."""
    with pytest.raises(HttpError, match=r"^GET http://127\.0\.0\.1:1/: Connection refused; is the address right"):
        a_client().get("http://127.0.0.1:1/")
