"""What a run says: its log, its summary, and nothing that is secret or alive."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from examples import a_finding, an_episode

from ai_ops.cli.json_text import json_text
from ai_ops.cli.log import debug_on_stderr, log_file, logger
from ai_ops.cli.progress import metric_bar
from ai_ops.cli.summary import append_summary
from ai_ops.cli.words import episode_in_words, promise_in_words
from ai_ops.domain.cycle import CycleResult, Delivery, DeliveryStatus
from ai_ops.domain.metrics import Gap
from ai_ops.domain.tuning import Decision, Reward
from ai_ops.redact import Redactor
from ai_ops.settings.sections import LogSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


def logged(wanted: Path, fallback: Path, redact: Callable[[str], str] = str) -> AbstractContextManager[Path | None]:
    """Keep a log; a warning fails the test."""
    return log_file(LogSettings(file=str(wanted)), fallback, redact, pytest.fail)


def test_the_log_goes_where_the_settings_say(tmp_path):
    """S001-141; the folder must exist: none is made in a system's place."""
    wanted, fallback = tmp_path / "log" / "brain.log", tmp_path / "state/brain.log"
    with logged(wanted, fallback) as path:
        assert path == fallback
    wanted.parent.mkdir()
    with logged(wanted, fallback) as path:
        assert path == wanted
        logger.info("hello")
    logger.info("nobody listens any more")
    assert wanted.read_text().count("INFO") == wanted.read_text().count("INFO hello") == 1


def test_a_log_that_may_not_be_written_falls_back(tmp_path):
    """`/var/log` belongs to root; a user still gets a log (R42)."""
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with logged(locked / "brain.log", tmp_path / "brain.log") as path:
        assert path in {tmp_path / "brain.log", locked / "brain.log"}  # root may write anywhere


def test_a_log_that_cannot_be_kept_costs_one_sentence(tmp_path):
    """Neither place can be written: the run goes on, without a log."""
    (tmp_path / "state").write_text("a file where a folder belongs")
    warnings: list[str] = []
    with log_file(LogSettings(file=str(tmp_path)), tmp_path / "state/brain.log", str, warnings.append) as path:
        logger.info("hello")
    assert path is None
    assert len(warnings) == 1
    assert "set log.file to a place that can be written" in warnings[0]


def test_a_full_disk_ends_the_log_and_nothing_else():
    """The device that is always full: one sentence, however much is said."""
    warnings: list[str] = []
    with log_file(LogSettings(file="/dev/full"), Path("/dev/full"), str, warnings.append):
        for _ in range(3):
            logger.info("hello")
    assert len(warnings) == 1
    assert "No space left on device" in warnings[0]


def test_no_secret_reaches_the_log(tmp_path):
    """Nor a stack trace with one (H09)."""
    with logged(path := tmp_path / "brain.log", tmp_path / "x", Redactor(["hunter2-hunter2"])):
        try:
            int("hunter2-hunter2")
        except ValueError:
            logger.exception("asked with %s", "hunter2-hunter2")
    assert "hunter2" not in path.read_text()
    assert "ValueError" in path.read_text()


def test_debug_speaks_on_stderr(capsys):
    """S001-142: what every step asks and hears, and stdout stays clean."""
    with debug_on_stderr(str):
        logger.debug("asking")
    heard = capsys.readouterr()
    assert "DEBUG asking" in heard.err
    assert heard.out == ""


@pytest.mark.parametrize(
    "text", ['Authorization: "Basic abc"', 'password="hunter2-hunter2"', "token=a\\", 'key: "x\ny"']
)
def test_what_a_program_reads_stays_json_without_secrets(text):
    """A secret behind a quote is found, and the document still parses (H09)."""
    document = {"error": text, "nested": [{"again": text}], "count": 1}
    written = json_text(document, Redactor(["hunter2-hunter2"]))
    assert json.loads(written)["count"] == 1
    assert "hunter2" not in written


def test_a_pipe_gets_no_progress_bar(capsys):
    """Only a person who waits sees one."""
    with metric_bar(3) as progress:
        progress("cpu_percent")
    assert capsys.readouterr() == ("", "")


def test_what_was_not_measured_says_so():
    """Never a zero, in any line of the explanation."""
    reward = Reward(None, "budget_burn", "not scored: the SLI was not measured", budget=0.4)
    episode = an_episode(reward=reward, measured={}, gaps=(Gap("cpu_percent", "no data"),), warnings=("partial",))
    told = "\n".join(episode_in_words(episode))
    for words in ("CPU not measured", "SLI not measured", "not scored", "gap        cpu_percent: no data", "partial"):
        assert words in told
    assert "not measured" in promise_in_words(reward)


def test_the_summary_keeps_strange_text_inert(tmp_path):
    """What comes from metrics becomes no markup, no mention, no row (H20)."""
    evil = "<img src=x> | @everyone\n## fixes #1 `code`"
    episode = an_episode(decision=Decision.hold(evil), findings=(a_finding(reason=evil),))
    result = CycleResult(episode, Delivery(DeliveryStatus.NOTHING_TO_DO, evil))
    append_summary(tmp_path / "s.md", [result], [("web", "boom")], str)
    append_summary(tmp_path / "s.md", [replace(result, is_repeat=True)], [("api", "a ``` b")], str)
    text = (tmp_path / "s.md").read_text()
    for living in ("<img", "@everyone", "\n## ", " | @"):
        assert living not in text
    assert text.count("### web: hold") == 2
    assert "\n```text\nboom\n```\n" in text
    assert "\n````text\na ``` b\n````\n" in text
