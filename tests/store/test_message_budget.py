"""How many messages a channel takes in an hour, of all services together and of each: hard, over processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ai_ops.domain.errors import BudgetSpent, StateError
from ai_ops.store.budgets import HourlyBudget, merged
from ai_ops.store.message_budget import MessageBudget

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

SPEND = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ai_ops.domain.errors import BudgetSpent
from ai_ops.store.message_budget import MessageBudget

budget = MessageBudget(Path(sys.argv[1]), "slack", 100, 5, lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
allowed = 0
for _ in range(8):
    try:
        budget.spend(sys.argv[2])
        allowed += 1
    except BudgetSpent:
        pass
print(allowed)
"""


def a_budget(
    folder: Path, limit: int = 10, service_limit: int = 5, channel: str = "slack", now: datetime = NOON
) -> MessageBudget:
    """Open it as a new run would."""
    return MessageBudget(folder / "budgets.json", channel, limit, service_limit, lambda: now)


def spent_of(budget: MessageBudget, service: str, tries: int) -> int:
    """Count how many of so many tries are allowed."""
    allowed = 0
    for _ in range(tries):
        try:
            budget.spend(service)
        except BudgetSpent:
            continue
        allowed += 1
    return allowed


def test_one_service_does_not_use_up_what_all_share(tmp_path: Path) -> None:
    """A noisy one is cut off at its own limit, and the others are still heard (S004-45)."""
    assert spent_of(a_budget(tmp_path), "web", 20) == 5
    assert a_budget(tmp_path).left("web") == 0
    assert a_budget(tmp_path).left("shop") == 5
    assert spent_of(a_budget(tmp_path), "shop", 20) == 5
    assert a_budget(tmp_path).left("api") == a_budget(tmp_path).left("") == 0
    with pytest.raises(BudgetSpent, match=r"raise rate_limits\.slack_notifications_per_hour"):
        a_budget(tmp_path).spend("api")


def test_the_refusal_names_the_service_and_the_setting(tmp_path: Path) -> None:
    """Whoever reads it knows what to raise."""
    spent_of(a_budget(tmp_path), "web", 5)
    with pytest.raises(BudgetSpent) as caught:
        a_budget(tmp_path).spend("web")
    assert str(caught.value) == (
        "all 5 of this hour for web on slack are spent; the next is free at 2026-11-20 13:00:00 UTC. "
        "Wait, or raise rate_limits.notifications_per_service_per_hour"
    )


def test_what_is_refused_costs_neither_share(tmp_path: Path) -> None:
    """A service that is cut off does not spend the channel's hour by trying."""
    spent_of(a_budget(tmp_path), "web", 50)
    assert a_budget(tmp_path).left("") == 5
    spent_of(a_budget(tmp_path, limit=6), "shop", 50)
    assert a_budget(tmp_path).left("shop") == 4


def test_each_channel_counts_for_itself(tmp_path: Path) -> None:
    """What was said in Slack may still be mailed."""
    spent_of(a_budget(tmp_path), "web", 5)
    assert a_budget(tmp_path, channel="email").left("web") == 5


def test_a_message_about_several_services_counts_for_the_channel_alone(tmp_path: Path) -> None:
    """A report of all is nobody's own."""
    assert spent_of(a_budget(tmp_path, service_limit=1), "", 20) == 10


def test_an_hour_later_there_is_room_again_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """The file stays as small as an hour is short (H33)."""
    for number in range(10):
        a_budget(tmp_path).spend(f"service-{number}")
    later = NOON + timedelta(hours=1)
    a_budget(tmp_path, now=later).spend("web")
    spent = json.loads((tmp_path / "budgets.json").read_text())["spent"]
    assert sorted(spent) == ["notifications_per_service/web on slack", "slack_notifications"]


def test_other_budgets_of_the_file_are_untouched(tmp_path: Path) -> None:
    """Queries and messages share it."""
    queries = HourlyBudget(tmp_path / "budgets.json", "grafana_queries", 100, lambda: NOON)
    queries.spend()
    spent_of(a_budget(tmp_path), "web", 20)
    assert queries.left() == 99


def test_a_damaged_file_lets_nothing_out(tmp_path: Path) -> None:
    """Without knowing what was spent nothing more is (H32)."""
    (tmp_path / "budgets.json").write_text('{"version": 1, "spent": {"slack_notifications": ["noon"]}}')
    with pytest.raises(StateError):
        a_budget(tmp_path).spend("web")
    with pytest.raises(StateError):
        a_budget(tmp_path).left("web")


def test_processes_share_the_limit_of_a_service(tmp_path: Path) -> None:
    """Two runs at once send as many as one (H31)."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SPEND, tmp_path / "budgets.json", service], stdout=subprocess.PIPE, text=True
        )
        for service in ("web", "web", "shop")
    ]
    allowed = [int(run.communicate(timeout=60)[0]) for run in runs]
    assert (sum(allowed[:2]), allowed[2]) == (5, 5)


def test_five_hundred_services_are_counted_fast(tmp_path: Path) -> None:
    """A fleet that tells everything at once is slowed down by its limits, not by counting."""
    began = time.process_time()
    for number in range(500):
        spent_of(a_budget(tmp_path, limit=60), f"service-{number}", 1)
    assert time.process_time() - began < 5
    assert len((tmp_path / "budgets.json").read_bytes()) < 20_000


def test_what_two_checkouts_spent_is_spent(tmp_path: Path) -> None:
    """By service as well."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    spent_of(a_budget(ours), "web", 3)
    spent_of(a_budget(theirs, now=NOON + timedelta(minutes=1)), "web", 2)
    content = merged((ours / "budgets.json").read_bytes(), (theirs / "budgets.json").read_bytes())
    assert content is not None
    (ours / "budgets.json").write_bytes(content)
    assert a_budget(ours).left("web") == 0
    assert a_budget(ours).left("") == 5
