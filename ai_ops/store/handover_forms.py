"""The shape of the documents that jobs hand over, in JSON: every key known, every size bounded.

Series and files of the memory have their bounds here. How much else there may be, every text and list of a decision
and of an observation, is weighed by `handover_room`.
"""

import base64
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from ai_ops.domain.finding import Finding
from ai_ops.domain.metrics import Gap, Observation, Series, Window
from ai_ops.domain.tuning import Decision, Reward, Thresholds
from ai_ops.store import handover_room

POINTS_MAX = 1_000_000
"""Of one series: 690 days of minutes."""
FILE_MAX_BYTES = 64 * 1024**2
"""Of one file of the memory."""

_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Text = Annotated[str, StringConstraints(max_length=20_000)]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
_Place = Annotated[str, StringConstraints(pattern=r"^ai_ops/(state|models)(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){1,3}$")]
_Values = Annotated[str, StringConstraints(max_length=POINTS_MAX * 8 * 4 // 3 + 4)]
_Said = BeforeValidator(handover_room.SEEN)
_File = Annotated[str, StringConstraints(max_length=FILE_MAX_BYTES * 4 // 3 + 4)]


class Form(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SeriesForm(Form):
    """A series; its values are little-endian float64 in base64, exact to the bit."""

    metric: _Name
    start: AwareDatetime
    step_seconds: Annotated[float, Field(gt=0, le=86_400)]
    values: _Values

    @classmethod
    def of(cls, series: Series) -> Self:
        """Write a series."""
        values = base64.b64encode(np.asarray(series.values, dtype="<f8").tobytes()).decode()
        return cls(metric=series.metric, start=series.start, step_seconds=series.step.total_seconds(), values=values)

    def to_series(self) -> Series:
        """Read it back. Raises ValueError for what is no whole number of values."""
        values = np.frombuffer(base64.b64decode(self.values, validate=True), dtype="<f8").astype(np.float64)
        return Series(self.metric, self.start, timedelta(seconds=self.step_seconds), values)


class ObservationForm(Form):
    """An observation; see `domain.metrics.Observation` for its fields."""

    service: _Name
    window: Window
    source: Literal["prometheus", "grafana", "simulated"]
    is_simulated: bool
    series: Annotated[tuple[SeriesForm, ...], Field(max_length=100)]
    thresholds: Annotated[Thresholds, _Said]
    gaps: Annotated[tuple[Gap, ...], _Said]
    warnings: Annotated[tuple[_Text, ...], _Said]
    notes: Annotated[tuple[_Text, ...], _Said]
    live: Annotated[dict[_Name, float], _Said]
    minutes: Annotated[tuple[SeriesForm, ...], Field(max_length=100)]
    minute_gaps: Annotated[tuple[Gap, ...], _Said]

    @classmethod
    def of(cls, seen: Observation) -> Self:
        """Write an observation."""
        names = ("service", "window", "source", "is_simulated", "thresholds", "gaps", "warnings", "notes", "live")
        return cls(
            **{name: getattr(seen, name) for name in (*names, "minute_gaps")},
            series=tuple(SeriesForm.of(one) for one in seen.series.values()),
            minutes=tuple(SeriesForm.of(one) for one in seen.minutes.values()),
        )

    def to_observation(self) -> Observation:
        """Read it back."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        fields["series"] = {one.metric: one.to_series() for one in self.series}
        fields["minutes"] = {one.metric: one.to_series() for one in self.minutes}
        return Observation(**fields)


class FailureForm(Form):
    """Why there is nothing to go on with."""

    words: _Text
    exit_code: Annotated[int, Field(ge=1, le=5)]


class SeenForm(Form):
    """What was seen of one service."""

    service: _Name
    window: Window | None
    base: _Commit | None
    past: _Digest | None
    recalled: _Name | None
    given_up: _Name | None
    delivered: Annotated[dict[_Name, AwareDatetime], Field(max_length=10_000)]
    observation: ObservationForm | None
    failure: FailureForm | None


class CollectedForm(Form):
    """What the job that looks hands to the next."""

    kind: Literal["collected"]
    version: Literal[1]
    purpose: Literal["cycle", "training", "report"]
    agent: _Name
    repository: _Text
    settings: _Digest
    source: Literal["prometheus", "grafana", "simulated"]
    at: AwareDatetime
    state: _Commit | None
    memory: Annotated[dict[_Place, _File], Field(max_length=10_000)]
    services: Annotated[tuple[SeenForm, ...], Field(max_length=1_000)]


class ThoughtForm(Form):
    """What was thought about one service, each text and list of it, and all of it together, within `THOUGHT`."""

    service: _Name
    at: AwareDatetime
    findings: tuple[Finding, ...]
    reward: Reward | None
    decision: Decision | None
    failure: FailureForm | None

    @model_validator(mode="before")
    @classmethod
    def _has_room(cls, given: Any) -> Any:  # noqa: ANN401  # JSON
        return handover_room.THOUGHT(given)


class DecidedForm(Form):
    """What the job that thinks hands to the one that acts."""

    kind: Literal["decided"]
    version: Literal[1]
    agent: _Name
    collected: _Digest
    at: AwareDatetime
    services: Annotated[tuple[ThoughtForm, ...], Field(max_length=1_000)]
