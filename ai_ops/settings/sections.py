"""The small sections of ops_config.yaml, each with its ranges and defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from ai_ops.domain.model_version import MIN_AUC
from ai_ops.settings.fields import (
    Branch,
    Duration,
    FindingId,
    MemoryBranch,
    Remote,
    Reviewer,
    Section,
    Text,
    Time,
    VerificationKey,
)
from ai_ops.settings.problems import refusal

if TYPE_CHECKING:
    from datetime import datetime

MINUTES_PER_DAY = 24 * 60


class MetricsSettings(Section):
    """Which source answers, and how much is asked of it."""

    source: Literal["auto", "prometheus", "grafana", "simulated"] = "auto"
    history_days: Annotated[int, Field(ge=1, le=90)] = 14
    step_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    deadline_seconds: Annotated[int, Field(ge=5, le=3600)] = 120
    freshness_minutes: Annotated[int, Field(ge=1, le=MINUTES_PER_DAY)] = 30
    minute_days: Annotated[int, Field(ge=1, le=28)] = 14
    minute_window: Duration = "2m"

    @field_validator("step_minutes")
    @classmethod
    def _divides_the_day(cls, minutes: int) -> int:
        if MINUTES_PER_DAY % minutes:
            raise refusal(f"must divide a day, because the daily season is counted in steps; {minutes} does not")
        return minutes


class TimeSpan(Section):
    """A planned span of time, and why."""

    start: Annotated[Time, Field(alias="from")]
    end: Annotated[Time, Field(alias="to")]
    reason: Text = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end <= self.start:
            raise refusal("must be later than from", at="to")
        return self


class DetectionSettings(Section):
    """How a threshold comes about, and when nothing is judged."""

    thresholds: Literal["calibrated", "literal"] = "calibrated"
    maintenance_windows: Annotated[tuple[TimeSpan, ...], Field(strict=False)] = ()
    labels: dict[FindingId, bool] = Field(default_factory=dict)


class ModelSettings(Section):
    """The model of how metrics move together: its size, when it is trained, and what it must be worth."""

    n_components: Annotated[int, Field(ge=1, le=50)] = 5
    retrain: Literal["nightly", "off"] = "nightly"
    min_auc: Annotated[float, Field(ge=0.5, le=1)] = MIN_AUC
    drift_threshold: Annotated[float, Field(gt=0, le=20)] = 3.0
    verification_key: VerificationKey = ""

    @field_validator("retrain", mode="before")
    @classmethod
    def _takes_a_bare_off(cls, value: object) -> object:
        return "off" if value is False else value  # which is how YAML reads it


class TuningSettings(Section):
    """When the thresholds may move."""

    policy: Literal["model", "rules", "literal"] = "model"
    cooldown_hours: Annotated[float, Field(ge=0, le=24 * 30)] = 24
    safety_cooldown_hours: Annotated[float, Field(ge=0, le=24 * 30)] = 6
    scale_gap_percent: Annotated[float, Field(ge=1, le=80)] = 8
    freeze_windows: Annotated[tuple[TimeSpan, ...], Field(strict=False)] = ()

    @property
    def freezes(self) -> tuple[tuple[datetime, datetime, str], ...]:
        """Begin, end and reason of each window in which nothing moves."""
        return tuple((one.start, one.end, one.reason) for one in self.freeze_windows)


class ApprovalSettings(Section):
    """What may move without a review."""

    knobs: Annotated[tuple[str, ...], Field(strict=False)] = (
        "cpu_scale_out_percent",
        "cpu_scale_in_percent",
        "latency_scale_out_ms",
    )
    autonomy: Literal["earned", "granted"] = "earned"
    caps: dict[Literal["save", "safety", "schedule", "mode"], Literal["observe", "propose", "commit"]] = Field(
        default_factory=dict
    )
    auto_merge: Literal["never", "urgent"] = "never"
    reviewers: Annotated[tuple[Reviewer, ...], Field(strict=False)] = ()


class PullRequestSettings(Section):
    """How proposals reach people."""

    host: Literal["auto", "github", "none"] = "auto"
    expire_days: Annotated[int, Field(ge=1, le=90)] = 14
    openings_per_week: Annotated[int, Field(ge=1, le=50)] = 3
    least_effect_percent: Annotated[float, Field(ge=0, le=50)] = 2


class RateLimitSettings(Section):
    """How often others are asked or told."""

    grafana_queries_per_hour: Annotated[int, Field(ge=1)] = 100
    slack_notifications_per_hour: Annotated[int, Field(ge=1)] = 10
    notion_notifications_per_hour: Annotated[int, Field(ge=1)] = 20
    email_notifications_per_hour: Annotated[int, Field(ge=1)] = 10
    pagerduty_notifications_per_hour: Annotated[int, Field(ge=1)] = 30
    apprise_notifications_per_hour: Annotated[int, Field(ge=1)] = 10
    webhook_notifications_per_hour: Annotated[int, Field(ge=1)] = 60
    notifications_per_service_per_hour: Annotated[int, Field(ge=1)] = 5


class LogSettings(Section):
    """Where the agent writes what it did."""

    file: Annotated[Text, Field(min_length=1)] = "/var/log/neuropilot/ops_brain.log"
    level: Literal["debug", "info", "warning"] = "info"


class RepositorySettings(Section):
    """Where changes go."""

    remote: Remote = "origin"
    branch: Branch = ""


class StateSettings(Section):
    """Where the agent remembers."""

    store: Literal["auto", "folders", "branch"] = "auto"
    branch: MemoryBranch = "neuropilot/state"
