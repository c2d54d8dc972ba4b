"""A candidate must show what it is worth: chance, and many small losses, promote nothing."""

from __future__ import annotations

import doctest
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.model_card import Comparison
from ai_ops.domain.model_version import MIN_AUC, Measured, Movement, TrainingKind, Verdict
from ai_ops.domain.self_test import Estimate
from ai_ops.learn import gates as module
from ai_ops.learn.gates import Terms, gates_of, reason_of, refusal, verdict_of

GOOD = Measured(
    auc=Estimate(0.85, 0.81, 0.88),
    recall=Estimate(0.4, 0.36, 0.44),
    recall_by_fault={},
    false_alarms_per_week=Estimate(2.0, 0.05, 11.0),
    loss=0.05,
    loss_of_chance=0.039,
    rows=504,
    quiet_windows=84,
    fault_windows=560,
    labelled_windows=0,
    days=14,
)
SAME = Estimate(0.0, 0.0, 0.0)
MOVED = (Movement("cpu_percent", 0.2, 1.0), Movement("latency_p95_ms", -3.4, 1.1))
UNIT = st.floats(0.0, 1.0)


def beside(gain=SAME, rise=SAME, worth=GOOD):
    """Another model, and how the candidate compares with it."""
    return Comparison("20261119T0310Z-0a1b2c3d", worth, gain, rise)


def judged(candidate=GOOD, champion=None, reference=None, terms=None, **more):
    """The verdict, and the names of the gates that failed."""
    gates = gates_of(candidate, champion, reference, terms or Terms(), **more)
    return verdict_of(gates), [gate.name for gate in gates if not gate.is_passed]


def an_estimate(numbers):
    """Three numbers as a figure with its interval."""
    low, value, high = sorted(numbers)
    return Estimate(value, low, high)


ESTIMATES = st.tuples(UNIT, UNIT, UNIT).map(an_estimate)
GAINS = st.tuples(*[st.floats(-0.1, 0.1)] * 3).map(an_estimate)


def test_the_examples_in_the_docstrings_hold():
    """Whoever reads them believes them."""
    assert doctest.testmod(module).failed == 0


def test_a_good_first_model_is_promoted():
    """There is nothing to compare it with, and the reasons say so."""
    gates = gates_of(GOOD, None, None, Terms())
    assert verdict_of(gates) is Verdict.PROMOTED
    assert "nothing to compare" in next(gate.reason for gate in gates if gate.name == "champion")
    assert reason_of(gates) == "all 10 conditions hold"


def test_a_candidate_equal_to_the_champion_is_promoted():
    """Not worse is enough: it knows a day more."""
    assert judged(champion=beside(), reference=beside()) == (Verdict.PROMOTED, [])


def test_the_limit_itself_is_enough():
    """`min_auc` is the least that passes, not the most that fails (S004-02)."""
    exact = replace(GOOD, auc=Estimate(MIN_AUC, MIN_AUC, MIN_AUC))
    assert judged(exact) == (Verdict.PROMOTED, [])


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({"auc": Estimate(0.64, 0.60, 0.70)}, ["auc", "auc_low"]),
        ({"auc": Estimate(0.70, 0.64, 0.76)}, ["auc_low"]),
        ({"quiet_windows": 11}, ["windows"]),
        ({"fault_windows": 11}, ["windows"]),
        ({"days": 3}, ["windows"]),
        ({"false_alarms_per_week": Estimate(6.0, 1.24, 17.5)}, ["false_alarms"]),
    ],
)
def test_what_a_first_model_does_not_show_refuses_it(change, failed):
    """A point estimate above the limit is not enough (R20), nor is a good figure from too little."""
    assert judged(replace(GOOD, **change)) == (Verdict.REFUSED, failed)


@pytest.mark.parametrize(
    ("gain", "passes"),
    [
        (Estimate(0.0, -0.009, 0.009), True),
        (Estimate(0.0, -0.011, 0.011), False),
        (Estimate(0.02, -0.011, 0.05), False),
        (Estimate(-0.005, -0.008, -0.002), True),
        (Estimate(-0.05, -0.06, -0.04), False),
    ],
)
def test_a_candidate_may_not_be_worse_than_the_champion(gain, passes):
    """What counts is the lower end: a likely gain that may be a loss does not pass (R20)."""
    assert ("champion" not in judged(champion=beside(gain))[1]) is passes


