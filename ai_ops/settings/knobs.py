"""The knobs of a service as ops_config.yaml writes them: what may move, how far, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from ai_ops.domain.file_unit import FILE_UNITS, counts_seconds
from ai_ops.domain.key_path import field_name
from ai_ops.domain.tuning import SCALING_MODE, SCHEDULED_MINIMUM, CostDirection, Knob, KnobKind
from ai_ops.settings.fields import KeyPath as WrittenPath
from ai_ops.settings.fields import KnobFile, Section
from ai_ops.settings.problems import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.key_path import KeyPath

KIND_OF = {SCALING_MODE: KnobKind.CHOICE, SCHEDULED_MINIMUM: KnobKind.SCHEDULE}
"""Kind of a knob by its name; all others hold a number."""


class KnobSettings(Section):
    """One number of the autoscaler that the agent may move, and how far."""

    kind: ClassVar = KnobKind.NUMBER

    unit: Literal["percent", "ms", "instances", "minutes"]
    minimum: Annotated[float, Field(alias="min", ge=0)]
    maximum: Annotated[float, Field(alias="max", ge=0)]
    max_step: Annotated[float, Field(gt=0)]
    costs_money: Literal["up", "down"]
    file: KnobFile = ""
    path: WrittenPath = ""
    live_query: str = ""
    written_in: Literal["", "seconds", "ratio"] = ""

    def knob(self, name: str, file: str, path: KeyPath) -> Knob:
        """Say it in the words of the domain."""
        direction, bounds = CostDirection(self.costs_money), (self.minimum, self.maximum)
        return Knob(name, file, path, self.unit, *bounds, self.max_step, direction, written_in=self.written_in)

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        if self.minimum >= self.maximum:
            raise refusal(f"min must be less than max: {self.minimum:g} and {self.maximum:g}")
        if self.max_step > self.maximum - self.minimum:
            raise refusal(f"must fit between min and max, is {self.max_step:g}", at="max_step")
        if self.unit == "percent" and self.maximum > 100:  # noqa: PLR2004  # percent
            raise refusal(f"a percentage ends at 100, is {self.maximum:g}", at="max")
        if self.unit == "instances" and any(value % 1 for value in (self.minimum, self.maximum, self.max_step)):
            raise refusal("instances come in whole numbers: min, max and max_step must have no fraction")
        if self.written_in and (self.unit, self.written_in) not in FILE_UNITS:
            raise refusal("must be seconds for minutes and ms, ratio for percent, else nothing", at="written_in")
        return self


class ChoiceSettings(Section):
    """One word that the agent may exchange for another."""

    kind: ClassVar = KnobKind.CHOICE

    words: Annotated[tuple[Literal["threshold", "target"], ...], Field(strict=False)]
    file: KnobFile = ""
    path: WrittenPath = ""

    def knob(self, name: str, file: str, path: KeyPath) -> Knob:
        """Say it in the words of the domain; a word has no bounds and no direction that costs money."""
        return Knob(name, file, path, "", 0.0, 0.0, 0.0, CostDirection.UP, kind=KnobKind.CHOICE, words=self.words)

    @field_validator("words")
    @classmethod
    def _leave_a_choice(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if sorted(set(words)) != sorted(words) or len(words) < 2:  # noqa: PLR2004  # one word is no choice
            raise refusal("must be two different words; to keep one, write `neuropilot: ignore` beside the value")
        return words


class ScheduleSettings(Section):
    """Minimums over the week that the agent may lay out anew."""

    kind: ClassVar = KnobKind.SCHEDULE

    unit: Literal["instances"]
    minimum: Annotated[int, Field(alias="min", ge=1)]
    maximum: Annotated[int, Field(alias="max", ge=1)]
    most_entries: Annotated[int, Field(ge=1, le=168)]
    file: KnobFile = ""
    path: WrittenPath = ""

    def knob(self, name: str, file: str, path: KeyPath) -> Knob:
        """Say it in the words of the domain."""
        bounds = (float(self.minimum), float(self.maximum))
        kind, most = KnobKind.SCHEDULE, self.most_entries
        return Knob(name, file, path, self.unit, *bounds, 0.0, CostDirection.UP, kind=kind, most_entries=most)

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        if self.minimum >= self.maximum:
            raise refusal(f"min must be less than max: {self.minimum} and {self.maximum}")
        return self


class Described(dict[str, Any]):
    """What the file says of one knob, with the kind that follows from the knob's name."""

    def __init__(self, name: str, written: Mapping[str, Any]) -> None:
        super().__init__(written)
        self.kind = KIND_OF.get(name, KnobKind.NUMBER)


def _tag(written: object) -> str:
    """Name the kind, in brackets so that no key of a file is mistaken for it (see `report.problems_of`)."""
    kind = getattr(written, "kind", KnobKind.NUMBER)
    return f"[{kind}]"


AnyKnobSettings = Annotated[
    Annotated[KnobSettings, Tag("[number]")]
    | Annotated[ChoiceSettings, Tag("[choice]")]
    | Annotated[ScheduleSettings, Tag("[schedule]")],
    Discriminator(_tag),
]


def misplaced(written: KnobSettings | ChoiceSettings | ScheduleSettings, file: str, path: KeyPath) -> str | None:
    """What is wrong with the place of a knob, if anything."""
    if file.endswith(".tfvars") and not all(isinstance(step, str) for step in path):
        return "items of lists and documents are followed only in .yaml and .json files; write keys alone"
    if isinstance(written, KnobSettings) and counts_seconds(field_name(path)) and written.written_in != "seconds":
        is_time = (written.unit, "seconds") in FILE_UNITS
        remedy = "add `written_in: seconds`" if is_time else "correct it"
        return f"leads to a number of seconds, and the knob is in {written.unit}: {remedy}"
    return None


def _number(unit: str, low: float, high: float, max_step: float, costs_money: str) -> KnobSettings:
    return KnobSettings.model_validate(
        {"unit": unit, "min": low, "max": high, "max_step": max_step, "costs_money": costs_money}
    )


DEFAULT_KNOBS: Mapping[str, KnobSettings | ChoiceSettings | ScheduleSettings] = {
    SCALING_MODE: ChoiceSettings(words=("threshold", "target")),
    "cpu_scale_out_percent": _number("percent", 50, 90, 12, "down"),
    "cpu_scale_in_percent": _number("percent", 20, 70, 20, "down"),
    "memory_scale_out_percent": _number("percent", 60, 95, 5, "down"),
    "latency_scale_out_ms": _number("ms", 100, 2000, 50, "down"),
    "min_instances": _number("instances", 1, 20, 5, "up"),
    "max_instances": _number("instances", 2, 100, 2, "up"),
    "cooldown_minutes": _number("minutes", 1, 30, 2, "up"),
    # Four entries a day: night, rise, day and evening.
    SCHEDULED_MINIMUM: ScheduleSettings.model_validate({"unit": "instances", "min": 1, "max": 20, "most_entries": 28}),
}
KNOB_NAMES = tuple(DEFAULT_KNOBS)
"""What the agent knows how to move."""
