"""An hourly budget is a hard limit, over runs, processes and clocks that go wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.errors import BudgetSpent, StateError
from ai_ops.store.budgets import HourlyBudget, merged

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self.now


def spent_of(budget: HourlyBudget, tries: int) -> int:
    """Count how many of so many tries are allowed."""
    allowed = 0
    for _ in range(tries):
        try:
            budget.spend()
        except BudgetSpent:
            continue
        allowed += 1
    return allowed


def test_the_limit_holds_and_the_refusal_says_when_and_what(tmp_path: Path) -> None:
    """The message names the limit, when the next one is free, and the setting (S001-131, H31)."""
    clock = Clock()
    budget = HourlyBudget(tmp_path / "budgets.json", "slack_notifications", 10, clock)
    budget.spend()
    clock.now += timedelta(minutes=20)
    assert spent_of(budget, 20) == 9
    with pytest.raises(BudgetSpent) as caught:
        budget.spend()
    assert str(caught.value) == (
        "all 10 of this hour are spent; the next is free at 2026-11-18 13:00:00 UTC. "
        "Wait, or raise rate_limits.slack_notifications_per_hour"
    )
    clock.now = NOON + timedelta(hours=1)
    assert spent_of(budget, 20) == 1


def test_what_is_left_is_known_without_spending_it(tmp_path: Path) -> None:
    """Who needs many at once can ask first; a limit that was lowered below what is spent leaves none."""
    clock = Clock()
    budget = HourlyBudget(tmp_path / "budgets.json", "grafana_queries", 3, clock)
    assert budget.left() == 3
    assert not (tmp_path / "budgets.json").exists()
    spent_of(budget, 2)
    assert (budget.left(), budget.left()) == (1, 1)
    assert HourlyBudget(tmp_path / "budgets.json", "grafana_queries", 1, clock).left() == 0
    assert HourlyBudget(tmp_path / "budgets.json", "slack_notifications", 3, clock).left() == 3
    clock.now += timedelta(hours=1)
    assert budget.left() == 3


def test_a_new_run_inherits_what_was_spent(tmp_path: Path) -> None:
    """The budget belongs to the team, not to the process (S001-130, H31)."""
    path, clock = tmp_path / "budgets.json", Clock()
    assert spent_of(HourlyBudget(path, "grafana_queries", 100, clock), 70) == 70
    assert spent_of(HourlyBudget(path, "grafana_queries", 100, clock), 70) == 30
    assert spent_of(HourlyBudget(path, "slack_notifications", 10, clock), 70) == 10


def test_a_clock_that_was_ahead_does_not_lock_anyone_out(tmp_path: Path) -> None:
    """What was spent in the future counts as spent now: the limit holds, and the hour passes."""
    clock = Clock()
    budget = HourlyBudget(tmp_path / "budgets.json", "slack_notifications", 2, clock)
    clock.now = NOON + timedelta(days=400)
    assert spent_of(budget, 5) == 2
    clock.now = NOON
    assert spent_of(budget, 5) == 0
    clock.now = NOON + timedelta(hours=400)
    budget.spend()


def test_the_clamped_time_is_kept_once_something_is_spent(tmp_path: Path) -> None:
    """A spend after the clock was corrected heals the file."""
    path, clock = tmp_path / "budgets.json", Clock()
    budget = HourlyBudget(path, "slack_notifications", 2, clock)
    clock.now = NOON + timedelta(days=1)
    budget.spend()
    clock.now = NOON
    budget.spend()
    assert json.loads(path.read_text())["spent"]["slack_notifications"] == ["2026-11-18T12:00:00Z"] * 2


@given(st.lists(st.integers(0, 4000), max_size=60), st.integers(0, 5))
def test_no_hour_ever_holds_more_than_the_limit(
    tmp_path_factory: pytest.TempPathFactory, pauses: list[int], limit: int
) -> None:
    """Whatever the rhythm of the requests, any 60 minutes stay within the limit (H31)."""
    clock = Clock()
    budget = HourlyBudget(tmp_path_factory.mktemp("budget") / "b.json", "grafana_queries", limit, clock)
    allowed: list[datetime] = []
    for pause in pauses:
        clock.now += timedelta(seconds=pause)
        if spent_of(budget, 1):
            allowed.append(clock.now)
    for start in allowed:
        assert sum(start <= time < start + timedelta(hours=1) for time in allowed) <= limit


def test_a_limit_of_zero_allows_nothing(tmp_path: Path) -> None:
    """A team that sets 0 gets silence, and the reason."""
    budget = HourlyBudget(tmp_path / "budgets.json", "slack_notifications", 0, Clock())
    with pytest.raises(BudgetSpent, match="slack_notifications_per_hour is 0"):
        budget.spend()


@pytest.mark.parametrize(
    "content",
    [
        "",
        '{"version": 1, "spent": {"slack_notif',
        "[]",
        '{"version": 2, "spent": {}}',
        '{"version": 1}',
        '{"version": 1, "spent": []}',
        '{"version": 1, "spent": {"slack_notifications": 3}}',
        '{"version": 1, "spent": {"slack_notifications": ["yesterday"]}}',
        '{"version": 1, "spent": {"slack_notifications": ["2026-11-18T12:00:00"]}}',
        '{"version": 1, "spent": {"slack_notifications": [null]}}',
        "[" * 100_000,
    ],
)
def test_a_file_that_cannot_be_trusted_allows_nothing(tmp_path: Path, content: str) -> None:
    """A corrupt budget must not become an empty one (H32)."""
    path = tmp_path / "budgets.json"
    path.write_text(content)
    with pytest.raises(StateError, match=r"budgets\.json"):
        HourlyBudget(path, "slack_notifications", 10, Clock()).spend()
    assert path.read_text() == content


def test_two_processes_share_one_limit(tmp_path: Path) -> None:
    """Cycles of several services that run at once spend from one budget (H31)."""
    spender = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from ai_ops.domain.errors import BudgetSpent\n"
        "from ai_ops.store.budgets import HourlyBudget\n"
        "budget = HourlyBudget(Path(sys.argv[1]), 'grafana_queries', 100, lambda: datetime.now(UTC))\n"
        "allowed = 0\n"
        "for _ in range(80):\n"
        "    try: budget.spend()\n"
        "    except BudgetSpent: continue\n"
        "    allowed += 1\n"
        "print(allowed)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", spender, tmp_path / "budgets.json"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(2)]
    assert sum(int(process.communicate(timeout=60)[0]) for process in processes) == 100


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"spent": {"questions": ["noon"]}}'])
def test_a_damaged_copy_is_not_repaired_by_another(damage: bytes) -> None:
    """What was spent in it is unknown: the shared file stays as it is, and a run then asks nothing (H32)."""
    whole = b'{"spent": {"questions": ["2026-11-18T12:00:00Z"]}, "version": 1}\n'
    assert merged(damage, whole) == whole
    assert merged(whole, damage) == damage
    assert merged(damage, None) is None
    assert merged(whole, None) == whole
    assert merged(None, whole) == whole
