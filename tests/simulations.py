"""Made-up services that have lived for some days: the truth to hold a twin and its tuner against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from twins import MONDAY

from ai_ops.simulator.profiles import PROFILES, default_thresholds, platform
from ai_ops.simulator.service import SimulatedService
from ai_ops.simulator.traffic import SHAPES

if TYPE_CHECKING:
    import pandas as pd

    from ai_ops.domain.platform import Platform


@dataclass(frozen=True)
class Life:
    """Some whole days of a service, from Monday on.

    Parameters
    ----------
    profile, shape
        By name: what the service is like, and what its traffic is like.
    instances
        How many the busiest regular hour keeps at 60 %.
    days
        How long it lives.
    seed
        Chooses the traffic and all that befalls the service; settings that differ meet the same.
    """

    profile: str
    shape: str
    instances: float
    days: int
    seed: int = 3

    @property
    def platform(self) -> Platform:
        """What an operator would write down."""
        return platform(PROFILES[self.profile])

    def thresholds(self, **changes: Any) -> dict[str, Any]:
        """80/30 and all else that nobody has looked at yet, with these changes."""
        return default_thresholds(PROFILES[self.profile], max(4, round(4 * self.instances))) | changes

    def begun(self, **changes: Any) -> SimulatedService:
        """The service before its first minute."""
        profile = PROFILES[self.profile]
        peak = profile.peak_for(self.instances)
        demand = SHAPES[self.shape](peak, self.days, np.random.default_rng(self.seed))
        return SimulatedService(profile, demand, MONDAY, self.thresholds(**changes), self.seed)

    def lived(self, **changes: Any) -> SimulatedService:
        """The service after all its days under one set of thresholds."""
        service = self.begun(**changes)
        service.advance(self.days * 1440)
        return service

    def history(self, **changes: Any) -> pd.DataFrame:
        """What monitoring saw of it."""
        return self.lived(**changes).history(self.days)


def burn_of(service: SimulatedService, platform: Platform, since: int = 0) -> float:
    """Share of the error budget that was really spent from the minute `since` on."""
    good, total = service.good[since:].sum(), service.total[since:].sum()
    return float((1.0 - good / total) / platform.allowed_bad_ratio)
