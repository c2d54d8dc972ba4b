"""Five hundred services that all have something to say reach people, and do not bury them."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from fakes.channel import FakeChannel
from posting import NOON, PostOffice, a_message, a_report

from ai_ops.domain.message import Level
from ai_ops.notify.rules import Rules
from ai_ops.store.message_budget import MessageBudget

if TYPE_CHECKING:
    from pathlib import Path

SERVICES, GATHERED = 500, 150


def an_office(folder: Path, rules: Rules) -> PostOffice:
    """A channel with the limits that a team has who set none."""
    budget = MessageBudget(folder / "budgets.json", "slack", 10, 5, lambda: NOON)
    return PostOffice(folder, FakeChannel(), rules, budget)


def test_a_fleet_that_tells_everything_is_cut_off_at_the_limit(tmp_path: Path) -> None:
    """Ten cards are sent, nothing piles up, and each of the others says why it was not (S004-45, H31)."""
    office, began = an_office(tmp_path, Rules()), time.process_time()
    receipts = [office.run(a_message(f"web-{n}", service=f"service-{n}")) for n in range(SERVICES)]
    assert Counter(one.status for one in receipts) == {"sent": 10, "skipped": SERVICES - 10}
    assert "rate_limits.slack_notifications_per_hour" in receipts[-1].reason
    assert office.waiting == []
    assert time.process_time() - began < 10


def test_a_fleet_that_is_gathered_comes_as_one_digest(tmp_path: Path) -> None:
    """Whoever wants to hear of all of them hears it in one card, the loudest first."""
    office, began = an_office(tmp_path, Rules(digest_below=Level.HIGH)), time.process_time()
    for n in range(GATHERED):
        level = Level.LOW if n == 77 else Level.INFO
        assert office.deliver(a_message(f"web-{n}", service=f"service-{n}", level=level)).status == "held"
    assert office.run(a_report()).status == "sent"
    digest, report = office.notifier.given
    assert (digest.title, report.key) == (f"{GATHERED} messages since 20 Nov 12:00 UTC", "report-1")
    assert "web-77" in digest.lines[0]
    assert digest.lines[-1].startswith("And 110 more: ")
    assert office.waiting == []
    assert time.process_time() - began < 20
