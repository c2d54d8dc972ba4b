"""Services that Apprise knows: told by its own plugins, at servers that are asked for real."""

from __future__ import annotations

import inspect
import json
import logging
import re
import threading
import time
import traceback
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote_plus

import pytest
from apprise import NotificationManager
from certificates import make_certificate
from fakes import flaky
from fakes.flaky import FlakyServer, answer
from fakes.internet import FakeInternet
from fakes.smtp import FakeMailServer
from messages import DOCUMENT, MORNING, filled, mask_of, png

from ai_ops.addresses import check_address
from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Level, Message, Picture
from ai_ops.notify.apprise.channel import AppriseNotifier, apprise_problems
from ai_ops.notify.apprise.words import SHORT
from ai_ops.settings.secret_parts import secret_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "c4naryT0kenXyZ9876abcdef"
SHORT_MESSAGE = Message("web-1", "web: hold", (("CPU", "47 %"),), ("all is calm",))
OK = answer(200, b"ok")

DISCORD = f"discord://4174216298411/{TOKEN}"
SLACK = f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}"
TEAMS = f"workflows://prod-1.westeurope.logic.azure.com/abcdef/{TOKEN}"
TWILIO = f"twilio://AC735c307c62944b5a9c735c307c62944b:{TOKEN}e29dfbce@+12012014546/19022240171"
TELEGRAM = f"tgram://123456789:{TOKEN}uvwxyz12345678/12315544/"
WHATSAPP = f"whatsapp://{TOKEN}@111111111/19022240171"
GOOGLE_CHAT = f"gchat://workspace/key123/{TOKEN}"
SENDGRID = f"sendgrid://{TOKEN}:ops@example.com/ada@example.com"
FAR = {
    "discord.com": DISCORD,
    "hooks.slack.com": SLACK,
    "prod-1.westeurope.logic.azure.com": TEAMS,
    "api.twilio.com": TWILIO,
    "api.telegram.org": TELEGRAM,
    "graph.facebook.com": WHATSAPP,
    "chat.googleapis.com": GOOGLE_CHAT,
    "api.sendgrid.com": SENDGRID,
}
NEAR = ["json", "form", "xml", "mmost", "ntfy", "gotify", "hassio", "apprise", "matrix"]


def a_notifier(urls: str, **changes: Any) -> AppriseNotifier:
    """Make a notifier that gives up soon."""
    plain: dict[str, Any] = {
        "redact": mask_of(TOKEN),
        "check_address": lambda address: check_address(address, allow_private=True, resolver=lambda _host, _port: ()),
        "patience_seconds": 5,
    }
    return AppriseNotifier(urls, **{**plain, **changes})


def address_of(kind: str, server: FlakyServer) -> str:
    """Address of a service of a kind, at a server of ours."""
    return f"{kind}://{server.url.partition('://')[2]}/{TOKEN}{'?mode=slack' if kind == 'matrix' else ''}"


def failure(notifier: AppriseNotifier, message: Message = SHORT_MESSAGE) -> NotifyError:
    """Send and return the error; its whole story must hold no token."""
    with pytest.raises(NotifyError) as caught:
        notifier.send(message)
    story = "".join(traceback.format_exception(caught.value))
    assert not [part for part in (TOKEN, *secret_parts({"apprise_urls": FAR["api.twilio.com"]})) if part in story]
    return caught.value


@pytest.fixture
def server() -> Iterator[FlakyServer]:
    """Start a web server that takes everything."""
    with FlakyServer(OK) as running:
        yield running


@pytest.fixture
def internet(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeInternet]:
    """Start the servers of others."""
    certificate = make_certificate(tmp_path_factory.mktemp("tls") / "made-up.pem", *FAR)
    with FakeInternet(certificate) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
            monkeypatch.setenv(name.lower(), value)
        yield running


@pytest.mark.parametrize("kind", NEAR)
def test_a_message_arrives_at_a_server_of_ones_own(kind: str, server: FlakyServer) -> None:
    """Title, facts and lines, by the plugin's own protocol (S004-43)."""
    a_notifier(address_of(kind, server)).send(SHORT_MESSAGE)
    (asked,) = server.asked
    said = unquote_plus(asked.body.decode())
    assert all(words in said for words in ("web: hold", "47 %", "all is calm"))


