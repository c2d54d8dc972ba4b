"""What a policy that models the service expects, and what became of what it expected before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ai_ops.domain.prediction import Looked, Outcome, Prediction
from ai_ops.domain.rationale import Rationale


@dataclass(frozen=True, slots=True)
class Foresight:
    """One look at the service, beside what it made the policy want.

    Parameters
    ----------
    at
        When it was taken, aware UTC; the moment of the decision.
    prediction
        What is expected of the settings that will run; None where nothing can be said.
    if_unchanged
        What is expected of today's settings, in case the change is not made; None where nothing shall change.
    outcomes
        Earlier predictions whose time was over, held against what was measured since.
    looked
        How the model of the service did on the last day; None when it was not replayed.
    rationale
        What the decision rested on, for people; None where nothing was replayed.
    """

    at: datetime
    prediction: Prediction | None = None
    if_unchanged: Prediction | None = None
    outcomes: tuple[Outcome, ...] = ()
    looked: Looked | None = None
    rationale: Rationale | None = None

    def held(self) -> Foresight:
        """The same look when nothing moves after all: what is expected is what today's settings do."""
        return self if self.if_unchanged is None else replace(self, prediction=self.if_unchanged, if_unchanged=None)
