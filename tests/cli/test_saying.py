"""What a run says: its log, its summary, and nothing that is secret or alive."""

from __future__ import annotations

import logging
import stat
from dataclasses import replace

import pytest
from examples import a_finding, an_episode

from ai_ops.cli.log import logger, show_debug, write_log
from ai_ops.cli.progress import metric_bar
from ai_ops.cli.summary import append_summary
from ai_ops.cli.words import episode_in_words, promise_in_words
from ai_ops.domain.cycle import CycleResult, Delivery, DeliveryStatus
from ai_ops.domain.metrics import Gap
from ai_ops.domain.tuning import Decision, Reward
from ai_ops.redact import Redactor
from ai_ops.settings.sections import LogSettings


@pytest.fixture(autouse=True)
def fresh_logger():
    """Every test leaves the loggers as it found them."""
    names = ("ai_ops", "urllib3")
    before = {name: list(logging.getLogger(name).handlers) for name in names}
    yield
    for name in names:
        for handler in set(logging.getLogger(name).handlers) - set(before[name]):
            logging.getLogger(name).removeHandler(handler)
            handler.close()
    logger.propagate = True


def test_the_log_goes_where_the_settings_say(tmp_path):
    """S001-141; the folder must exist: none is made in a system's place."""
    wanted = tmp_path / "log" / "brain.log"
    assert write_log(LogSettings(file=str(wanted)), tmp_path / "state/brain.log", str) == tmp_path / "state/brain.log"
    wanted.parent.mkdir()
    assert write_log(LogSettings(file=str(wanted)), tmp_path / "state/brain.log", str) == wanted
    logger.info("hello")
    assert "INFO hello" in wanted.read_text()


def test_a_log_that_may_not_be_written_falls_back(tmp_path):
    """`/var/log` belongs to root; a user still gets a log (R42)."""
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    chosen = write_log(LogSettings(file=str(locked / "brain.log")), tmp_path / "brain.log", str)
    assert chosen in {tmp_path / "brain.log", locked / "brain.log"}  # root may write anywhere


def test_no_secret_reaches_the_log(tmp_path):
    """Nor a stack trace with one (H09)."""
    path = write_log(LogSettings(file=str(tmp_path / "brain.log")), tmp_path / "x", Redactor(["hunter2-hunter2"]))
    try:
        int("hunter2-hunter2")
    except ValueError:
        logger.exception("asked with %s", "hunter2-hunter2")
    assert "hunter2" not in path.read_text()
    assert "ValueError" in path.read_text()


def test_debug_speaks_on_stderr(capsys):
    """S001-142: what every step asks and hears, and stdout stays clean."""
    show_debug(str)
    logger.debug("asking")
    heard = capsys.readouterr()
    assert "DEBUG asking" in heard.err
    assert heard.out == ""


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
    append_summary(tmp_path / "s.md", [result], [("web", "boom")])
    append_summary(tmp_path / "s.md", [replace(result, is_repeat=True)], [])
    text = (tmp_path / "s.md").read_text()
    for living in ("<img", "@everyone", "\n## ", " | @"):
        assert living not in text
    assert text.count("### web: hold") == 2
    assert "```text\nboom\n```" in text
