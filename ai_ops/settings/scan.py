"""The section `scan` of ops_config.yaml: how a whole fleet is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from ai_ops.domain.metrics import Query
from ai_ops.settings.expressions import PresetName, complaint, fill, names_in, presets
from ai_ops.settings.fields import LabelName, Matchers, Section, Text
from ai_ops.settings.problems import nearest, refusal

if TYPE_CHECKING:
    from ai_ops.settings.problems import Place


class ScanSettings(Section):
    """Which label tells the services apart, which grouped queries are asked, and who computes."""

    engine: Literal["local", "dask", "ray"] = "local"
    address: Text = ""
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    group_by: LabelName = "job"
    selector: Matchers = ""
    judged_hours: Annotated[float, Field(gt=0, le=48)] = 1
    preset: PresetName = "node_exporter"
    variables: dict[str, str] = Field(default_factory=dict)
    own_metrics: dict[str, str] = Field(default_factory=dict, alias="metrics")

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that can be asked for."""
        return tuple(self._templates())

    @property
    def filled_selector(self) -> str:
        """`selector` with its `$names` filled in."""
        return fill(self.selector, self._names("", ""))

    def queries(self, group: str, block: str) -> tuple[Query, ...]:
        """One grouped query per metric.

        Parameters
        ----------
        group
            The label that tells the services apart.
        block
            The matcher that finds the services of a block, or what stands for it.
        """
        names = self._names(group, ",".join(filter(None, (block, self.selector))))
        return tuple(Query(metric, fill(template, names)) for metric, template in self._templates().items())

    def _templates(self) -> dict[str, str]:
        """By metric, the expression as it is written; one that is empty takes the metric out."""
        wanted = {**presets()[self.preset].grouped, **self.own_metrics}
        return {metric: template for metric, template in wanted.items() if template}

    def _names(self, group: str, selector: str) -> dict[str, str]:
        """What each `$name` stands for."""
        return {**self._usual, **self.variables, "group": group, "selector": selector}

    @property
    def _usual(self) -> dict[str, str]:
        return {"window": "10m", **presets()[self.preset].variables}

    @model_validator(mode="after")
    def _queries_can_be_filled(self) -> Self:
        marks = {name: f"\0{name}" for name in ("group", "selector")}
        names = self._names(**marks)
        own: dict[Place, str] = {("metrics", metric): text for metric, text in self.own_metrics.items() if text}
        around: dict[Place, str] = {("variables", name): text for name, text in self.variables.items()}
        written: dict[Place, str] = {**own, **around, ("selector",): self.selector}
        problems = {place: says for place, text in written.items() if (says := complaint(text, names))}
        for place in own.keys() - problems.keys():
            filled = fill(own[place], names)
            if missing := " and ".join(f"${name}" for name, mark in marks.items() if mark not in filled):
                problems[place] = f"lacks {missing}: sum by ($group) (rate(requests_total{{$selector}}[10m]))"
        used = set[str]().union(*map(names_in, written.values()))
        for name in self.variables:
            if name in marks:
                problems["variables", name] = "is given by the settings themselves; take another name"
            elif name not in used | self._usual.keys():
                problems["variables", name] = f"no query uses it{nearest(name, self._usual)}"
        if problems:
            raise refusal(problems)
        return self
