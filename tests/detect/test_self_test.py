"""What the self-test says of a detection must be what that detection does."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP, a_series, steady

from ai_ops.detect.judge import judge
from ai_ops.detect.self_test.self_test import paged, self_test
from ai_ops.domain.self_test import Fault, MetricTested, Plan, Untested

PLAN = Plan(trials=8)
CALM = steady("requests_per_second", 100.0)


def sees_everything(panel):
    """Knows the untouched series: the perfect detection."""
    return np.where(panel.values != CALM.values, 2.0, 0.0)


def sees_nothing(panel):
    """Never alarms."""
    return np.zeros_like(panel.values)


def cries_always(panel):
    """Alarms at every second value, fault or not."""
    return np.broadcast_to(np.arange(panel.values.shape[-1]) % 2 * 2.0, panel.values.shape)


def by_name(outcome):
    """The faults that were tried."""
    return {one.fault: one for one in outcome.faults if one.trials}


def test_a_perfect_detection_finds_everything_at_once():
    """Its recall is 1, its delay 0, its false alarms none; the interval still says that eight trials are few (R26)."""
    outcome = self_test(CALM, PLAN, sees_everything)
    assert isinstance(outcome, MetricTested)
    for one in by_name(outcome).values():
        assert (one.hits, one.trials, one.delay_samples, one.delay_minutes) == (8, 8, 0.0, 0.0)
        assert one.recall.value == 1.0
        assert one.recall.low < 0.7
    assert outcome.alarms == 0
    assert outcome.days == 7.0
    assert outcome.alarms_per_week.high == pytest.approx(3.69, abs=0.01)


def test_a_blind_detection_finds_nothing():
    """And has no delay to speak of."""
    for one in by_name(self_test(CALM, PLAN, sees_nothing)).values():
        assert (one.hits, one.recall.value, one.delay_samples) == (0, 0.0, None)


def test_an_alarm_that_would_have_come_anyway_is_no_merit():
    """An always-on detection has a recall of zero here, and a great many false alarms: it can fool nobody."""
    outcome = self_test(CALM, PLAN, cries_always)
    assert all(one.hits == 0 for one in by_name(outcome).values())
    assert outcome.alarms == 21
    assert outcome.alarms_per_week.value == 21.0


def test_an_alarm_that_grows_louder_anyway_is_no_merit_either():
    """Whoever raises an alarm at every value raises one in every fault."""

    def louder_and_louder(panel):
        return np.broadcast_to(2.0 + np.arange(panel.values.shape[-1]), panel.values.shape)

    assert all(one.hits == 0 for one in by_name(self_test(CALM, PLAN, louder_and_louder)).values())


def test_no_fault_is_smaller_than_what_means_anything():
    """Four sigmas of a share of requests may be less than one failed request."""
    outcome = self_test(CALM, PLAN, sees_everything, floor=np.full(2016, 7.0))
    assert outcome.sigma == 7.0


def test_an_alarm_after_the_fault_is_too_late():
    """Only an alarm while it lasts helps anybody."""

    def late(panel):
        shifted = np.zeros_like(panel.values)
        shifted[:, 36:] = sees_everything(panel)[:, :-36]
        return shifted

    assert all(one.hits == 0 for one in by_name(self_test(CALM, PLAN, late)).values())


def test_the_delay_counts_from_the_first_wrong_value():
    """A sample later is ten minutes later."""

    def one_late(panel):
        shifted = np.zeros_like(panel.values)
        shifted[:, 1:] = sees_everything(panel)[:, :-1]
        return shifted

    shift = by_name(self_test(CALM, PLAN, one_late))[Fault.LEVEL_SHIFT]
    assert (shift.hits, shift.delay_samples, shift.delay_minutes) == (8, 1.0, 10.0)


def test_the_delay_of_a_lasting_fault_counts_from_when_it_shows():
    """A stuck exporter looks healthy until the metric would have moved; what nobody can see is no delay."""
    series = a_series("requests_per_second", 100.0 + 50.0 * np.sin(2.0 * np.pi * np.arange(2016) / 144))

    def sees_its_last_value(panel):
        wrong = panel.values != series.values
        return np.where(wrong & ~np.roll(wrong, -1, axis=-1), 2.0, 0.0)

    flat = by_name(self_test(series, PLAN, sees_its_last_value))[Fault.FLAT_LINE]
    assert flat.hits == 8
    assert 0 < flat.delay_samples < 35


def test_the_smallest_faults_are_told_apart():
    """Who finds only what is huge must not hide behind an average."""

    def sees_what_is_huge(panel):
        return np.abs(panel.values - CALM.values) / (1.2 * 4.0 * 1.0)

    shift = by_name(self_test(CALM, PLAN, sees_what_is_huge))[Fault.LEVEL_SHIFT]
    assert shift.hits > 0
    assert (shift.smallest_hits, shift.smallest_trials) == (0, 2)


def test_a_seed_names_a_test():
    """Two runs agree; another seed chooses other places."""

    def placed(seed):
        seen = []

        def score(panel):
            seen.append(panel.values.copy())
            return sees_nothing(panel)

        self_test(CALM, Plan(trials=4, seed=seed), score)
        return np.concatenate(seen)

    np.testing.assert_array_equal(placed(1), placed(1))
    assert not np.array_equal(placed(1), placed(2))


def test_only_the_last_days_are_touched():
    """What comes before is the history that the detection learns from."""
    touched = []

    def score(panel):
        touched.extend(np.flatnonzero((panel.values != CALM.values).any(axis=0)))
        return sees_nothing(panel)

    self_test(CALM, PLAN, score)
    assert min(touched) >= CALM.values.size - 1008


def test_a_fault_that_fits_nowhere_says_so():
    """A steady metric cannot be stuck; that is a reason and not a miss."""
    outcome = self_test(CALM, PLAN, sees_everything)
    flat = next(one for one in outcome.faults if one.fault is Fault.FLAT_LINE)
    assert (flat.trials, flat.recall) == (0, None)
    assert "4 sigma" in flat.reason


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.ones(300), "2.1 days of values, 4 are needed"),
        (np.full(2016, np.nan), "0.0 days of values"),
        (np.where(np.arange(2016) % 3 == 0, 1.0, np.nan), "only 33% of the history was measured"),
    ],
    ids=["short", "no data", "gappy"],
)
def test_too_little_history_is_said_and_not_judged(values, reason):
    """Figures from nothing would be worse than none."""
    outcome = self_test(a_series("cpu_percent", values), PLAN, sees_nothing)
    assert isinstance(outcome, Untested)
    assert reason in outcome.reason


def test_a_person_is_told_again_while_an_alarm_stands():
    """Twenty hours are three pages; a short alarm is one, and a quieter echo of it none."""
    score = np.zeros(400)
    score[10:130] = 2.0
    score[300:302], score[306] = 3.0, 2.5
    assert np.flatnonzero(paged(score, STEP)).tolist() == [10, 58, 106, 300]


def test_the_shipped_detection_finds_what_is_large_in_seconds():
    """The whole path with the real judge, on a rhythm that everybody has."""
    phase = 2.0 * np.pi * np.arange(2016) / 144
    noise = np.random.default_rng(2).normal(size=2016)
    series = a_series("requests_per_second", 100.0 + 40.0 * np.sin(phase) + noise)
    outcome = self_test(series, Plan(sigmas=12.0, trials=8), lambda panel: judge(panel).score)
    assert by_name(outcome)[Fault.LEVEL_SHIFT].recall.value > 0.5
