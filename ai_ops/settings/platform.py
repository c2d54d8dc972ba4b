"""How the platform scales: constants that no metric tells, for a policy that replays it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ai_ops.settings.fields import Section


class PlatformSettings(Section):
    """The scaling rule beside its thresholds; see `domain.platform.Platform`."""

    boot_minutes: Annotated[float, Field(ge=0, le=120)] = 3
    out_periods: Annotated[int, Field(ge=1, le=120)] = 3
    in_periods: Annotated[int, Field(ge=1, le=240)] = 10
    out_step_ratio: Annotated[float, Field(ge=0, le=10)] = 0.25
    in_step_ratio: Annotated[float, Field(ge=0, le=1)] = 0.1
    tolerance_ratio: Annotated[float, Field(ge=0, le=0.9)] = 0.1
    stabilization_minutes: Annotated[int, Field(ge=0, le=240)] = 5
