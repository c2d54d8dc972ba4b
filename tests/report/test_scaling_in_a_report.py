"""What the autoscaler did, and what the agent decided about it."""

from __future__ import annotations

import numpy as np
import pytest
from gathered import END, MOVE, episode, first_day, gathered, levels, moving, nothing_gathered, series_of, span
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.tuning import Change, Decision
from ai_ops.report.service.said import KnobMove
from ai_ops.report.service.scaling import scaling_of


def counted(*instances: float, **changes):
    """What is said when the counts of the day end like this, after a steady start."""
    return scaling_of(gathered(**({"series": levels(instances=list(instances)), "episodes": ()} | changes)), span())


def test_rises_and_falls_are_counted():
    """S001-104: 3 4 6 5 3 rises twice and falls twice."""
    scaling = counted(3, 4, 6, 5, 3)
    assert (scaling.ups, scaling.downs) == (2, 2)
    assert (scaling.lowest, scaling.highest) == (3.0, 6.0)
    assert scaling.mean == pytest.approx((3 * 141 + 4 + 6 + 5) / 144)


def test_a_gap_is_no_change_and_one_across_it_counts_once():
    """Nobody knows how often it moved while nobody looked."""
    assert (counted(3, np.nan, np.nan, 3).ups, counted(3, np.nan, np.nan, 3).downs) == (0, 0)
    assert (counted(3, np.nan, np.nan, 6).ups, counted(3, np.nan, np.nan, 6).downs) == (1, 0)


def test_a_change_between_two_reports_belongs_to_the_later_one():
    """The first count of the day differs from the last of the day before: that is one rise, in this report alone."""
    series = {"instances": series_of("instances", [3.0] * 144 + [4.0] * 144)}
    assert scaling_of(gathered(series=series), span()).ups == 1
    assert scaling_of(gathered(series=series), span(end=END.replace(day=17))).ups == 0


def test_averages_of_a_count_are_no_changes():
    """3.02 after 2.98 is the same three instances."""
    assert (counted(2.98, 3.02, 3.0, 3.04).ups, counted(2.98, 3.02, 3.0, 3.04).downs) == (0, 0)


def test_nobody_counted():
    """Unknown is not none."""
    scaling = scaling_of(nothing_gathered(), span())
    assert (scaling.ups, scaling.downs, scaling.mean, scaling.moves, scaling.holds) == (None, None, None, (), 0)


def test_moves_are_told_with_what_became_of_them():
    """The knob, from what to what, and whether it is live; decisions that held are counted."""
    live, recorded = moving(12.0), moving(6.0, Change("scaling_mode", "threshold", "target"))
    past = (moving(48.0), episode(18.0), live, recorded, episode())
    scaling = scaling_of(gathered(episodes=past, delivered={live.id: END}), span())
    assert scaling.moves == (
        KnobMove(live.id, live.decided_at, "cpu_scale_in_percent", "30", "35", is_live=True),
        KnobMove(recorded.id, recorded.decided_at, "scaling_mode", "threshold", "target", is_live=False),
    )
    assert scaling.holds == 1, "the one of noon was decided after the span"


def test_a_period_that_was_decided_again_counts_once():
    """The last decision of a period is the one that counts, unless an earlier one went live."""
    first, second = moving(6.0), moving(6.0, again=2)
    assert len(scaling_of(gathered(episodes=(first, second)), span()).moves) == 1
    assert len(scaling_of(gathered(episodes=(first, second), delivered={first.id: END}), span()).moves) == 2
    assert scaling_of(gathered(episodes=(episode(6.0), episode(6.0, again=2))), span()).holds == 1


def test_what_a_person_took_back_is_a_move_and_no_hold():
    """A rollback stands beside the run of its period, and does not replace it."""
    back = episode(6.0, again=2, policy=ROLLBACK, decision=Decision((Change(MOVE.knob, 35.0, 30.0),), ("too hot",)))
    scaling = scaling_of(gathered(episodes=(episode(6.0), back)), span())
    assert [one.episode for one in scaling.moves] == [back.id]
    assert scaling.holds == 1


def test_the_first_day_has_little_to_tell():
    """Three hours of one level."""
    scaling = scaling_of(first_day(), span())
    assert (scaling.ups, scaling.downs, scaling.mean) == (0, 0, 3.0)


@given(st.lists(st.integers(0, 9).map(float) | st.just(np.nan), min_size=1, max_size=50))
def test_gaps_change_no_count(instances):
    """With its gaps cut out, a series rises and falls as often."""
    present = [one for one in instances if np.isfinite(one)]
    known = scaling_of(gathered(series={"instances": series_of("instances", instances)}), span())
    dense = scaling_of(gathered(series={"instances": series_of("instances", present)}), span())
    assert (known.ups, known.downs) == (dense.ups, dense.downs)
    if present:
        assert (known.ups == known.downs == 0) == (len(set(present)) == 1)


def test_the_evidence_names_the_episodes():
    """H45: the counts, and the decisions that were looked at."""
    past = (moving(12.0), episode(6.0))
    evidence = scaling_of(gathered(episodes=past), span()).evidence
    assert evidence.id == "web-scaling"
    assert dict(evidence.inputs) == {"instances": "144 values", "episodes": f"{past[0].id}, {past[1].id}"}
