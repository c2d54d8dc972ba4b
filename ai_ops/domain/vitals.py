"""How the agent itself is doing: what it tells of a service after an acting run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.domain.cycle import CycleResult, Episode


@dataclass(frozen=True, slots=True)
class Run:
    """An acting run that has come to its end.

    Parameters
    ----------
    seconds
        How long it took, all services together.
    results
        Of every service whose cycle came to an end.
    exit_codes
        By service, the exit code that its failure means; a service that went well is absent.
    """

    seconds: float
    results: tuple[CycleResult, ...] = ()
    exit_codes: Mapping[str, int] = field(default_factory=dict)

    @property
    def services(self) -> tuple[str, ...]:
        """Every service that it was about."""
        return tuple(dict.fromkeys((*(one.episode.service for one in self.results), *self.exit_codes)))

    def result_of(self, service: str) -> CycleResult | None:
        """What came of one service; None when its cycle failed."""
        return next((one for one in self.results if one.episode.service == service), None)


@dataclass(frozen=True, slots=True)
class Vitals:
    """All that is told of one service after a run.

    Parameters
    ----------
    service
        Its name.
    version, mode
        Of the agent, and what the team allows it.
    at, seconds, exit_code
        When the run ended, how long it took, and how it ended for this service: 0 is well.
    is_paused
        Whether somebody has paused the agent.
    state_bytes
        Size of what the agent remembers, all services together.
    slo_target_percent
        What the service promises.
    result
        What came of the cycle; None when it failed, or the ledger cannot be trusted.
    past
        The service's episodes, oldest first, with that of this run; none when the ledger cannot be trusted.
    autonomy
        By class of action, what the agent may do.
    live_changes
        Decisions whose commit stands on the branch that changes go to; None when nobody looked.
    """

    service: str
    version: str
    mode: str
    at: datetime
    seconds: float
    exit_code: int
    is_paused: bool
    state_bytes: int
    slo_target_percent: float
    result: CycleResult | None = None
    past: tuple[Episode, ...] = ()
    autonomy: Mapping[ActionClass, Mode] = field(default_factory=dict)
    live_changes: int | None = None

    @property
    def episode(self) -> Episode | None:
        """What this run decided, or found decided."""
        return self.result.episode if self.result else None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, so that figures of former runs are of no more use."""
        return self.exit_code == 0 and self.result is not None
