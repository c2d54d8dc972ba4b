"""How the model of one service is doing: all that is told of it to those who watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ai_ops.domain.model_drift import DriftReport
from ai_ops.domain.model_status import ModelStatus
from ai_ops.domain.model_version import CHAMPION_MAKING, Measured, ModelDecision, Training, Verdict
from ai_ops.domain.open_question import to_answer
from ai_ops.domain.training_record import TrainingRecord


@dataclass(frozen=True, slots=True)
class InputHistory:
    """What there is to learn from.

    Parameters
    ----------
    rows
        Rows within the time that a model knows.
    end
        Time of the newest row; None without any.
    missing
        Metrics that the model knows, or shall know, and of which the newest rows have no value.
    span
        Time that the rows are of. Whether a model can be measured is a question of days, however far rows are apart.
    """

    rows: int
    end: datetime | None
    missing: tuple[str, ...] = ()
    span: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ModelVitals:
    """All that is told of one service's model.

    Parameters
    ----------
    service
        Its name.
    at
        When this was gathered, aware UTC.
    status
        Of the model in use.
    min_auc, drift_threshold
        The limits that the settings name: an area under the curve, and a distance in sigmas.
    false_alarm_budget_per_week
        Alarms that the model may raise in a quiet week.
    is_training_wanted
        Whether a model shall be trained every night.
    is_signing_wanted
        Whether the settings name a key, so that a model without a signature is one too few.
    loaded_at
        When the model in use was loaded; None without one.
    training, measured
        How the model in use came about, and what it was worth when it was promoted; None where nobody knows.
    drift
        Newest report; None where there is no model, or nothing to compare.
    records, decisions
        The training log and the ledger's decisions about models of this service, each oldest first.
    history
        None where nobody looked.
    """

    service: str
    at: datetime
    status: ModelStatus
    min_auc: float
    drift_threshold: float
    false_alarm_budget_per_week: float = 1.0
    is_training_wanted: bool = True
    is_signing_wanted: bool = False
    loaded_at: datetime | None = None
    training: Training | None = None
    measured: Measured | None = None
    drift: DriftReport | None = None
    records: tuple[TrainingRecord, ...] = ()
    decisions: tuple[ModelDecision, ...] = ()
    history: InputHistory | None = None

    @property
    def last_training(self) -> datetime | None:
        """When a model was trained last, whatever became of it."""
        logged = (one.at for one in reversed(self.records) if one.event == "training")
        return next(logged, self.training.at if self.training else None)

    @property
    def last_promotion(self) -> datetime | None:
        """When a version was put in use last, by the agent or by a person."""
        return next((one.at for one in reversed(self.decisions) if one.verdict in CHAMPION_MAKING), None)

    @property
    def last_examination(self) -> TrainingRecord | None:
        """The newest entry of the log that measured the model in use."""
        of_it = (one for one in reversed(self.records) if one.version == self.status.version)
        return next((one for one in of_it if one.auc is not None), None)

    @property
    def refused_in_a_row(self) -> int:
        """Candidates that were refused since anything else was decided."""
        others = (place for place, one in enumerate(reversed(self.decisions)) if one.verdict != Verdict.REFUSED)
        return next(others, len(self.decisions))

    @property
    def waiting(self) -> str | None:
        """The version that a person has to say something about; None where nobody has to."""
        asked = to_answer(self.decisions, self.records, self.at)
        return None if asked is None else asked.version
