"""One service of ops_config.yaml: what it promises, how it is measured, and which knobs may move."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from ai_ops.domain.key_path import key_path
from ai_ops.domain.metrics import CANONICAL_METRICS, Query
from ai_ops.domain.platform import Platform
from ai_ops.domain.slo import Slo
from ai_ops.settings.expressions import PresetName, complaint, fill, names_in, presets
from ai_ops.settings.fields import Duration, KnobFile, Matchers, Money, Percent, Section, ServiceName, Text
from ai_ops.settings.fields import KeyPath as WrittenPath
from ai_ops.settings.knobs import (
    DEFAULT_KNOBS,
    KNOB_NAMES,
    AnyKnobSettings,
    ChoiceSettings,
    Described,
    KnobSettings,
    ScheduleSettings,
    misplaced,
)
from ai_ops.settings.platform import PlatformSettings
from ai_ops.settings.problems import nearest, refusal

if TYPE_CHECKING:
    from ai_ops.domain.key_path import KeyPath
    from ai_ops.domain.tuning import Knob
    from ai_ops.settings.expressions import Preset
    from ai_ops.settings.problems import Place


class SloSettings(Section):
    """When a request is good, and how that is measured."""

    latency_ms: Annotated[float, Field(ge=1, le=600_000)] = 400
    good: str = ""
    total: str = ""
    window: Duration = "10m"
    minimum_requests: Annotated[int, Field(ge=1)] = 1000

    @model_validator(mode="after")
    def _good_needs_total(self) -> Self:
        if bool(self.good) != bool(self.total):
            raise refusal("good and total belong together: give both, or neither to take the preset's")
        return self


class CostSettings(Section):
    """Where `cost_per_hour` comes from."""

    source: Literal["query", "instances", "railway"] = "instances"
    price_per_instance_hour: Money | None = None
    railway_service_id: Text = ""


class TfvarsSettings(Section):
    """Where the service's knobs stand."""

    file: Annotated[KnobFile, Field(min_length=1)] = "infrastructure/terraform/terraform.tfvars"
    under: WrittenPath = ""


_BELOW = (
    ("cpu_scale_in_percent", "cpu_scale_out_percent"),
    ("min_instances", "max_instances"),
    ("scheduled_minimum", "max_instances"),
)
"""Pairs of knobs whose bounds must keep the first below the second."""


