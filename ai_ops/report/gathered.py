"""What a report is made from: everything that is remembered or was just measured of one service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.autonomy import ActionClass, Mode
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.episode_judgement import EpisodeJudgement
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Gap, Series
    from ai_ops.domain.model_vitals import ModelVitals
    from ai_ops.domain.slo import Slo
    from ai_ops.domain.tuning import Knob, Thresholds
    from ai_ops.domain.warming_up import WarmingUp
    from ai_ops.twin.outlook.outlook import Outlook


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A pull request of the agent that waits for a person."""

    number: int
    url: str
    title: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """How often one channel took a message, and how often it did not.

    Parameters
    ----------
    channel
        Its name.
    sent, failed
        Messages since the beginning of the report's seven days.
    problem
        Why it did not take the newest one; "" where it did.
    replies, reactions
        What people did with the former report; None where the channel does not tell.
    """

    channel: str
    sent: int
    failed: int
    problem: str = ""
    replies: int | None = None
    reactions: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """What is known of one service.

    Parameters
    ----------
    service
        Its name.
    source
        Where its metrics come from, in words: "prometheus", "grafana", "simulated".
    is_simulated
        Whether the figures are those of the simulated service.
    slo
        What it promises.
    monthly_budget
        What it may cost in a month, in the currency of its cost source.
    knobs, thresholds
        What may be moved, and how it stands; None where the file could not be read.
    series
        By canonical metric, the history up to the end of the report; gaps are NaN.
    gaps, warnings
        Metrics that could not be had just now, with the reason, and what the source said beside its answers.
    episodes
        What was decided on metrics of this kind, oldest first: the whole ledger as it stands.
    delivered
        Episodes whose change stands on the branch, by id, with the time when it came there.
    newest_findings
        What detection finds behind the window of the newest episode, up to the end of the report.
    vitals
        Of its model.
    learning
        How training goes, in one sentence; "" without any training.
    outlook
        The demand of the next hours, or how much history is missing for it, or why there is none.
    autonomy
        By class of action, how far the agent may go.
    mode, policy
        What the team allows, and who decides.
    request
        The pull request that waits; None without one.
    judgements
        What people said of episodes, oldest first.
    pause
        Why, by whom and since when the agent is paused; None when it is not.
    doubt
        Why the ledger cannot be trusted; None when it can.
    silence
        Why nothing could be measured just now, so that `series` is what earlier runs have kept; "" where it could.
    rollout_advice
        What a careful team does now.
    """

    service: str
    source: str
    is_simulated: bool
    slo: Slo
    monthly_budget: float
    vitals: ModelVitals
    mode: str
    policy: str
    series: Mapping[str, Series] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    thresholds: Thresholds | None = None
    episodes: tuple[Episode, ...] = ()
    delivered: Mapping[str, datetime] = field(default_factory=dict)
    newest_findings: tuple[Finding, ...] = ()
    learning: str = ""
    outlook: Outlook | WarmingUp | str = ""
    autonomy: Mapping[ActionClass, Mode] = field(default_factory=dict)
    request: OpenRequest | None = None
    judgements: tuple[EpisodeJudgement, ...] = ()
    pause: str | None = None
    doubt: str | None = None
    silence: str = ""
    rollout_advice: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all services of a report share.

    Parameters
    ----------
    made_at
        When the report is made, aware UTC.
    currency
        Written behind amounts of money; "" where nobody said which.
    told
        How the channels did.
    incidents, runbooks
        One line each; empty without any.
    """

    made_at: datetime
    currency: str = ""
    told: tuple[Told, ...] = ()
    incidents: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
