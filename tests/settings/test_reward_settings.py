"""The section `reward`: which formula counts, and the weights and terms of the team's own."""

from __future__ import annotations

import pytest

from ai_ops.reward.formulas import FORMULAS
from ai_ops.settings import load_settings
from ai_ops.settings.reward import FORMULA_NAMES, RewardSettings


def loaded(folder, text: str) -> RewardSettings:
    """The section that a file with `text` means."""
    file = folder / "ops_config.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, root=folder, environment={}).reward


def test_the_weights_of_the_promise_are_the_defaults(tmp_path):
    """`formula: weighted` needs no more than that (S001-133)."""
    said = loaded(tmp_path, "reward: {formula: weighted}")
    assert said.weights.model_dump() == {"sla": 0.4, "cost": 0.3, "latency": 0.2, "availability": 0.1}


def test_whoever_names_weights_names_all_that_count(tmp_path):
    """What is left out weighs nothing; a default that slips in would change the sum (S001-133)."""
    said = loaded(tmp_path, "reward: {formula: weighted, weights: {sla: 0.7, cost: 0.3}}")
    assert said.weights.model_dump() == {"sla": 0.7, "cost": 0.3, "latency": 0.0, "availability": 0.0}


def test_weights_with_decimals_may_be_rounded(tmp_path):
    """0.1 + 0.2 + 0.7 is not 1 in binary, and nobody can write a third."""
    loaded(tmp_path, "reward: {formula: weighted, weights: {sla: 0.1, cost: 0.2, latency: 0.7}}")
    loaded(tmp_path, "reward: {formula: weighted, weights: {sla: 0.3333334, cost: 0.3333333, latency: 0.3333333}}")


def test_terms_are_numbers_by_name(tmp_path):
    """The example of the promise, as data: no expression is ever evaluated (S001-132, H35)."""
    said = loaded(tmp_path, "reward: {formula: linear, terms: {sla: 2.0, cost_variance: -1.0, error_percent: -0.02}}")
    assert said.terms == {"sla": 2.0, "cost_variance": -1.0, "error_percent": -0.02}


@pytest.mark.parametrize("name", ["my_package.rewards:calculate_reward", "rewards:f"])
def test_a_function_is_named_by_its_module(tmp_path, name):
    """It is not looked for here (S001-132)."""
    assert loaded(tmp_path, f"reward: {{formula: '{name}'}}").formula == name


@pytest.mark.parametrize("name", ["rewards", "rewards:", ":f", "../rewards:f", "rewards.py:f()", "a:b:c", "a-b:c", ""])
def test_what_is_no_name_of_a_function_is_refused(tmp_path, name):
    """Only plain names of modules and functions."""
    with pytest.raises(Exception, match="must be budget_burn, literal, per_percent, weighted, linear"):
        loaded(tmp_path, f"reward: {{formula: '{name}'}}")


def test_every_formula_that_is_named_exists():
    """Those that need no settings, and the two that do."""
    assert {*FORMULAS, "weighted", "linear"} == set(FORMULA_NAMES)