class Service(Section):
    """One service: as the file writes it, and in the words of the domain."""

    name: ServiceName
    preset: PresetName = "node_exporter"
    selector: Matchers = 'job="$service"'
    variables: dict[str, str] = Field(default_factory=dict)
    own_queries: dict[str, str] = Field(default_factory=dict, alias="queries")
    sla_target: Percent = 99.95
    cost_budget: Money = 50.0
    promise: Annotated[SloSettings, Field(alias="slo")] = SloSettings()
    cost: CostSettings = CostSettings()
    scaling: Annotated[PlatformSettings, Field(alias="platform")] = PlatformSettings()
    tfvars: TfvarsSettings = TfvarsSettings()
    movable: dict[str, AnyKnobSettings] = Field(default_factory=lambda: dict(DEFAULT_KNOBS), alias="knobs")

    @property
    def slo(self) -> Slo:
        """What the service promises."""
        return Slo(self.sla_target, self.promise.latency_ms, self.promise.minimum_requests)

    @property
    def platform(self) -> Platform:
        """What the service runs on; a price of 0 where the settings name none."""
        return Platform(
            price_per_instance_hour=self.cost.price_per_instance_hour or 0.0,
            slo_ms=self.promise.latency_ms,
            sla_target_percent=min(self.sla_target, 99.99999),  # nearer to 100 no count of requests can tell
            **self.scaling.model_dump(),
        )

    @property
    def knobs(self) -> dict[str, Knob]:
        """What may move, by name."""
        return {name: self._knob(name, written) for name, written in self.movable.items()}

    @property
    def queries(self) -> tuple[Query, ...]:
        """One query per metric that can be asked for; a metric whose own query is empty is left out."""
        return self.queries_over(self.promise.window)

    def queries_over(self, window: str) -> tuple[Query, ...]:
        """The same with another `$window`, the range of every rate: a duration like 2m."""
        names = {**self._names, "window": window}
        wanted = {**self._preset.queries, **self._own_sli, **self.own_queries}
        return tuple(Query(metric, fill(text, names)) for metric, text in wanted.items() if text)

    @property
    def live_queries(self) -> dict[str, Query]:
        """By knob, how to ask the platform what it really runs, where that is configured."""
        return {name: Query(name, knob.live_query) for name, knob in self.knobs.items() if knob.live_query}

    @property
    def slo_bucket_query(self) -> str | None:
        """Counts the histogram bucket that the preset's SLI rests on; None when the SLI rests on no bucket."""
        is_own = bool(self._own_sli) or "slo_good_ratio" in self.own_queries
        return None if is_own or not self._preset.slo_bucket else fill(self._preset.slo_bucket, self._names)

    @property
    def _preset(self) -> Preset:
        return presets()[self.preset]

    @property
    def _own_sli(self) -> dict[str, str]:
        good, total = self.promise.good, self.promise.total
        return {"slo_good_ratio": f"({good}) / ({total})", "requests_per_second": total} if total else {}

    @property
    def _given(self) -> dict[str, str]:
        """The `$names` that the settings themselves define."""
        seconds = f"{self.promise.latency_ms / 1000:.10f}".rstrip("0").rstrip(".")
        whole = "" if "." in seconds else "([.]0)?"
        return {
            "service": self.name,
            "selector": self.selector,
            "window": self.promise.window,
            "slo_seconds": seconds,
            "slo_bucket": seconds.replace(".", "[.]") + whole,
        }

    @property
    def _names(self) -> dict[str, str]:
        """What each `$name` in a query stands for."""
        return {**self._preset.variables, **self.variables, **self._given}

    def _knob(self, name: str, written: KnobSettings | ChoiceSettings | ScheduleSettings) -> Knob:
        knob = written.knob(name, *self._place(name, written))
        if not isinstance(written, KnobSettings) or not written.live_query:
            return knob
        return replace(knob, live_query=fill(written.live_query, self._names))

    def _place(self, name: str, written: AnyKnobSettings) -> tuple[str, KeyPath]:
        """File of a knob, and the steps that lead to it there."""
        below = f"{self.tfvars.under}.{name}" if self.tfvars.under else name
        return written.file or self.tfvars.file, key_path(written.path or below)

    @field_validator("own_queries")
    @classmethod
    def _metrics_are_known(cls, queries: dict[str, str]) -> dict[str, str]:
        strangers: dict[Place, str] = {
            (name,): f"unknown metric{nearest(name, CANONICAL_METRICS)}"
            for name in queries
            if name not in CANONICAL_METRICS
        }
        if strangers:
            raise refusal(strangers)
        return queries

    @field_validator("movable", mode="before")
    @classmethod
    def _kinds_follow_from_names(cls, knobs: Any) -> Any:  # noqa: ANN401  # whatever the file holds
        if not isinstance(knobs, dict):
            return knobs
        return {name: Described(name, one) if isinstance(one, dict) else one for name, one in knobs.items()}

    @field_validator("movable")
    @classmethod
    def _knobs_are_known(cls, knobs: dict[str, AnyKnobSettings]) -> dict[str, AnyKnobSettings]:
        problems: dict[Place, str] = {
            (name,): f"unknown knob{nearest(name, KNOB_NAMES)}" for name in knobs if name not in KNOB_NAMES
        }
        for lower, upper in _BELOW:
            low, high = knobs.get(lower), knobs.get(upper)
            if isinstance(low, ChoiceSettings) or isinstance(high, ChoiceSettings) or low is None or high is None:
                continue
            if low.minimum >= high.minimum or low.maximum >= high.maximum:
                problems[lower,] = f"min and max must each be less than those of {upper}"
        if problems:
            raise refusal(problems)
        return knobs

    @model_validator(mode="after")
    def _places_can_be_reached(self) -> Self:
        problems: dict[Place, str] = {}
        for name, written in self.movable.items():
            if says := misplaced(written, *self._place(name, written)):
                problems[("knobs", name, "path") if written.path else ("tfvars", "under")] = says
        if problems:
            raise refusal(problems)
        return self

    @model_validator(mode="after")
    def _queries_can_be_filled(self) -> Self:
        expressions = self._expressions()
        problems = {path: says for path, text in expressions.items() if (says := complaint(text, self._names))}
        used = set[str]().union(*(names_in(text) for text in expressions.values()))
        for name in self.variables:
            if name in self._given:
                problems["variables", name] = "is given by the settings themselves; take another name"
            elif name not in used | self._preset.variables.keys():
                problems["variables", name] = f"no query uses it{nearest(name, self._preset.variables)}"
        is_asked = bool(self.own_queries.get("cost_per_hour"))
        if self.cost.source == "query" and not is_asked:
            problems["cost", "source"] = "query needs an expression at queries.cost_per_hour"
        if is_asked and self.cost.source != "query":
            problems["queries", "cost_per_hour"] = "is asked only with cost.source: query"
        if problems:
            raise refusal(problems)
        return self

    def _expressions(self) -> dict[Place, str]:
        """Everything a person wrote that may hold a `$name`, by its place."""
        return {
            ("selector",): self.selector,
            **{("variables", name): text for name, text in self.variables.items()},
            **{("queries", name): text for name, text in self.own_queries.items()},
            ("slo", "good"): self.promise.good,
            ("slo", "total"): self.promise.total,
            **{
                ("knobs", name, "live_query"): knob.live_query
                for name, knob in self.movable.items()
                if isinstance(knob, KnobSettings)
            },
        }
