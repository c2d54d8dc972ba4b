"""What models are worth: all of them examined on the same hours, which none of them was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.detect.learned.examination import examine, set_examination
from ai_ops.detect.learned.held_out_hours import Past as Asked
from ai_ops.domain.held_out import is_held_out
from ai_ops.learn.measuring import measured, rival

if TYPE_CHECKING:
    from ai_ops.detect.learned.examination import Examination
    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.domain.examined import Examined
    from ai_ops.domain.model_card import Comparison
    from ai_ops.domain.model_version import Measured
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.models.flagged import Past
    from ai_ops.wiring.models.rows import Rows

SEED = 0
"""Chooses the faults: the same in every training, so that two trainings on the same history say the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """One examination, set once for all models of a service.

    Parameters
    ----------
    rows
        The history, with every column that one of the models knows.
    asked
        What is asked.
    """

    rows: Rows
    asked: Examination

    def sat_by(self, mixture: Mixture, metrics: tuple[str, ...]) -> Examined:
        """Let a model sit it; of the columns it sees those that it knows."""
        columns = [self.rows.metrics.index(metric) for metric in metrics]
        return examine(
            self.asked,
            score=lambda values: mixture.score(values[:, columns]),
            pit=lambda values: mixture.pit(values[:, columns]),
        )


def set_exam(rows: Rows, past: Past) -> Exam:
    """Set the examination of a service's history."""
    times = rows.times()
    asked = Asked(
        values=rows.values,
        times=times,
        metrics=rows.metrics,
        step=rows.step,
        is_held_out=is_held_out(times),
        is_abnormal=rows.inside(past.abnormal),
        is_incident=rows.inside(past.incidents),
        is_refuted=rows.inside(past.false_alarms),
    )
    return Exam(rows, set_examination(asked, SEED))


@dataclass(frozen=True, slots=True)
class Worth:
    """What a candidate is worth, alone and beside others; None where that could not be measured, or there is none.

    Parameters
    ----------
    measured
        The candidate.
    champion
        The model in use.
    reference
        An older version, so that many small losses cannot add up.
    """

    measured: Measured | None
    champion: Comparison | None
    reference: Comparison | None


def worth_of(
    mixture: Mixture, metrics: tuple[str, ...], rivals: tuple[Version | None, Version | None], exam: Exam
) -> Worth:
    """Let a model and its rivals, the champion and the reference, sit the same examination."""
    sat = exam.sat_by(mixture, metrics)
    beside = (
        None if one is None else rival(one.name, sat, exam.sat_by(one.mixture, one.metrics), SEED) for one in rivals
    )
    return Worth(measured(sat, SEED), *beside)
