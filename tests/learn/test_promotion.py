"""From rows to a verdict: what is good gets through, and what is not does not."""

from __future__ import annotations

from itertools import starmap

import numpy as np
import pytest
from examinations import DAY, STEP, a_past, of_one_load

from ai_ops.detect.learned.cold_fit import fit
from ai_ops.detect.learned.examination import examine, set_examination
from ai_ops.domain.model_version import MIN_AUC, Verdict
from ai_ops.learn.gates import Terms, gates_of, verdict_of
from ai_ops.learn.measuring import measured, rival


def a_model(past):
    """One Gaussian of the rows that are not held out."""
    return fit(past.values, past.step, weights=(~past.is_held_out).astype(float))


@pytest.fixture(scope="module")
def past():
    """Two quiet weeks."""
    return a_past(of_one_load())


@pytest.fixture(scope="module")
def examination(past):
    """What is asked about them."""
    return set_examination(past, 7)


@pytest.fixture(scope="module")
def good(past, examination):
    """How a model of them does."""
    model = a_model(past)
    return examine(examination, model.score, model.pit)


def verdict(candidate, champion=None):
    """What becomes of it, and the names of the gates that failed."""
    other = None if champion is None else rival("the champion", candidate, champion, 1)
    gates = gates_of(measured(candidate, 1), other, None, Terms())
    return verdict_of(gates), {gate.name for gate in gates if not gate.is_passed}


def test_a_good_model_has_a_lower_bound_well_above_the_limit(good):
    """So the gate refuses none that is worth having (S004-02)."""
    worth = measured(good, 1)
    assert worth.auc.low > MIN_AUC + 0.1
    assert worth.loss < 0.15
    assert worth.days == 14
    assert verdict(good) == (Verdict.PROMOTED, set())


def test_a_candidate_equal_to_the_champion_is_promoted(good):
    """It has lost nothing."""
    assert verdict(good, good) == (Verdict.PROMOTED, set())


def test_a_candidate_of_a_day_more_is_promoted(past, examination, good):
    """A year of nights must not be spent on refusals that chance makes."""
    fewer = fit(past.values[:-DAY], STEP, weights=(~past.is_held_out[:-DAY]).astype(float))
    assert verdict(good, examine(examination, fewer.score, fewer.pit)) == (Verdict.PROMOTED, set())


def test_a_candidate_trained_on_noise_is_refused(past, examination, good):
    """Each metric is as it always is, and none belongs to another any more."""
    rng = np.random.default_rng(1)
    shuffled = np.stack([rng.permutation(column) for column in past.values.T], axis=1)
    noise = fit(shuffled, STEP, weights=(~past.is_held_out).astype(float))
    outcome, failed = verdict(examine(examination, noise.score, noise.pit), good)
    assert outcome is Verdict.REFUSED
    assert "champion" in failed


def test_a_candidate_that_learned_a_fault_as_normal_is_refused(past, examination, good):
    """A week in which latency ran away from the load, and nobody said so (H04)."""
    rng, poisoned = np.random.default_rng(2), past.values.copy()
    poisoned[: 7 * DAY, 1] *= np.exp(rng.normal(size=7 * DAY))
    model = fit(poisoned, STEP, weights=(~past.is_held_out).astype(float))
    outcome, failed = verdict(examine(examination, model.score, model.pit), good)
    assert outcome is Verdict.REFUSED
    assert "champion" in failed


@pytest.mark.parametrize("scorer", ["always on", "random", "never"])
def test_a_scorer_that_knows_nothing_is_refused(scorer, examination):
    """Its AUC is that of guessing, whatever it says (S004-02)."""
    rng = np.random.default_rng(3)
    says = {"always on": lambda n: np.full(n, 2.0), "random": lambda n: 2.0 * rng.random(n), "never": np.zeros}[scorer]
    examined = examine(examination, lambda values: says(len(values)))
    assert measured(examined, 1).auc.value == pytest.approx(0.5, abs=0.1)
    outcome, failed = verdict(examined)
    assert outcome is Verdict.REFUSED
    assert failed >= {"auc", "auc_low"}


def test_a_good_model_of_three_days_is_refused_for_want_of_days():
    """Not each time of day was held out yet; in four days it will be."""
    outcomes = []
    for days in (3, 8):
        past = a_past(of_one_load(days))
        model = a_model(past)
        outcomes.append(verdict(examine(set_examination(past, 1), model.score, model.pit)))
    assert outcomes == [(Verdict.REFUSED, {"windows", "auc_low"}), (Verdict.PROMOTED, set())]


def test_without_held_out_rows_nothing_is_measured():
    """Fail closed."""
    past = a_past(of_one_load(2), is_held_out=np.zeros(2 * DAY, dtype=bool))
    examined = examine(set_examination(past, 1), lambda values: np.zeros(len(values)))
    assert measured(examined, 1) is None
    assert rival("the champion", examined, examined, 1) is None
    assert verdict(examined) == (Verdict.REFUSED, {"windows"})


def test_good_models_of_many_services_pass():
    """Whatever the noise, and whatever draw of it: none of twelve is refused."""
    services = [(noise, seed) for noise in (0.02, 0.05, 0.1, 0.3) for seed in (1, 2, 3)]
    pasts = [a_past(of_one_load(noise=noise, seed=seed)) for noise, seed in services]
    models = [a_model(past) for past in pasts]
    sat = starmap(examine, ((set_examination(p, 5), m.score, m.pit) for p, m in zip(pasts, models, strict=True)))
    assert {service: one for service, one in zip(services, map(verdict, sat), strict=True) if one[1]} == {}
