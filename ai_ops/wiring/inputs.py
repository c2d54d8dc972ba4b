"""Everything that the policy `model` looks at, in a form that can be kept and decided on again.

Minutes are the columns of a snapshot; settings, knobs and platform are beside them. What it knows of the past is the
ledger up to the decision: that is kept anyway, and chained by its hashes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ai_ops.domain.metrics import Gap, Observation, Series
from ai_ops.domain.platform import Platform
from ai_ops.domain.situation import Situation
from ai_ops.domain.slo import Slo
from ai_ops.domain.tuning import Exploration, Knob, Reward, Thresholds
from ai_ops.store.snapshots import Snapshot
from ai_ops.tune.model import Model
from ai_ops.wiring.sources import movable_knobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ai_ops.domain.cycle import Episode
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What one decision was made on, beside the past.

    Parameters
    ----------
    minutes
        By canonical metric, as `Observation.minutes`; all on one grid.
    gaps
        Metrics that could not be had minute by minute.
    live
        By knob, what the platform said that it runs.
    movable
        Knobs that were allowed to move.
    """

    minutes: Mapping[str, Series]
    gaps: tuple[Gap, ...]
    thresholds: Thresholds
    live: Mapping[str, float]
    knobs: Mapping[str, Knob]
    platform: Platform
    movable: frozenset[str]
    gap_percent: float

    def snapshot(self, redact: Callable[[str], str]) -> Snapshot:
        """Give what is kept; its digest stands for it."""
        first = next(iter(self.minutes.values()))
        return Snapshot(
            start=first.start,
            step=first.step,
            columns={metric: series.values for metric, series in sorted(self.minutes.items())},
            extra=_extra(self, redact),
        )

    def policy(self) -> Model:
        """The policy that decided."""
        return Model(self.platform, self.movable, self.gap_percent)

    def situation(self, episode: Episode, past: Sequence[Episode]) -> Situation:
        """What the policy saw at the moment of `episode`, given the episodes before it."""
        observation = Observation(
            service=episode.service,
            window=episode.window,
            source=episode.source,
            is_simulated=episode.is_simulated,
            series={},
            thresholds=self.thresholds,
            live=self.live,
            minutes=self.minutes,
            minute_gaps=self.gaps,
        )
        return Situation(
            now=episode.decided_at,
            observation=observation,
            findings=episode.findings,
            reward=Reward(None, "", "the policy does not look at it"),
            past=tuple(past),
            knobs=self.knobs,
            slo=Slo(self.platform.sla_target_percent, self.platform.slo_ms, minimum_requests=1),
            exploration=Exploration("", 0, 0.0),
        )


def inputs_of(settings: Settings, service: Service, observation: Observation) -> Inputs:
    """What a decision on `observation` rests on now."""
    return Inputs(
        minutes=observation.minutes,
        gaps=observation.minute_gaps,
        thresholds=observation.thresholds,
        live=observation.live,
        knobs=service.knobs,
        platform=service.platform,
        movable=movable_knobs(settings, service),
        gap_percent=settings.tuning.scale_gap_percent,
    )


def inputs_in(snapshot: Snapshot) -> Inputs:
    """Read back what `Inputs.snapshot` gave."""
    from pydantic import TypeAdapter

    extra = snapshot.extra
    return Inputs(
        minutes={
            metric: Series(metric, snapshot.start, snapshot.step, values) for metric, values in snapshot.columns.items()
        },
        gaps=tuple(Gap(metric, reason) for metric, reason in extra["gaps"]),
        thresholds=TypeAdapter(Thresholds).validate_python(extra["thresholds"]),
        live=dict(extra["live"]),
        knobs=TypeAdapter(dict[str, Knob]).validate_python(extra["knobs"]),
        platform=Platform(**extra["platform"]),
        movable=frozenset(extra["movable"]),
        gap_percent=extra["gap_percent"],
    )


def _extra(inputs: Inputs, redact: Callable[[str], str]) -> dict[str, Any]:
    """All but the minutes, as JSON says it."""
    from pydantic import TypeAdapter

    thresholds = TypeAdapter(Thresholds).dump_python(inputs.thresholds, mode="json")
    return {
        "gaps": [[gap.metric, redact(gap.reason)] for gap in inputs.gaps],
        "thresholds": thresholds | {"ignored": sorted(inputs.thresholds.ignored)},
        "live": dict(inputs.live),
        "knobs": TypeAdapter(dict[str, Knob]).dump_python(dict(inputs.knobs), mode="json"),
        "platform": asdict(inputs.platform),
        "movable": sorted(inputs.movable),
        "gap_percent": inputs.gap_percent,
    }