@pytest.mark.parametrize(
    ("gain", "rise", "passes"),
    [
        (Estimate(-0.01, -0.02, 0.0), Estimate(-0.14, -0.2, -0.06), True),
        (Estimate(-0.01, -0.02, 0.0), Estimate(-0.14, -0.3, 0.02), False),
        (Estimate(-0.01, -0.02, 0.0), None, False),
        (Estimate(-0.02, -0.04, 0.0), Estimate(-0.14, -0.2, -0.06), False),
    ],
)
def test_a_champion_that_no_longer_knows_what_is_usual_gives_way(gain, rise, passes):
    """A model of one calm week must not stay for ever for a hundredth of AUC; for more it may (R20, R27)."""
    assert ("champion" not in judged(champion=beside(gain, rise))[1]) is passes


def test_many_small_losses_do_not_add_up():
    """Each step passes beside its champion; beside the version of a week ago the sum does not (H04)."""
    step, sum_of_steps = Estimate(-0.006, -0.008, -0.004), Estimate(-0.042, -0.05, -0.034)
    assert judged(champion=beside(step)) == (Verdict.PROMOTED, [])
    assert judged(champion=beside(step), reference=beside(sum_of_steps)) == (Verdict.REFUSED, ["reference"])


def test_too_many_false_alarms_are_no_reason_to_keep_a_model_that_raises_as_many():
    """Refused beside a calmer one, promoted beside one that is no better."""
    loud = replace(GOOD, false_alarms_per_week=Estimate(6.0, 1.24, 17.5))
    assert judged(loud, beside(worth=GOOD)) == (Verdict.REFUSED, ["false_alarms"])
    assert judged(loud, beside(worth=loud)) == (Verdict.PROMOTED, [])


@pytest.mark.parametrize(
    ("rise", "passes"),
    [
        (Estimate(0.10, 0.06, 0.14), False),
        (Estimate(0.10, 0.01, 0.19), True),
        (Estimate(-0.1, -0.2, 0.0), True),
        (None, True),
    ],
)
def test_a_loss_that_rose_by_more_than_chance_refuses(rise, passes):
    """A perfect model shows 0.039 on as many rows; less is no difference (R27)."""
    assert ("loss" not in judged(champion=beside(rise=rise))[1]) is passes


FROM_SCRATCH = pytest.mark.parametrize("kind", [TrainingKind.REBUILD, TrainingKind.COLD])


@FROM_SCRATCH
def test_a_rebuild_that_moves_a_baseline_far_waits_for_a_person(kind):
    """It may be the service that changed, or somebody who wants it to look so (H04): of a young model as of an old."""
    asked = {"champion": beside(), "moved": MOVED, "kind": kind}
    assert judged(**asked) == (Verdict.WAITING, ["movement"])
    assert judged(**asked, terms=Terms(is_approved=True)) == (Verdict.PROMOTED, [])
    assert judged(champion=beside(), moved=MOVED[:1], kind=kind) == (Verdict.PROMOTED, [])


@FROM_SCRATCH
@pytest.mark.parametrize(
    ("ratio", "passes"), [(1.0, True), (1.9, True), (2.0, True), (2.01, False), (9.0, False), (0.5, True), (0.4, False)]
)
def test_a_rebuild_that_makes_room_for_anything_waits_for_a_person(kind, ratio, passes):
    """H04: a mean that stays says nothing of a spread that has tripled, in which every fault would be normal."""
    wider = (Movement("latency_p95_ms", 0.1, ratio), MOVED[0])
    assert judged(champion=beside(), moved=wider, kind=kind) == (
        (Verdict.PROMOTED, []) if passes else (Verdict.WAITING, ["movement"])
    )
    assert judged(champion=beside(), moved=wider, kind=kind, terms=Terms(is_approved=True))[0] is Verdict.PROMOTED


def test_who_has_to_agree_to_a_movement_reads_both_figures():
    """The metric that moves and the one that widens may be two."""
    moved = (Movement("cpu_percent", 0.2, 2.75), Movement("latency_p95_ms", -3.4, 1.1))
    gates = gates_of(GOOD, beside(), None, Terms(), kind=TrainingKind.REBUILD, moved=moved)
    assert reason_of(gates) == (
        "what is usual of latency_p95_ms moves by -3.4 sigma, more than 3 and the spread of cpu_percent becomes 2.75 "
        "times what it was, a factor of more than 2: a person has to agree"
    )


def test_a_movement_counts_only_beside_a_model_and_from_scratch():
    """A first model moves nothing, and a warm start is bounded before it gets here."""
    assert judged(kind=TrainingKind.COLD) == (Verdict.PROMOTED, [])
    assert judged(kind=TrainingKind.WARM, moved=MOVED) == (Verdict.PROMOTED, [])


