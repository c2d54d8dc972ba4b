"""What the jobs of one run must agree on, where clocks do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from examples import NOON, a_window, an_episode

from ai_ops.domain.clocks import AHEAD
from ai_ops.domain.errors import ConfigError, StateError
from ai_ops.settings import DEFAULT_FILE
from ai_ops.settings.model import Settings
from ai_ops.store.handover import Collected, Seen
from ai_ops.wiring.jobs.agreement import check_period, check_shape, settings_digest
from ai_ops.wiring.session import Place

SETTINGS = Settings.model_validate({"services": [{"name": "web"}]})


def test_a_later_run_wins_and_one_of_the_future_does_not():
    """A machine whose clock was a year ahead once must not stop every run until then (H18)."""
    check_period(NOON, (an_episode(6), an_episode(-365 * 24)), "web", NOON)
    with pytest.raises(StateError, match="a later run has decided about web since"):
        check_period(NOON - timedelta(hours=6), (an_episode(0),), "web", NOON + timedelta(minutes=6))


@pytest.mark.parametrize("ahead", [timedelta(0), AHEAD])
def test_a_window_may_end_as_much_ahead_as_clocks_differ(ahead):
    """An honest machine's minutes may be a few minutes early (H18)."""
    check_shape(collected_until(NOON + ahead), SETTINGS, NOON)


def test_a_window_that_is_still_to_come_was_never_seen():
    """Else a forged document would put an episode into the future of the ledger (H15, H18)."""
    with pytest.raises(StateError, match="ends at 2026-11-18 12:06 UTC, still to come"):
        check_shape(collected_until(NOON + timedelta(minutes=6)), SETTINGS, NOON)


def collected_until(end) -> Collected:
    """A document about one service."""
    seen = Seen("web", a_window(end=end), recalled="web-20261118T06Z")
    return Collected("17.3.0", "acme/web", "", "prometheus", NOON, None, {}, (seen,))


def test_settings_that_cannot_be_read_are_told(tmp_path):
    """The job that thinks opens them before anything else; a defect it is not."""
    (tmp_path / DEFAULT_FILE).mkdir(parents=True)
    place = Place(tmp_path, None, {}, lambda: NOON, lambda _: None)
    with pytest.raises(ConfigError, match="cannot be read"):
        settings_digest(place)
