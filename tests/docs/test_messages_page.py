"""MESSAGES.md says what the channels really are, and what it shows works as it stands there."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import UTC, datetime
from http.server import HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from examples import an_episode
from fakes.flaky import FlakyServer, Handler, answer
from messages import MORNING
from report_days import MORNINGS

from ai_ops.cli.notify_words import receipt_lines
from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Level, Message, Receipt
from ai_ops.http_client import HttpClient, Limits
from ai_ops.notify.apprise.channel import apprise_problems
from ai_ops.notify.cycle.figures import properties_of as figures_of
from ai_ops.notify.email.smtp_words import refusal
from ai_ops.notify.notion.columns import Column, Columns, values_for
from ai_ops.notify.template.template import Template
from ai_ops.notify.template.values import values_of
from ai_ops.notify.webhook.webhook import WebhookNotifier
from ai_ops.report.message.message import message_for
from ai_ops.report.message.properties import properties_of
from ai_ops.report.pages.document import document_of
from ai_ops.settings import load_settings
from ai_ops.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/ai_ops/MESSAGES.md").read_text("utf-8")
SECRET = "made-up-7Q2mZ"
HOUR = 3600.0


def fenced(mark: str) -> list[str]:
    """What stands in the blocks with this mark."""
    return re.findall(rf"^```{mark}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def cells(row: str) -> list[str]:
    """The cells of a row of a table."""
    return [cell.strip() for cell in row.strip("| ").split(" | ")]


def test_the_table_of_channels_is_that_of_the_settings() -> None:
    """Who is told what when nobody says anything."""
    settings = Settings()
    rows = {found[1]: cells(found[0]) for found in re.finditer(r"^\| \[(\w+)\]\(#.+\|$", PAGE, re.MULTILINE)}
    told = {name: getattr(settings.channels, name) for name in type(settings.channels).model_fields}
    assert rows.keys() == told.keys()
    for name, said in told.items():
        words = ", ".join(f"{kind.replace('_', ' ')}s" for kind in said.kinds)
        limit = getattr(settings.rate_limits, f"{name}_notifications_per_hour")
        assert rows[name][2:] == [words, said.least_level, str(limit)]


def test_a_trial_is_told_as_shown() -> None:
    """The lines of `neuropilot notify test`."""
    error = refusal("the login", 535, b"5.7.8 no")
    receipts = (Receipt("slack", "sent"), Receipt("email", "failed", str(error)))
    (shown,) = fenced("text trial")
    assert shown.splitlines() == list(receipt_lines(receipts, None))


def test_the_columns_for_notion_take_every_figure() -> None:
    """Whoever makes the database by the table gets no advice about its columns (S001-33)."""
    kinds = {"Title": "title", "Text": "rich_text", "Date": "date", "Select": "select", "Number": "number"}
    kinds["Multi-select"] = "multi_select"
    found = re.findall(r"^\| `([\w %]+)` \| ([\w-]+) \| (?:all|reports|cycles)", PAGE, re.MULTILINE)
    columns = Columns(tuple(Column(name, kinds[kind]) for name, kind in found))
    report, episode = MORNINGS["bad-day"]().report, an_episode()
    figures = (*properties_of(report, "daily_report-20261118"), *figures_of(episode, Level.INFO, "hold"))
    values, advice = values_for(figures, columns, str)
    assert advice == ()
    assert {name for name, _ in found} - {"Name", "Level"} <= values.keys() | {one.name for one in figures}


def test_every_address_of_the_table_is_one_that_apprise_takes() -> None:
    """In the form that is shown, with names in the place of secrets."""
    addresses = re.findall(r"^\| [\w .]+ \| `(\w+://[^`]+)` \|$", PAGE, re.MULTILINE)
    assert len(addresses) >= 6
    made_up = {
        "ACCOUNT_SID": "AC" + "7" * 32,
        "AUTH_TOKEN": "7" * 32,
        "WEBHOOK_ID": "4" * 18,
        "BOT_TOKEN": "1:" + "a" * 35,
    }
    made_up |= {"CHAT_ID": "12315544", "FROM_PHONE_ID": "111111111", "WEBHOOK_TOKEN": "t" * 68, "WORKFLOW": "abcdef"}
    for name, value in made_up.items():
        addresses = [one.replace(name, value) for one in addresses]
    assert apprise_problems(" ".join(addresses)) == ()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The page's own receiver, and where it listens."""
    (code,) = fenced("python")
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(code, names)  # the page's own text
    monkeypatch.setenv("NEUROPILOT_WEBHOOK_SECRET", SECRET)
    quiet = type("Quiet", (names["Receiver"],), {"log_message": lambda *_: None})
    with HTTPServer(("127.0.0.1", 0), quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def notifier_of(url: str, secret: str, age: float) -> WebhookNotifier:
    """The agent's side, whose clock is `age` seconds late."""
    return WebhookNotifier(
        HttpClient(allow_private=True, limits=Limits(retries=0, redirects=0)),
        url,
        secret=secret,
        redact=str,
        check_address=lambda _: None,
        clock=lambda: datetime.fromtimestamp(time.time() - age, UTC),
    )


def test_the_receiver_takes_what_is_ours_and_new(receiver: str, capfd: pytest.CaptureFixture[str]) -> None:
    """And does with it what the page says."""
    notifier_of(receiver, SECRET, 0.0).send(MORNING)
    assert f"daily_report {MORNING.level} {MORNING.title}" in capfd.readouterr().out


@pytest.mark.parametrize(("secret", "age"), [("another", 0.0), (SECRET, HOUR)], ids=["not ours", "an hour old"])
def test_the_receiver_refuses_what_is_not(receiver: str, secret: str, age: float) -> None:
    """A call that somebody made up, or has sent again an hour later."""
    with pytest.raises(NotifyError, match="HTTP 401"):
        notifier_of(receiver, secret, age).send(MORNING)


@pytest.mark.parametrize("example", fenced("yaml"), ids=lambda text: text.split(":")[0])
def test_every_example_can_be_loaded(tmp_path: Path, example: str) -> None:
    """Where it names a file of one's own, only its form counts."""
    file = tmp_path / "ops_config.yaml"
    file.write_text(example, encoding="utf-8")
    assert load_settings(file, root=tmp_path, environment={})


def bad_morning() -> Message:
    """The report of a bad day, as the channels get it."""
    report = MORNINGS["bad-day"]().report
    return message_for(report, document_of(report), link="https://acme.example/reports/20261118")


def test_the_template_gives_what_is_shown(tmp_path: Path) -> None:
    """First line the title, the others below it."""
    (template,), (shown,) = fenced("jinja"), fenced("text duty")
    (tmp_path / "duty.txt").write_text(template, encoding="utf-8")
    written = Template(tmp_path, "duty.txt", os.environ, str)(bad_morning())
    assert written.problem == ""
    assert [written.message.title, *written.message.lines] == shown.splitlines()


def test_every_name_that_a_template_knows_is_explained() -> None:
    """And none that it does not."""
    table = PAGE.partition("## Words of your own")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \| ", table, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(values_of(bad_morning()))


def test_everything_that_can_become_of_a_message_is_explained() -> None:
    """The words of a receipt."""
    words = re.findall(r'"([a-z ]+)"', (Receipt.__doc__ or "").partition("status")[2].partition("reason")[0])
    assert len(words) == 5
    assert [word for word in words if f"| `{word}` |" not in PAGE] == []


@pytest.fixture
def mattermost() -> Any:
    """The page's own channel."""
    (code,) = fenced("python channel")
    names: dict[str, Any] = {}
    exec(code, names)  # the page's own text
    return names["MattermostNotifier"]


def test_the_channel_of_the_example_keeps_its_contract(mattermost: Any) -> None:
    """It tells all, keeps secrets, and says of a failure what the caller must know (H09, H20)."""
    bodies: list[str] = []

    def take(handler: Handler) -> None:
        bodies.append(handler.flaky.asked[-1].body.decode())
        answer(200)(handler)

    with FlakyServer(take) as server:
        client = HttpClient(allow_private=True, limits=Limits(retries=0, read_seconds=1))
        notifier = mattermost(client, f"{server.url}/hooks/{SECRET}", redact=lambda text: text.replace(SECRET, "***"))
        notifier.send(Message("web-1", "@all hold", (("CPU", "47 %"),), (f"token {SECRET}",), is_simulated=True))
        (body,) = bodies
        assert all(part in body for part in ("simulated", "(at)all hold", "CPU: 47 %", "token ***"))
        for status, is_retryable in ((403, False), (503, True)):
            server.behave(answer(status))
            with pytest.raises(NotifyError) as caught:
                notifier.send(MORNING)
            assert (caught.value.retryable, caught.value.may_have_arrived) == (is_retryable, False)
        server.behave(lambda _: None)
        with pytest.raises(NotifyError) as caught:
            notifier.send(MORNING)
        assert caught.value.may_have_arrived
    with pytest.raises(NotifyError) as caught:
        mattermost(client, f"http://127.0.0.1:1/{SECRET}", redact=str).send(MORNING)
    assert (caught.value.retryable, SECRET in str(caught.value)) == (True, False)