@pytest.mark.parametrize(("host", "address"), FAR.items(), ids=FAR)
def test_a_message_arrives_at_the_services_that_teams_use(host: str, address: str, internet: FakeInternet) -> None:
    """Teams, Discord, SMS, WhatsApp and others, over TLS and by their own names (S004-43)."""
    a_notifier(address).send(SHORT_MESSAGE)
    heard = internet.heard[0]
    assert heard.host == host
    assert "hold" in heard.body.decode()


def test_an_address_as_the_service_shows_it_is_known(internet: FakeInternet) -> None:
    """Discord shows a web address, not Apprise's own."""
    a_notifier(f"https://discord.com/api/webhooks/4174216298411/{TOKEN}").send(SHORT_MESSAGE)
    assert internet.heard[0].path == f"/api/webhooks/4174216298411/{TOKEN}"


def test_nothing_of_foreign_text_acts_at_any_service(internet: FakeInternet) -> None:
    """Each chat has mentions and links of its own; the plugins translate what they know, and find nothing (H20)."""
    text = "<!channel> <users/all> @here <@U123> [x](http://evil.example) *b* `c` ||d|| <b>x</b> & \\ :bell: #1"
    a_notifier(" ".join(FAR.values())).send(replace(filled(text), pictures=(), review_url="", link=""))
    for heard in internet.heard:
        said = heard.body.decode()
        said = said if "form" in heard.headers["Content-Type"] else str(json.loads(said))
        if heard.host != "api.twilio.com":  # a phone shows letters
            assert not [sign for sign in ("<!", "<users", "@here", "<@", "](", "://evil", "||", "`") if sign in said]
        assert "@here" not in said
    assert len(internet.heard) == len(FAR)


def test_a_phone_gets_headline_action_and_address(internet: FakeInternet) -> None:
    """160 letters of a phone's own alphabet, and the address whole."""
    title = "web: cpu_scale_in_percent 30 → 35 — „soon‟ <now> …"
    document = replace(DOCUMENT, action="Review pull request 12")
    a_notifier(TWILIO).send(replace(MORNING, title=title, document=document))
    (heard,) = internet.heard
    body = parse_qs(heard.body.decode())["Body"][0]
    assert body == (
        "web: cpu_scale_in_percent 30 -> 35 - „soon‟ <now> ...\n"
        "To do: Review pull request 12\nhttps://github.com/acme/shop/pull/12"
    )
    assert len(body) <= SHORT


