"""Charts as Mermaid text, which hosts draw themselves; every word in them is ours, and every figure a number."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from ai_ops.apply.pull_request_body.figures import monthly
from ai_ops.domain.metrics import HOURS_PER_MONTH
from ai_ops.domain.rationale import Role
from ai_ops.markdown import bar_chart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.prediction import Prediction
    from ai_ops.domain.rationale import Rationale

_LABELS = {Role.TODAY: "left alone", Role.PROPOSED: "this change", Role.SAFER: "safer", Role.CHEAPER: "cheaper"}


def options_chart(rationale: Rationale | None) -> str:
    """Cost, and the share of the error budget in a bad fortnight, of every option of the replay."""
    options = rationale.options if rationale else ()
    cost = {_LABELS[one.role]: HOURS_PER_MONTH * one.cost_per_hour for one in options}
    burn = {_LABELS[one.role]: one.burn_bound for one in options}
    return _both(cost, "Replayed cost", burn, "Error budget spent in a bad fortnight")


def prediction_chart(prediction: Prediction | None, otherwise: Prediction | None) -> str:
    """The expected cost and SLO minutes, left alone and with the change; nothing unless both are known."""
    if prediction is None or otherwise is None:
        return ""
    old, new = monthly(otherwise), monthly(prediction)
    cost = {"left alone": old.cost.expected, "this change": new.cost.expected}
    minutes = {"left alone": old.slo_minutes.expected, "this change": new.slo_minutes.expected}
    return _both(cost, "Expected cost", minutes, "Expected SLO minutes")


def _both(cost: Mapping[str, float], cost_title: str, users: Mapping[str, float], users_title: str) -> str:
    """Two charts, nothing where a figure is none."""
    if not cost or not all(isfinite(value) for value in (*cost.values(), *users.values())):
        return ""
    unit = "share of the budget" if "budget" in users_title else "minutes per month"
    return f"{bar_chart(cost_title, 'per month', cost)}\n\n{bar_chart(users_title, unit, users)}"
