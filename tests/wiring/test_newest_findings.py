"""Which hours a report looks at itself, because no run of the agent has."""

from __future__ import annotations

from datetime import timedelta

from gathered import END, episode

from ai_ops.domain.cycle import ROLLBACK
from ai_ops.wiring.report.newest import looked_until

HOUR = timedelta(hours=1)


def test_it_begins_where_the_newest_run_has_stopped_looking() -> None:
    """Without any run nothing was looked at."""
    assert looked_until((episode(12), episode(6)), END) == END - 6 * HOUR
    assert looked_until((), END) is None


def test_a_decision_that_a_person_took_back_has_looked_at_nothing() -> None:
    """What went wrong in the hours before a rollback is in the report, and is perhaps why it was made (S001-28)."""
    assert looked_until((episode(6), episode(1, policy=ROLLBACK)), END) == END - 6 * HOUR


def test_a_run_of_a_time_to_come_has_not_looked_at_it() -> None:
    """One clock that is ahead keeps no alarm from being told."""
    assert looked_until((episode(6), episode(-30)), END) == END - 6 * HOUR
    assert looked_until((episode(-30),), END) is None