def test_mail_by_apprise_is_html(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the format that the service takes."""
    with FakeMailServer() as mail:
        address = f"mailto://127.0.0.1:{mail.port}?smtp=127.0.0.1&from=ops@example.com&to=ada@example.com&mode=insecure"
        a_notifier(address).send(replace(SHORT_MESSAGE, title="a <b> & c"))
        letter = mail.letters[0].letter
    page = letter.get_body(("html",))
    assert page is not None
    assert "CPU: 47 %<br>" in page.get_content()
    assert letter["Subject"] == "a \u2039b\u203a & c"


def test_pictures_go_where_they_are_taken(server: FlakyServer) -> None:
    """Four at most, and no more than 5 MB; a service without pictures gets the words."""
    large = Picture("large", "large", png() + b"\0" * 5_000_000)
    pictures = (*MORNING.pictures * 2, large, *MORNING.pictures * 3)
    a_notifier(address_of("json", server)).send(replace(MORNING, pictures=pictures))
    names = [one["filename"] for one in json.loads(server.asked[0].body)["attachments"]]
    assert names == ["picture-1.png", "picture-2.png"]
    a_notifier(address_of("gotify", server)).send(MORNING)
    assert b"picture" not in server.asked[1].body


@pytest.mark.parametrize(
    ("level", "kind"), [(Level.INFO, "info"), (Level.MEDIUM, "warning"), (Level.CRITICAL, "failure")]
)
def test_loudness_is_told(server: FlakyServer, level: Level, kind: str) -> None:
    """Services show it by a colour."""
    a_notifier(address_of("json", server)).send(replace(SHORT_MESSAGE, level=level))
    assert json.loads(server.asked[0].body)["type"] == kind


def test_every_address_is_tried_and_failures_are_told_by_place(server: FlakyServer) -> None:
    """One that fails stops no other; whoever has the message does not get it twice."""
    with FlakyServer(answer(401)) as other:
        urls = f"{address_of('json', other)}\n json://127.0.0.1:1/{TOKEN} nonsense\t{address_of('gotify', server)}"
        error = failure(a_notifier(urls))
    assert len(server.asked) == 1
    assert str(error) == (
        "APPRISE_URLS: 3 of 4 addresses failed: "
        "number 1 (json://127.0.0.1 answered HTTP 401: check the token and the targets in it), "
        "number 2 (json://127.0.0.1 could not be reached: check its server and the network), "
        "number 3 (it begins with no service that Apprise knows; https://appriseit.com/services/ lists them)"
        "; the others have it, so it is not sent again"
    )
    assert (error.retryable, error.may_have_arrived) == (False, True)


@pytest.mark.parametrize(
    ("trouble", "words", "retryable", "may_have_arrived"),
    [
        (answer(403), "answered HTTP 403: check the token", False, False),
        (answer(429, retry_after="3"), "answered HTTP 429: run again later", True, False),
        (answer(500), "answered HTTP 500: run again later", True, False),
        (answer(502), "answered HTTP 502: run again later", True, True),
        (flaky.redirect("/elsewhere"), "answered HTTP 302", False, False),
        (flaky.reset, "it may have arrived", False, True),
        (flaky.silent, "it may have arrived", False, True),
    ],
    ids=["refused", "busy", "failed", "gateway", "redirected", "reset", "silent"],
)
def test_a_failure_is_told_with_what_to_do(
    server: FlakyServer, trouble: flaky.Behaviour, words: str, *, retryable: bool, may_have_arrived: bool
) -> None:
    """And whether the message may be there."""
    server.behave(trouble)
    error = failure(a_notifier(f"{address_of('json', server)}?rto=0.2&cto=0.5"))
    assert words in str(error)
    assert (error.retryable, error.may_have_arrived) == (retryable, may_have_arrived)
    assert len(server.asked) == 1


def test_nobody_listening_is_worth_another_try() -> None:
    """Nothing can have arrived, at none of them."""
    error = failure(a_notifier(f"json://127.0.0.1:1/{TOKEN} gotify://127.0.0.1:1/{TOKEN}"))
    assert (error.retryable, error.may_have_arrived) == (True, False)


def test_of_several_people_behind_one_address_some_may_have_it(internet: FakeInternet) -> None:
    """Nobody can say which."""
    internet.status = 401
    assert failure(a_notifier(f"{TWILIO}/19022240172")).may_have_arrived
    assert not failure(a_notifier(TWILIO)).may_have_arrived


def test_a_server_that_drips_is_left_alone(server: FlakyServer) -> None:
    """Its bytes buy it no time, and no thread stays behind when it ends."""
    server.behave(flaky.dripping_body)
    before = set(threading.enumerate())
    began = time.monotonic()
    error = failure(a_notifier(address_of("json", server), patience_seconds=0.3))
    assert time.monotonic() - began < 2
    assert "was not done after 0.3 s; it may have arrived" in str(error)
    server.__exit__()
    for left in set(threading.enumerate()) - before:
        left.join(2)
        assert not left.is_alive()


def test_a_good_call_leaves_no_thread(server: FlakyServer) -> None:
    """A cycle ends when it is done."""
    before = {thread for thread in threading.enumerate() if thread.name == "apprise"}
    a_notifier(address_of("json", server)).send(MORNING)
    assert {thread for thread in threading.enumerate() if thread.name == "apprise"} == before


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("dbus://", "on the machine where the agent runs"),
        ("kde://", "on the machine where the agent runs"),
        ("gnome://", "on the machine where the agent runs"),
        ("macosx://", "on the machine where the agent runs"),
        ("windows://", "on the machine where the agent runs"),
        ("syslog://", "on the machine where the agent runs"),
        ("blink1://", "on the machine where the agent runs"),
        (f"http://config.example/{TOKEN}", "no service that Apprise knows"),
        (f"https://config.example/{TOKEN}", "Apprise knows no service there"),
        (f"file:///etc/{TOKEN}", "no service that Apprise knows"),
        (f"hunter2{TOKEN}", "no service that Apprise knows"),
        (f"discord://{TOKEN}", "does not understand the rest of it"),
        (f"mqtt://127.0.0.1/{TOKEN}", "needs a library that is not installed"),
        (f"jsons://127.0.0.1/{TOKEN}?verify=no", "verify=no would send the token to whoever is on the way"),
        (f"json://169.254.169.254/{TOKEN}", "metadata"),
        ("json://metadata.google.internal", "metadata"),
    ],
)
def test_an_address_that_is_not_used_is_told_by_place_alone(address: str, words: str) -> None:
    """Nothing is sent, and of the address no more than its kind is said (H09, H30)."""
    error = failure(a_notifier(address))
    assert str(error).startswith("APPRISE_URLS: 1 of 1 addresses failed: number 1 (")
    assert words in str(error)
    assert (error.retryable, error.may_have_arrived) == (False, False)


def test_no_service_that_runs_a_program_or_touches_this_machine_is_used() -> None:
    """Whatever a later Apprise adds: those are told by what they import."""
    apprise_problems("json://127.0.0.1")  # which loads the services, and keeps quiet about their warnings
    touching = re.compile(r"^\s*(?:import|from) (?:subprocess|dbus|gi|syslog|win32\w*|blink1|hid|usb)\b", re.MULTILINE)
    services = NotificationManager()
    plugins = {plugin for plugin in services.plugins() if touching.search(inspect.getsource(inspect.getmodule(plugin)))}
    assert len(plugins) >= 6
    schemas = [schema for schema in services.schemas() if services[schema] in plugins]
    assert all(
        "the machine where the agent runs" in one for one in apprise_problems(" ".join(map("{}://x".format, schemas)))
    )
    assert len(apprise_problems(" ".join(map("{}://x".format, schemas)))) == len(schemas)


def test_what_doctor_says_of_addresses(server: FlakyServer) -> None:
    """Nothing where all are fine; nobody is asked."""
    good = " ".join([*FAR.values(), address_of("json", server)])
    assert apprise_problems(good) == ()
    assert apprise_problems("") == ()
    (problem,) = apprise_problems(f"{good} discord://{TOKEN}")
    assert problem == (
        f"number {len(FAR) + 2} (discord: Apprise does not understand the rest of it; compare it with "
        "https://appriseit.com/services/discord/)"
    )
    assert server.asked == []


def test_an_empty_setting_is_told() -> None:
    """White space is no address."""
    assert "holds no address" in str(failure(a_notifier(" \n")))


def test_nothing_is_logged(internet: FakeInternet, capfd: pytest.CaptureFixture[str]) -> None:
    """With every logger at its loudest, tokens would stand in the logs of three libraries (H09)."""
    before = logging.getLogger("urllib3").level
    with everything_logged() as said:
        a_notifier(" ".join(FAR.values())).send(MORNING)
        internet.status = 401
        failure(a_notifier(" ".join([*FAR.values(), f"discord://{TOKEN}", f"nonsense://{TOKEN}"])))
    assert (said, capfd.readouterr()) == ([], ("", ""))
    assert logging.getLogger("urllib3").level == before


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Hear what reaches the root of all loggers, as a log file would."""
    said: list[str] = []
    ear = logging.Handler(1)
    ear.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.setLevel(1)
    root.addHandler(ear)
    try:
        yield said
    finally:
        root.removeHandler(ear)
        root.setLevel(level)


def test_secrets_never_leave(internet: FakeInternet, server: FlakyServer) -> None:
    """A canary in any part of a message stays here, in every format (H09)."""
    secret = "canary-7Q2mZ"
    urls = " ".join([*FAR.values(), *(address_of(kind, server) for kind in NEAR)])
    a_notifier(urls, redact=mask_of(secret)).send(replace(filled(f"password is {secret}!"), pictures=()))
    bodies = [heard.body.decode() for heard in internet.heard] + [asked.body.decode() for asked in server.asked]
    assert len(bodies) == len(FAR) + len(NEAR)
    assert not [body for body in bodies if secret in body or "7Q2mZ" in body]