def test_a_person_cannot_wave_through_what_fails_otherwise():
    """Agreeing to a movement is not agreeing to a bad model."""
    bad = replace(GOOD, auc=Estimate(0.6, 0.5, 0.7))
    for is_approved in (False, True):
        verdict, _ = judged(bad, kind=TrainingKind.REBUILD, moved=MOVED, terms=Terms(is_approved=is_approved))
        assert verdict is Verdict.REFUSED


def test_what_cannot_be_measured_is_refused():
    """Fail closed; no gate at all is no pass either."""
    assert judged(None) == (Verdict.REFUSED, ["windows"])
    assert verdict_of(()) is Verdict.REFUSED


@pytest.mark.parametrize("least", [0.49, 1.01, float("nan")])
def test_a_limit_that_asks_for_less_than_guessing_is_refused(least):
    """0.5 to 1, whoever asks (S004-02)."""
    with pytest.raises(ValueError, match=r"between 0\.5 and 1"):
        Terms(min_auc=least)


def test_the_refusal_has_the_form_that_was_agreed():
    """S004-03."""
    assert refusal(0.61, 0.65) == {
        "ok": False,
        "error": "Model AUC below threshold",
        "auc": 0.61,
        "min_auc": 0.65,
        "rejected": True,
    }


def test_every_gate_says_why_in_figures():
    """A reviewer reads the reasons, not the code."""
    for gate in gates_of(GOOD, beside(), beside(), Terms(), kind=TrainingKind.REBUILD, moved=MOVED):
        assert gate.name in {"columns", "person"} or any(letter.isdigit() for letter in gate.reason), gate
        assert "\n" not in gate.reason


def test_what_comes_after_a_person_went_back_waits_for_a_person():
    """H42: the rows that made the bad model are still there; who asks for a training agrees to it."""
    why = "a person went back to the model in use"
    assert judged(terms=Terms(to_be_asked=why)) == (Verdict.WAITING, ["person"])
    assert judged(terms=Terms(to_be_asked=why, is_approved=True))[0] is Verdict.PROMOTED
    bad = judged(replace(GOOD, auc=Estimate(0.6, 0.5, 0.7)), terms=Terms(to_be_asked=why))
    assert bad[0] is Verdict.REFUSED


def test_a_metric_that_came_or_went_is_a_question_to_a_person():
    """H04: who hides a metric for a week could bring it back at any level."""
    verdict, failed = judged(terms=Terms(changed_columns=("latency_p95_ms",)))
    assert (verdict, failed) == (Verdict.WAITING, ["columns"])
    assert judged(terms=Terms(changed_columns=("latency_p95_ms",), is_approved=True))[0] is Verdict.PROMOTED


def test_a_refusal_names_all_that_failed():
    """Whoever mends the first must not be surprised by the second."""
    gates = gates_of(replace(GOOD, days=2, auc=Estimate(0.7, 0.0, 1.0)), None, None, Terms())
    assert "of 2 days; 12 of each" in reason_of(gates)
    assert "lower end below min_auc 0.65" in reason_of(gates)


@given(ESTIMATES, GAINS, st.floats(0.5, 1.0), st.floats(0.0, 0.3))
def test_a_better_candidate_never_fails_where_a_worse_one_passes(auc, gain, least, better):
    """More AUC, and more beside the champion, only helps."""
    passed = judged(replace(GOOD, auc=auc), beside(gain), beside(gain), Terms(min_auc=least))[0]
    raised = Estimate(*(min(1.0, end + better) for end in (auc.value, auc.low, auc.high)))
    gained = Estimate(gain.value + better, gain.low + better, gain.high + better)
    after = judged(replace(GOOD, auc=raised), beside(gained), beside(gained), Terms(min_auc=least))[0]
    assert after is Verdict.PROMOTED or passed is Verdict.REFUSED


@given(ESTIMATES, st.floats(0.5, 1.0), st.floats(0.5, 1.0))
def test_a_stricter_limit_never_lets_more_through(auc, one, other):
    """S004-02."""
    candidate, (lax, strict) = replace(GOOD, auc=auc), sorted((one, other))
    if judged(candidate, terms=Terms(min_auc=strict))[0] is Verdict.PROMOTED:
        assert judged(candidate, terms=Terms(min_auc=lax))[0] is Verdict.PROMOTED


@given(ESTIMATES, st.floats(0.5, 1.0))
def test_nothing_is_promoted_whose_interval_reaches_below_the_limit(auc, least):
    """R20."""
    if judged(replace(GOOD, auc=auc), terms=Terms(min_auc=least))[0] is Verdict.PROMOTED:
        assert auc.low >= least
