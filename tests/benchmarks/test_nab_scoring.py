"""The benchmark's own scorer, on examples that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from nab_scoring import (
    PROFILES,
    Labelled,
    Sweep,
    leading_edge,
    probation,
    row_worths,
    sigmoid,
    stratified_halves,
)

STANDARD, LOW_FP, LOW_FN = PROFILES
WINDOW = (200, 299)
"""Of a file of 1000 rows; the first 150 are never scored."""


def file_with(*windows, name="real/one.csv", rows=1000):
    """A file of which only the windows matter."""
    times = np.datetime64("2026-01-01") + np.arange(rows) * np.timedelta64(5, "m")
    return Labelled(name, name.split("/")[0], times, np.zeros(rows), tuple(windows))


def scores_at(*alarms, rows=1000):
    """One wherever an alarm is raised, zero elsewhere."""
    scores = np.full(rows, -np.inf)
    scores[list(alarms)] = 1.0
    return scores


def raw_score(*alarms, profile=STANDARD, windows=(WINDOW,)):
    """Total of one file at the threshold that raises just these alarms, before it is normalised."""
    file = file_with(*windows)
    everything = np.ones(1, dtype=bool)
    score = Sweep([file], {file.name: scores_at(*alarms)}, profile).at(1.0, everything)
    null, perfect = -profile.miss * len(windows), len(windows)
    return null + score / 100.0 * (perfect - null)


def test_silence_scores_nothing_and_every_window_found_at_once_scores_all():
    """The two ends of the scale are what every figure in the table is read against."""
    assert raw_score() == -1.0
    assert raw_score(WINDOW[0]) == pytest.approx(1.0)
    file = file_with(WINDOW, (600, 649))
    everything = np.ones(1, dtype=bool)
    assert Sweep([file], {file.name: scores_at(200, 600)}, STANDARD).best(everything)[1] == pytest.approx(100.0)
    assert Sweep([file], {file.name: scores_at()}, STANDARD).best(everything) == (math.inf, 0.0)


def test_only_the_earliest_alarm_in_a_window_earns():
    """Three alarms in a window earn what the first of them earns alone."""
    middle = (2 / (1 + math.exp(-2.5)) - 1) / (2 / (1 + math.exp(-5)) - 1)
    assert middle == pytest.approx(0.86, abs=0.005)
    assert raw_score(250) == pytest.approx(middle)
    assert raw_score(250, 260, 299) == pytest.approx(middle)
    assert raw_score(299) == pytest.approx(0.0253, abs=1e-3)


def test_a_far_false_alarm_costs_in_full_and_a_near_one_less():
    """Before any window and far behind one, a row costs the whole price; just behind a window nearly nothing."""
    assert raw_score(160) == pytest.approx(-1.0 - 0.11)
    assert raw_score(700) == pytest.approx(-1.0 - 0.11)
    near = 0.11 * (2 / (1 + math.exp(5 * 1 / 99)) - 1)
    assert raw_score(300) == pytest.approx(-1.0 + near)
    assert raw_score(700, profile=LOW_FP) == pytest.approx(-1.0 - 0.22)


def test_eighteen_false_rows_undo_one_found_window():
    """Repeated alarm rows are what costs: the reason why an alarm layer matters."""
    alarms = (*range(700, 718), WINDOW[0])
    assert raw_score(*alarms) == pytest.approx(1.0 - 18 * 0.11)
    assert raw_score(*alarms) < 0 < raw_score(WINDOW[0], 700)


def test_a_missed_window_costs_twice_where_misses_are_dear():
    """The low-FN profile doubles the price of a miss."""
    two = (WINDOW, (600, 649))
    assert raw_score(200, windows=two) == pytest.approx(0.0)
    assert raw_score(200, windows=two, profile=LOW_FN) == pytest.approx(1.0 - 2.0)


def test_nothing_is_scored_on_probation():
    """The first rows are there to learn from, at most 750 of them."""
    assert (probation(1000), probation(5000), probation(20_000)) == (150, 750, 750)
    assert raw_score(0, 149) == -1.0
    assert raw_score(150) == pytest.approx(-1.11)


def test_a_gap_never_alarms():
    """A score that cannot be told is no alarm at any threshold."""
    file = file_with(WINDOW)
    scores = np.full(1000, np.nan)
    scores[200] = 0.5
    assert Sweep([file], {file.name: scores}, STANDARD).best(np.ones(1, dtype=bool)) == (0.5, pytest.approx(100.0))


def test_the_sweep_finds_what_trying_every_threshold_finds():
    """The cumulative sum must equal the definition: at every distinct score, all rows at or above it alarm."""
    rng = np.random.default_rng(5)
    files = [file_with(WINDOW, (600, 649)), file_with((400, 480), name="real/two.csv"), file_with(name="art/none.csv")]
    scores = {file.name: np.round(rng.normal(size=1000), 1) for file in files}
    everything = np.ones(3, dtype=bool)
    for profile in PROFILES:
        sweep = Sweep(files, scores, profile)
        tried = {threshold: total(files, scores, threshold, profile) for threshold in np.unique([*scores.values()])}
        threshold, best = sweep.best(everything)
        assert best == pytest.approx(max(0.0, *tried.values()))
        for tried_threshold, score in tried.items():
            assert sweep.at(tried_threshold, everything) == pytest.approx(score)
        assert math.isinf(threshold) or tried[threshold] == pytest.approx(best)


def total(files, scores, threshold, profile):
    """The definition, row by row."""
    raw = null = perfect = 0.0
    for file in files:
        worth, inside = row_worths(1000, file.windows, profile)
        alarms = [row for row in range(probation(1000), 1000) if scores[file.name][row] >= threshold]
        raw += sum(worth[row] for row in alarms if inside[row] < 0)
        for window in range(len(file.windows)):
            found = [worth[row] for row in alarms if inside[row] == window]
            raw += found[0] if found else -profile.miss
        null -= profile.miss * len(file.windows)
        perfect += len(file.windows)
    return 100.0 * (raw - null) / (perfect - null)


def corpus():
    """Twenty files with a window each."""
    return [file_with((300 + 25 * i, 399 + 25 * i), name=f"real/{i}.csv") for i in range(20)]


@pytest.mark.parametrize("kind", ["always on", "random"])
def test_a_detector_that_looks_at_nothing_scores_badly(kind):
    """A scorer that can be won by an endless alarm, or by dice, measures nothing."""
    rng = np.random.default_rng(3)
    files = corpus()
    scores = {file.name: np.ones(1000) if kind == "always on" else rng.random(1000) for file in files}
    halves = stratified_halves([file.category for file in files], 40, seed=1)
    assert Sweep(files, scores, STANDARD).carried(halves).mean < 25.0


def test_a_perfect_detector_stays_perfect_when_its_threshold_is_carried():
    """A threshold that means the same everywhere loses nothing on the other half."""
    files = corpus()
    scores = {file.name: scores_at(file.windows[0][0]) for file in files}
    halves = stratified_halves([file.category for file in files], 40, seed=1)
    carried = Sweep(files, scores, STANDARD).carried(halves)
    assert (carried.mean, carried.sd) == (pytest.approx(100.0), pytest.approx(0.0))


def test_halves_take_half_of_each_category_and_repeat_with_their_seed():
    """Without strata, luck with one category would look like skill."""
    categories = ["aws"] * 9 + ["taxi"] * 4
    halves = stratified_halves(categories, 40, seed=7)
    for half in halves:
        assert half[:9].sum() in {4, 5}
        assert half[9:].sum() == 2
    assert {int(half[:9].sum()) for half in halves} == {4, 5}
    assert all(np.array_equal(a, b) for a, b in zip(halves, stratified_halves(categories, 40, seed=7), strict=True))


def test_a_leading_edge_looks_back_only():
    """What is kept of a score must not depend on what comes after it."""
    scores = np.random.default_rng(2).normal(size=500)
    whole = leading_edge(scores, rows=20)
    for end in (1, 19, 20, 21, 250):
        assert np.array_equal(leading_edge(scores[:end], rows=20), whole[:end])


def test_the_sigmoid_is_steep_around_a_windows_end():
    """Values of the published shape."""
    assert sigmoid(np.array([-1.0, 0.0, 1.0])) == pytest.approx([0.98661, 0.0, -0.98661], abs=1e-4)
