"""How the model learns, by the loss of its newest training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from gathered import gathered, nothing_gathered
from model_vitals import a_record, some_model_vitals

from ai_ops.report.agent.learning import learning_of

if TYPE_CHECKING:
    from ai_ops.report.gathered import Gathered


def with_loss(loss: float | None, rows: int | None = 504) -> Gathered:
    """A model whose newest training came to this loss."""
    return gathered(vitals=some_model_vitals(records=(a_record(1), a_record(loss=loss, loss_rows=rows))))


@pytest.mark.parametrize(
    ("loss", "status"),
    [(0.019, "converged"), (0.02, "converging"), (0.0499, "converging"), (0.05, "training"), (0.9, "training")],
)
def test_the_status_is_that_of_the_loss(loss: float, status: str):
    """S001-30, S001-108."""
    assert learning_of(with_loss(loss)).status == status


def test_a_loss_stands_beside_what_chance_alone_makes():
    """R27: 0.869 / sqrt(1008) = 0.0274."""
    standing = learning_of(with_loss(0.031, 1008))
    assert standing.loss == 0.031
    assert standing.words == (
        "Model 20261102T0300Z-3f9c1a2b is converging: loss 0.031 (over 1,008 rows, where a perfect model shows 0.027)."
    )
    assert dict(standing.evidence.inputs)["loss"] == "0.031 (over 1,008 rows, where a perfect model shows 0.027)"


def test_what_was_not_measured_does_not_count():
    """The newest loss is the newest that there is; an evaluation rests on other rows."""
    records = (a_record(2, loss=0.01), a_record(1, event="evaluation", learning=None, loss=0.4), a_record(loss=None))
    assert learning_of(gathered(vitals=some_model_vitals(records=records))).loss == 0.01


def test_a_model_of_which_no_loss_is_known_is_still_training():
    """Nothing measured is no success."""
    standing = learning_of(gathered(vitals=some_model_vitals(records=())))
    assert (standing.status, standing.loss) == ("training", None)
    assert "not measured yet" in standing.words


def test_without_a_model_there_is_a_reason():
    """Whatever the training log says."""
    standing = learning_of(nothing_gathered())
    assert (standing.status, standing.version, standing.auc) == ("no model", None, None)
    assert standing.words == "There is no model in use: nothing was trained yet."


def test_the_drift_is_that_of_the_newest_report_where_it_could_judge():
    """Too few rows say nothing, and the status keeps what was known before."""
    vitals = some_model_vitals()
    assert vitals.drift is not None
    measured = replace(vitals.drift, drift_score=2.5)
    assert learning_of(gathered(vitals=replace(vitals, drift=measured))).drift_score == 2.5
    unjudged = replace(measured, drift_score=0.0, reason="too few rows")
    assert learning_of(gathered(vitals=replace(vitals, drift=unjudged))).drift_score == 1.4
