"""The model in use as a run asks it: loaded once, brought up to the window in small steps, never in the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.detect.learned.aligned_rows import aligned_rows
from ai_ops.detect.learned.learned_alarm import LearnedAlarm
from ai_ops.detect.learned.online import adapted
from ai_ops.detect.maintenance import without
from ai_ops.domain.errors import OpsError
from ai_ops.wiring.detection import planned_work
from ai_ops.wiring.models.champion import champion_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation
    from ai_ops.settings.model import Settings
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True)
class Learned:
    """Finds what does not fit together, by the model in use.

    Parameters
    ----------
    version
        The model in use.
    settings
        Say how fast it follows, and which work is planned.
    """

    version: Version
    settings: Settings

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find the most surprising moment of the window; nothing of planned work."""
        planned = planned_work(self.settings)
        series = {metric: without(one, planned) for metric, one in observation.series.items()}
        unplanned = replace(observation, series=series)
        found = LearnedAlarm(self.up_to(unplanned), self.version.metrics).find(unplanned)
        return tuple(replace(one, reason=f"{one.reason}, by the model {self.version.name}") for one in found)

    def up_to(self, observation: Observation) -> Mixture:
        """The model, after one small step for each six hours between its training and the window."""
        rows = aligned_rows(observation.series, self.version.metrics)
        if rows is None:
            return self.version.mixture
        known_until, start = self.version.card.training.end.timestamp(), observation.window.start.timestamp()
        between = (rows.times >= known_until) & (rows.times < start)
        return adapted(self.version.mixture, rows.values[between], rows.step, self.settings.learning_rate)


def learned_finder(session: Session, service: str) -> Callable[[Observation], tuple[Finding, ...]] | None:
    """What the model in use finds; None where there is no model, or none that may be believed.

    A model that is refused never stops a run: detection goes on without it, with a warning that says why.
    """
    try:
        version = champion_of(session, service)
    except OpsError as error:
        session.place.warn(f"the model of {service} is not used: {error}")
        return None
    return None if version is None else Learned(version, session.settings).find
