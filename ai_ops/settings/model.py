"""The shape of ops_config.yaml: every key with its range and its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PrivateAttr, SecretStr, ValidationInfo, field_validator

from ai_ops.domain.pull_request import branch_of
from ai_ops.settings.channels import ChannelAddresses, ChannelsSettings, EMailSettings, ReportSettings
from ai_ops.settings.fields import (
    Address,
    GitHubName,
    Money,
    Percent,
    RoutingKey,
    Secret,
    Section,
    SigningKey,
    SlackChannel,
    SmtpUrl,
    Text,
    Token,
    Url,
    Webhook,
)
from ai_ops.settings.problems import nearest, refusal
from ai_ops.settings.reward import RewardSettings
from ai_ops.settings.scan import ScanSettings
from ai_ops.settings.secret_parts import secret_parts
from ai_ops.settings.sections import (
    ApprovalSettings,
    DetectionSettings,
    LogSettings,
    MetricsSettings,
    ModelSettings,
    PullRequestSettings,
    RateLimitSettings,
    RepositorySettings,
    StateSettings,
    TuningSettings,
)
from ai_ops.settings.service import Service
from ai_ops.settings.settings import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.key_path import KeyPath
    from ai_ops.settings.problems import Place


@dataclass(frozen=True, slots=True)
class Origin:
    """Where settings came from.

    Parameters
    ----------
    file
        The file that was read.
    variables
        By settings key, the environment variable that gave its value; see `environment.VARIABLES`.
    secrets
        Values of all variables that hold a secret, those among them that another variable beat.
    """

    file: str = DEFAULTS
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Settings(Section):
    """Everything a person may set. `load_settings` makes one; `Settings()` holds the defaults."""

    mode: Literal["observe", "propose", "commit"] = "observe"

    prometheus_url: Url = ""
    prometheus_username: Text = ""
    prometheus_password: Secret | None = None
    prometheus_token: Token | None = None
    grafana_url: Url = ""
    grafana_api_key: Token | None = None
    grafana_datasource_uid: Text = ""
    grafana_annotations: bool = False
    metrics: Annotated[MetricsSettings, Field(validate_default=True)] = MetricsSettings()

    sla_target: Percent = 99.95
    cost_budget: Money = 50.0

    anomaly_sensitivity: Annotated[float, Field(gt=0, lt=1)] = 0.92
    detection: DetectionSettings = DetectionSettings()
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.01
    model: ModelSettings = ModelSettings()
    signing_key: SigningKey | None = None
    reward: RewardSettings = RewardSettings()
    tuning: TuningSettings = TuningSettings()
    rate_limits: RateLimitSettings = RateLimitSettings()

    slack_webhook_url: Webhook | None = None
    slack_bot_token: Token | None = None
    slack_channel: SlackChannel = ""
    notion_api_key: Token | None = None
    notion_database_id: Text = ""
    smtp_url: SmtpUrl | None = None
    email: EMailSettings = EMailSettings()
    pagerduty_routing_key: RoutingKey | None = None
    apprise_urls: Secret | None = None
    webhook_url: Address | None = None
    webhook_secret: Secret | None = None
    channels: ChannelsSettings = ChannelsSettings()
    channel_addresses: ChannelAddresses = ChannelAddresses()
    report: ReportSettings = ReportSettings()
    log: LogSettings = LogSettings()
    pushgateway_url: Url = ""
    heartbeat_url: Address | None = None

    repository: RepositorySettings = RepositorySettings()
    pull_requests: PullRequestSettings = PullRequestSettings()
    github_token: Token | None = None
    github_api_url: Url = "https://api.github.com"
    github_repository: GitHubName = ""
    state: StateSettings = StateSettings()

    railway_token: Token | None = None
    railway_project_id: Text = ""

    scan: ScanSettings = ScanSettings()

    services: Annotated[tuple[Service, ...], Field(strict=False, validate_default=True)] = (Service(name="web"),)
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

    @property
    def is_simulated(self) -> bool:
        """Whether what is measured is the made-up service, which says nothing of a real one."""
        return self.metric_source == "simulated"

    def secret_values(self) -> tuple[str, ...]:
        """Every secret in clear text, for the redactor alone."""
        fields = ((name, getattr(self, name)) for name in type(self).model_fields)
        held = {name: value.get_secret_value() for name, value in fields if isinstance(value, SecretStr)}
        return tuple(dict.fromkeys((*held.values(), *secret_parts(held), *self._origin.secrets)))

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
        if not services:
            raise refusal("is empty; name at least one service")
        tuning = info.data.get("tuning")
        problems = _clashes(services) | _shared_bills(services) | _taken_branches(services, info.data.get("state"))
        if tuning:
            problems |= _narrow_gaps(services, tuning.scale_gap_percent)
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
        strangers: dict[Place, str] = {
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


def _clashes(services: tuple[Service, ...]) -> dict[Place, str]:
    """Names that stand twice, and knobs of two services that would move the same value."""
    problems: dict[Place, str] = {}
    names: set[str] = set()
    places: dict[tuple[str, KeyPath], str] = {}
    for place, service in enumerate(services):
        if service.name in names:
            problems[place, "name"] = f"'{service.name}' is the name of two services; names must differ"
        names.add(service.name)
        for name, knob in service.knobs.items():
            owner = places.setdefault((knob.file, knob.path), f"{service.name}'s {name}")
            if owner != f"{service.name}'s {name}":
                problems[place, "knobs", name] = f"{owner} is the same value of the same file; set tfvars.under or path"
    return problems


def _taken_branches(services: tuple[Service, ...], state: StateSettings | None) -> dict[Place, str]:
    """Services whose pull requests would come from a branch that holds the agent's memory."""
    memory = state.branch if state else ""
    taken = {memory, f"{memory.rpartition('/')[0]}/archive", f"{memory}-archive"}
    says = "is the name of the branch where the agent remembers, as neuropilot/{}; call the service otherwise"
    return {
        (place, "name"): f"'{service.name}' {says.format(service.name)}"
        for place, service in enumerate(services)
        if branch_of(service.name) in taken
    }


def _shared_bills(services: tuple[Service, ...]) -> dict[Place, str]:
    """Services of which each would be billed for all that runs on Railway."""
    billed = [(place, service) for place, service in enumerate(services) if service.cost.source == "railway"]
    says = "is needed when several services run on Railway: without it each costs the whole environment"
    return {
        (place, "cost", "railway_service_id"): says
        for place, service in billed
        if len(billed) > 1 and not service.cost.railway_service_id
    }


def _narrow_gaps(services: tuple[Service, ...], gap: float) -> dict[Place, str]:
    """Services whose bounds leave no room for the gap between scale-in and scale-out."""
    problems: dict[Place, str] = {}
    for place, service in enumerate(services):
        low, high = service.knobs.get("cpu_scale_in_percent"), service.knobs.get("cpu_scale_out_percent")
        if low and high and low.minimum + gap > high.maximum:
            says = f"min must leave tuning.scale_gap_percent ({gap:g}) below scale-out's max"
            problems[place, "knobs", "cpu_scale_in_percent"] = says
    return problems
