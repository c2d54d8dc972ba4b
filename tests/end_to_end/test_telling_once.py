"""Slack, outbox and budget together: at most once each, at most ten an hour, across real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from examples import an_episode
from fakes.slack import FakeSlack

from ai_ops.domain.cycle import Delivery, DeliveryStatus
from ai_ops.notify.channel import Books, Channel
from ai_ops.notify.cycle.message import message_for
from ai_ops.notify.notify import deliver
from ai_ops.notify.slack.slack import SlackNotifier
from ai_ops.store.held_messages import HeldMessages
from ai_ops.store.message_budget import MessageBudget
from ai_ops.store.outbox import Outbox
from ai_ops.store.outbox_entry import Sending
from ai_ops.wiring.telling.claimed import ClaimedHere

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ai_ops.domain.message import Receipt

TELL = """
import sys
from pathlib import Path
from test_telling_once import tell
print([receipt.status for receipt in tell(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])])
"""


def now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


def tell(folder: Path, url: str, ids: Sequence[str]) -> list[Receipt]:
    """Tell Slack about those episodes, as a run of its own does."""
    budget = MessageBudget(folder / "budgets.json", "slack", 10, 50, now)
    notifier = SlackNotifier(url, redact=str, check_address=lambda _: None, timeout_seconds=30, sleep=lambda _: None)
    nothing = Delivery(DeliveryStatus.NOTHING_TO_DO, "held")
    messages = [message_for(replace(an_episode(), id=name), nothing) for name in ids]
    books = Books(
        ClaimedHere(Outbox(folder / "outbox.json", now)), HeldMessages(folder / "undelivered.json", now, redact=str)
    )
    channel = Channel(notifier, budget)
    return [receipt for message in messages for receipt in deliver(message, [channel], books, now())]


def test_twelve_messages_in_an_hour_are_ten_cards(tmp_path: Path) -> None:
    """The limit holds over runs, and a spent budget never turns into a lost claim (S001-131, H31)."""
    with FakeSlack() as slack:
        first = tell(tmp_path, slack.url, [f"web-{number}" for number in range(7)])
        second = tell(tmp_path, slack.url, [f"web-{number}" for number in range(12)])
        assert [receipt.status for receipt in first] == ["sent"] * 7
        assert [receipt.status for receipt in second] == ["already sent"] * 7 + ["sent"] * 3 + ["skipped"] * 2
        assert "rate_limits.slack_notifications_per_hour" in second[-1].reason
        assert len(slack.cards) == 10


def test_a_run_that_is_killed_while_sending_is_not_followed_by_a_second_card(tmp_path: Path) -> None:
    """The claim is on the disk before the card leaves, so the next run knows that it may be there (H24)."""
    with FakeSlack() as slack:
        slack.hang_next(seconds=60)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen([sys.executable, "-c", TELL, tmp_path, slack.url, "web-1"], env=environment) as run:
            deadline = time.monotonic() + 30
            while not slack.cards and time.monotonic() < deadline:
                time.sleep(0.01)
            run.kill()
        assert Outbox(tmp_path / "outbox.json", now).state("slack", "web-1") is Sending.UNKNOWN
        (receipt,) = tell(tmp_path, slack.url, ["web-1"])
        assert receipt.status == "skipped"
        assert "may have arrived" in receipt.reason
        assert len(slack.cards) == 1
