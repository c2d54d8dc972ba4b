"""The shape of ops_config.yaml: every key with its range and its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, SecretStr, ValidationInfo, field_validator, model_validator

from ai_ops.settings.fields import Branch, Money, Percent, Remote, Secret, Section, Text, Time, Url, Webhook
from ai_ops.settings.problems import nearest, refusal
from ai_ops.settings.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.settings.problems import Path

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Origin:
    """Where settings came from.

    Parameters
    ----------
    file
        The file that was read.
    variables
        By settings key, the environment variable that gave its value; see `environment.VARIABLES`.
    """

    file: str = "built-in defaults"
    variables: Mapping[str, str] = field(default_factory=dict)


class MetricsSettings(Section):
    """Which source answers, and how much is asked of it."""

    source: Literal["auto", "prometheus", "grafana", "simulated"] = "auto"
    history_days: int = Field(14, ge=1, le=90)
    step_minutes: int = Field(10, ge=1, le=60)
    deadline_seconds: int = Field(120, ge=5, le=3600)
    freshness_minutes: int = Field(30, ge=1, le=MINUTES_PER_DAY)

    @field_validator("step_minutes")
    @classmethod
    def _divides_the_day(cls, minutes: int) -> int:
        if MINUTES_PER_DAY % minutes:
            raise refusal(f"must divide a day, because the daily season is counted in steps; {minutes} does not")
        return minutes


class DetectionSettings(Section):
    """How a threshold comes about."""

    thresholds: Literal["calibrated", "literal"] = "calibrated"


class ModelSettings(Section):
    """The mixture model."""

    n_components: int = Field(5, ge=1, le=50)


class RewardSettings(Section):
    """Which formula counts."""

    formula: Literal["budget_burn", "literal", "per_percent"] = "budget_burn"


class FreezeWindow(Section):
    """A span of time in which nothing moves."""

    start: Time = Field(alias="from")
    end: Time = Field(alias="to")
    reason: Text = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end <= self.start:
            raise refusal("must be later than from", at="to")
        return self


class TuningSettings(Section):
    """When the thresholds may move."""

    policy: Literal["rules"] = "rules"
    cooldown_hours: float = Field(24, ge=0, le=24 * 30)
    safety_cooldown_hours: float = Field(6, ge=0, le=24 * 30)
    scale_gap_percent: float = Field(20, ge=1, le=80)
    freeze_windows: Annotated[tuple[FreezeWindow, ...], Field(strict=False)] = ()


class ApprovalSettings(Section):
    """What may move without a review."""

    knobs: Annotated[tuple[str, ...], Field(strict=False)] = (
        "cpu_scale_out_percent",
        "cpu_scale_in_percent",
        "latency_scale_out_ms",
    )


class RateLimitSettings(Section):
    """How often others are asked or told."""

    grafana_queries_per_hour: int = Field(100, ge=1)
    slack_notifications_per_hour: int = Field(10, ge=1)


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
    branch: Annotated[Branch, Field(min_length=1)] = "neuropilot/state"


class Settings(Section):
    """Everything a person may set. `load_settings` makes one; `Settings()` holds the defaults."""

    mode: Literal["observe", "commit"] = "observe"

    prometheus_url: Url = ""
    prometheus_username: Text = ""
    prometheus_password: Secret | None = None
    prometheus_token: Secret | None = None
    grafana_url: Url = ""
    grafana_api_key: Secret | None = None
    grafana_datasource_uid: Text = ""
    metrics: MetricsSettings = Field(MetricsSettings(), validate_default=True)

    sla_target: Percent = 99.95
    cost_budget: Money = 50.0

    anomaly_sensitivity: float = Field(0.92, gt=0, lt=1)
    detection: DetectionSettings = DetectionSettings()
    learning_rate: float = Field(0.01, gt=0, le=1)
    model: ModelSettings = ModelSettings()
    reward: RewardSettings = RewardSettings()
    tuning: TuningSettings = TuningSettings()
    rate_limits: RateLimitSettings = RateLimitSettings()

    slack_webhook_url: Webhook | None = None
    notion_api_key: Secret | None = None
    notion_database_id: Text = ""
    log: LogSettings = LogSettings()

    repository: RepositorySettings = RepositorySettings()
    state: StateSettings = StateSettings()

    railway_token: Secret | None = None
    railway_project_id: Text = ""

    services: Annotated[tuple[Service, ...], Field(strict=False, min_length=1, validate_default=True)] = (
        Service(name="web"),
    )
    approval: ApprovalSettings = ApprovalSettings()

    _origin: Origin = PrivateAttr(Origin())

    def model_post_init(self, context: Any, /) -> None:  # noqa: ANN401  # pydantic's own signature
        """Keep where the values came from."""
        if isinstance(context, Origin):
            self._origin = context

    @property
    def origin(self) -> str:
        """The file that was read, or "built-in defaults"."""
        return self._origin.file

    @property
    def origins(self) -> dict[str, str]:
        """By key, the environment variable that gave its value, and what it beat; the file's own keys are absent."""
        return dict(self._origin.variables)

    @property
    def metric_source(self) -> Literal["prometheus", "grafana", "simulated"]:
        """The source that `metrics.source` means, with `auto` decided."""
        return _source(self.metrics.source, self.prometheus_url, self.grafana_url)

    def secret_values(self) -> tuple[str, ...]:
        """Every secret in clear text, for the redactor alone."""
        held = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in held if isinstance(value, SecretStr))

    # Each check below hangs on the field it names, and looks at the fields declared above it: so it also runs
    # when something else is wrong, and all problems are told at once.

    @field_validator("prometheus_token")
    @classmethod
    def _one_way_to_log_in(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token and info.data.get("prometheus_password"):
            raise refusal("PROMETHEUS_TOKEN and PROMETHEUS_PASSWORD are both set; keep one")
        return token

    @field_validator("metrics")
    @classmethod
    def _source_has_an_address(cls, metrics: MetricsSettings, info: ValidationInfo) -> MetricsSettings:
        address = {
            name: info.data.get(name, "?") for name in ("prometheus_url", "grafana_url", "grafana_datasource_uid")
        }
        chosen = _source(metrics.source, address["prometheus_url"], address["grafana_url"])
        if chosen != "simulated" and not address[f"{chosen}_url"]:
            raise refusal(f"{chosen} needs {chosen}_url, or {chosen.upper()}_URL in the environment", at="source")
        if chosen == "grafana" and not address["grafana_datasource_uid"]:
            raise refusal(
                "grafana needs grafana_datasource_uid: the end of the address of the data source's page in Grafana",
                at="source",
            )
        return metrics

    @field_validator("state")
    @classmethod
    def _memory_has_its_own_branch(cls, state: StateSettings, info: ValidationInfo) -> StateSettings:
        repository = info.data.get("repository")
        if repository and state.branch == repository.branch:
            raise refusal("must not be the branch that changes go to (repository.branch)", at="branch")
        return state

    @field_validator("services")
    @classmethod
    def _services_fit_together(cls, services: tuple[Service, ...], info: ValidationInfo) -> tuple[Service, ...]:
        tuning = info.data.get("tuning")
        problems = _clashes(services) | (_narrow_gaps(services, tuning.scale_gap_percent) if tuning else {})
        if problems:
            raise refusal(problems)
        inherited = {name: info.data[name] for name in ("sla_target", "cost_budget") if name in info.data}
        return tuple(
            service.model_copy(update={k: v for k, v in inherited.items() if k not in service.model_fields_set})
            for service in services
        )

    @field_validator("approval")
    @classmethod
    def _approved_knobs_exist(cls, approval: ApprovalSettings, info: ValidationInfo) -> ApprovalSettings:
        known = {name for service in info.data.get("services", ()) for name in service.movable}
        strangers = {
            ("knobs", place): f"no service has this knob{nearest(name, known)}"
            for place, name in enumerate(approval.knobs)
            if known and name not in known
        }
        if strangers:
            raise refusal(strangers)
        return approval


def _source(wanted: str, prometheus_url: str, grafana_url: str) -> Literal["prometheus", "grafana", "simulated"]:
    if wanted == "prometheus" or (wanted == "auto" and prometheus_url):
        return "prometheus"
    if wanted == "grafana" or (wanted == "auto" and grafana_url):
        return "grafana"
    return "simulated"


def _clashes(services: tuple[Service, ...]) -> dict[Path, str]:
    """Names that stand twice, and knobs of two services that would move the same value."""
    problems: dict[Path, str] = {}
    names: set[str] = set()
    places: dict[tuple[str, tuple[str, ...]], str] = {}
    for place, service in enumerate(services):
        if service.name in names:
            problems[place, "name"] = f"'{service.name}' is the name of two services; names must differ"
        names.add(service.name)
        for name, knob in service.knobs.items():
            owner = places.setdefault((knob.file, knob.path), f"{service.name}'s {name}")
            if owner != f"{service.name}'s {name}":
                problems[place, "knobs", name] = f"{owner} is the same value of the same file; set tfvars.under or path"
    return problems


def _narrow_gaps(services: tuple[Service, ...], gap: float) -> dict[Path, str]:
    """Services whose bounds leave no room for the gap between scale-in and scale-out."""
    return {
        (
            place,
            "knobs",
            "cpu_scale_in_percent",
        ): f"min must leave tuning.scale_gap_percent ({gap:g}) below scale-out's max"
        for place, service in enumerate(services)
        if (low := service.movable.get("cpu_scale_in_percent"))
        and (high := service.movable.get("cpu_scale_out_percent"))
        and low.minimum + gap > high.maximum
    }
