"""Ranking the rows of a panel by what they do now."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP
from rhythms import level

from ai_ops.detect.judge import judge
from ai_ops.detect.standings import present, standings
from ai_ops.domain.judgement import Alarm, Judgement
from ai_ops.domain.metrics import Gap, Panel
from ai_ops.domain.scan import Scan

NAN = np.nan


def a_panel(*rows: list[float]) -> Panel:
    """Rows that end one step before noon."""
    values = np.array(rows, dtype=np.float64)
    names = tuple(f"svc-{place}" for place in range(len(rows)))
    return Panel("latency_p95_ms", names, NOON - values.shape[1] * STEP, STEP, values)


def judged(
    deviation: list[list[float]], novelty: list[list[float]] | None = None, expected: float = 100.0
) -> Judgement:
    """What detection thinks, where only the scores and what was expected matter."""
    scores = np.array(deviation, dtype=np.float64)
    other = 0.0 * scores if novelty is None else np.array(novelty, dtype=np.float64)
    level = np.full_like(scores, expected)
    return Judgement(scores, other, level, level, level)


def test_the_worst_of_now_comes_first() -> None:
    """An incident of yesterday is not what a person is woken for."""
    panel = a_panel([100, 100, 150, 100], [900, 100, 100, 100], [100, 100, 100, 300])
    found = standings(panel, judged([[0, 0, 1.5, 0], [9, 0, 0, 0], [0, 0, 0, 4]]), recent=2, most=2)
    assert [(one.name, one.score) for one in found.top] == [("svc-2", 4.0), ("svc-0", 1.5)]
    assert (found.judged, found.abnormal) == (3, 2)
    worst = found.top[0]
    assert (worst.metric, worst.value, worst.expected, worst.at) == ("latency_p95_ms", 300.0, 100.0, NOON - STEP)


def test_a_stretch_began_where_it_last_was_normal() -> None:
    """`since` reaches back before the judged hour, and a gap ends what it might have been."""
    scores = [[0, 2, 2, 5, 2], [2, NAN, 2, 3, 0], [2, 2, 2, 2, 3]]
    found = standings(a_panel(*[[100.0] * 5] * 3), judged(scores), recent=2, most=3)
    since = {one.name: (NOON - one.since) // STEP for one in found.top}
    assert since == {"svc-0": 4, "svc-1": 3, "svc-2": 5}


def test_what_is_normal_has_no_alarm() -> None:
    """A list of twenty on a quiet day says so in every row."""
    (one,) = standings(a_panel([100, 101]), judged([[0.2, 0.9]]), recent=2, most=20).top
    assert (one.alarm, one.score, one.since) == (None, 0.9, NOON - STEP)


@pytest.mark.parametrize(
    ("deviation", "novelty", "alarm"),
    [(2.0, 3.0, Alarm.NOVELTY), (3.0, 2.0, Alarm.DEVIATION), (NAN, 2.0, Alarm.NOVELTY), (2.0, NAN, Alarm.DEVIATION)],
)
def test_the_alarm_that_gives_the_score_is_named(deviation: float, novelty: float, alarm: Alarm) -> None:
    """Deviation and novelty ask for different answers of a person."""
    (one,) = standings(a_panel([100.0]), judged([[deviation]], [[novelty]]), recent=1, most=1).top
    assert one.alarm is alarm


def test_what_is_not_here_is_counted_by_its_reason() -> None:
    """A service that fell silent is no service that never was; neither costs a judgement."""
    panel = a_panel([1, 1, 1, 1], [1, 1, NAN, NAN], [NAN, NAN, 1, NAN], [NAN, NAN, NAN, NAN])
    here, rest = present(panel, recent=2)
    assert (here.names, here.values.tolist()[0], here.start) == (("svc-0", "svc-2"), [1, 1, 1, 1], panel.start)
    assert (rest.fell_silent, rest.without_data, rest.seen) == (1, 1, 2)


def test_what_cannot_be_judged_yet_is_warming_up() -> None:
    """A score of yesterday does not stand for now."""
    found = standings(a_panel([1, 1, 1], [1, 1, 1]), judged([[0, 0, 0.5], [2, NAN, NAN]]), recent=2, most=9)
    assert (found.judged, found.warming_up, found.abnormal, found.seen) == (1, 1, 0, 2)
    assert [one.name for one in found.top] == ["svc-0"]


@pytest.mark.parametrize(("harm", "names"), [(1, {"svc-0"}), (-1, {"svc-1"}), (0, {"svc-0", "svc-1"})])
def test_what_does_no_harm_is_normal(harm: int, names: set[str]) -> None:
    """An error rate that falls is no alarm; which way is harm, the judgement knows."""
    rises, falls, quiet = level(14, seed=1), level(14, seed=2), level(14, seed=4)
    rises[-3:] += 90.0
    falls[-3:] -= 90.0
    panel = a_panel(rises, falls, quiet)
    judgement = judge(panel, direction=harm)
    found = standings(panel, judgement, recent=3, most=9)
    assert {one.name for one in found.top if one.alarm} == names
    assert (found.judged, found.abnormal) == (3, len(names))
    for one in found.top:
        assert not one.alarm or harm * (one.value - (one.expected or 0.0)) >= 0.0


def test_the_silence_of_planned_work_is_no_silence() -> None:
    """Whoever planned it knows; who was silent before it began, or stays so after it, is told."""
    before, during, after, never = (
        [1.0, 1.0, NAN, NAN, NAN, NAN],
        [1.0, 1.0, 1.0, NAN, NAN, NAN],
        [1.0, 1.0, 1.0, NAN, NAN, 1.0],
        [NAN] * 6,
    )
    panel = a_panel(before, during, after, never)
    for planned, silent, at_work, here in (
        ((), 1, 0, ("svc-1", "svc-2")),
        ((NOON - 3 * STEP, NOON), 1, 0, ("svc-1", "svc-2")),
        ((NOON - 3 * STEP, NOON - STEP), 1, 0, ("svc-1", "svc-2")),
        ((NOON - 4 * STEP, NOON - STEP), 2, 0, ("svc-2",)),
        ((NOON - 4 * STEP, NOON), 0, 3, ()),
    ):
        rows, rest = present(panel, 4, (planned,) if planned else ())
        assert rows.names == here, planned
        assert (rest.fell_silent, rest.in_maintenance, rest.without_data) == (silent, at_work, 1)


def test_what_came_during_planned_work_is_a_gap() -> None:
    """It is neither judged nor learned from, in a fleet as in a run."""
    rows, _ = present(a_panel([1, 2, 3, 4], [5, 6, 7, 8]), 2, ((NOON - 3 * STEP, NOON - 2 * STEP),))
    np.testing.assert_array_equal(rows.values, [[1, NAN, 3, 4], [5, NAN, 7, 8]])


def test_an_expectation_that_is_unknown_is_none() -> None:
    """Novelty may speak where nothing was expected, and JSON knows no NaN."""
    (one,) = standings(a_panel([100.0]), judged([[NAN]], [[2.0]], expected=NAN), recent=1, most=1).top
    assert one.expected is None


def test_a_fleet_is_the_sum_of_its_blocks() -> None:
    """In whatever order the blocks come back, the list is the same."""
    panel, other = a_panel([100.0], [100.0]), a_panel([100.0])
    first = standings(panel, judged([[2.0], [0.5]]), recent=1, most=2)
    second = standings(other, judged([[2.0]]), recent=1, most=2)
    lost = Scan(failed=3, gaps=(Gap("load", "away"),), warnings=("partial",))
    forth, back = first.joined(second, 2).joined(lost, 2), lost.joined(second, 2).joined(first, 2)
    assert forth == back
    assert (forth.judged, forth.abnormal, forth.failed, forth.seen) == (3, 2, 3, 3)
    assert [one.score for one in forth.top] == [2.0, 2.0]
    assert (forth.gaps, forth.warnings) == (lost.gaps, lost.warnings)


def test_the_step_is_the_panels_own() -> None:
    """Times in the list are those of the data."""
    panel = a_panel([100.0, 100.0])
    minute = Panel(panel.metric, panel.names, panel.start, timedelta(minutes=1), panel.values)
    (one,) = standings(minute, judged([[2.0, 3.0]]), recent=2, most=1).top
    assert (one.since, one.at) == (panel.start, panel.start + timedelta(minutes=1))
