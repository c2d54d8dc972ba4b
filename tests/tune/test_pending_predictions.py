"""Which predictions wait for their time, and what becomes of those about changes that landed late, or never."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from examples import NOON
from predictions import a_prediction, an_outcome

from ai_ops.domain.prediction import Looked, Verdict
from ai_ops.simulator.profiles import WEB, platform
from ai_ops.tune.learning.hindsight import EARLY, outcomes
from ai_ops.tune.learning.learned import STALE, Learned, learned
from ai_ops.tune.learning.records import Record, records_of, state_of
from ai_ops.twin.telemetry import Telemetry

if TYPE_CHECKING:
    from ai_ops.tune.search.limits import Settings

TODAY: Settings = {"cpu_scale_out_percent": 80.0}
BETTER: Settings = {"cpu_scale_out_percent": 70.0}
DAY, PERIOD = timedelta(days=1), timedelta(hours=6)


def at(hours: float) -> datetime:
    """So long after the first look."""
    return NOON + timedelta(hours=hours)


def expected(hours: float) -> object:
    """A prediction made at that look."""
    return replace(a_prediction(), made_at=at(hours))


def asked(hours: float, proposed: Settings | None = BETTER) -> Record:
    """A look that proposed, and said what would be otherwise."""
    otherwise = None if proposed is None else expected(hours)
    return Record(at(hours), TODAY, proposed, False, expected(hours), (), Looked(0.3, 0.3), otherwise)  # noqa: FBT003


def seen(hours: float, settings: Settings, **changes: object) -> Record:
    """A run that saw which settings ran."""
    return replace(Record(at(hours), settings), **changes)


def pending(records: tuple[Record, ...], settings: Settings, hours: float) -> list[tuple[bool, datetime]]:
    """Of each prediction that waits, whether it is about a change of ours, and since when it is live."""
    return [(one.is_live_change, one.live_since) for one in learned(records, settings, at(hours)).pending]


def test_a_change_counts_from_when_it_was_seen_live():
    """And the daily predictions that follow it wait beside it, so that none hides another."""
    records = (asked(0), seen(12, BETTER), replace(asked(24, None), thresholds=BETTER))
    assert pending(records, BETTER, 36) == [(True, at(12)), (False, at(24))]


def test_a_proposal_that_nobody_takes_leaves_a_prediction_of_what_runs():
    """So a team that only watches sees every day whether the agent is right."""
    assert pending((asked(0),), TODAY, 24) == [(False, at(0))]


@pytest.mark.parametrize(("hours", "is_ours"), [(47, True), (48, False)])
def test_a_proposal_taken_too_late_is_no_longer_the_one_that_was_predicted(hours: float, is_ours: bool):  # noqa: FBT001
    """After two days it rests on old days."""
    assert timedelta(hours=48) == STALE
    assert pending((asked(0), seen(hours, BETTER)), BETTER, hours + 6) == ([(True, at(hours))] if is_ours else [])


def test_settings_that_went_and_came_back_are_not_what_was_predicted():
    """Somebody tried something in between."""
    assert pending((asked(0, None), seen(6, BETTER), seen(12, TODAY)), TODAY, 24) == []


def test_what_was_judged_waits_no_longer():
    """Neither the prediction of the change nor the other one of the same look."""
    judged = an_outcome(0, made_at=at(0))
    assert pending((asked(0), seen(12, BETTER, outcomes=(judged,))), BETTER, 36) == []


@pytest.mark.parametrize(("early", "count"), [(timedelta(0), 1), (EARLY, 1), (EARLY + timedelta(minutes=1), 0)])
def test_a_run_that_comes_a_little_early_judges(early: timedelta, count: int):
    """Cron is not in time, and the next run with minutes is a day away."""
    past = learned((asked(0, None),), TODAY, at(24) - early)
    now = at(24) - early
    minutes = round((now - at(-24)) / timedelta(minutes=1))
    flat = {"requests_per_second": 100.0, "slo_good_ratio": 1.0, "instances": 2.0, "cost_per_hour": 2.0}
    telemetry = Telemetry(at(-24).astimezone(UTC), {name: np.full(minutes, level) for name, level in flat.items()})
    judged = outcomes(past.pending, telemetry, platform(WEB), now)
    assert [one.verdict for one in judged] == [Verdict.HIT] * count


def test_an_incident_elsewhere_is_nobodys_miss():
    """Slow for an hour although the CPU was low: no setting changes that, so it says nothing about the settings."""
    minutes = 4 * 1440
    cpu = 30.0 + 20.0 * np.sin(np.arange(minutes) / 1440 * 2 * np.pi)
    latency, good = np.full(minutes, 120.0), np.full(minutes, 0.9999)
    latency[-600:-540], good[-600:-540] = 900.0, 0.9
    columns = {
        "cpu_percent": cpu,
        "latency_p95_ms": latency,
        "slo_good_ratio": good,
        "instances": np.full(minutes, 2.0),
    }
    columns |= {"requests_per_second": np.full(minutes, 100.0), "cost_per_hour": np.full(minutes, 2.0)}
    past = learned((asked(0, None),), TODAY, at(24))
    (outcome,) = outcomes(past.pending, Telemetry(at(-72).astimezone(UTC), columns), platform(WEB), at(24))
    assert outcome.burn == pytest.approx(0.2 + 0.1 / 5e-4 * 60 / 1440, rel=0.01)
    assert outcome.verdict is Verdict.NOT_JUDGEABLE
    assert "in deploys or incidents that no setting changes" in outcome.reason


def harmed(settings: Settings, *more: Record) -> Learned:
    """What is known once a change of ours has spent four budgets, with these settings running now."""
    harm = an_outcome(0, Verdict.MISS, made_at=at(0), is_live_change=True, burn=4.0, burn_high=0.6)
    return learned((asked(0), seen(12, BETTER), seen(36, BETTER, outcomes=(harm,)), *more), settings, at(42))


def test_harm_is_taken_back_as_long_as_it_runs():
    """Until something was proposed, or a person took it back."""
    assert harmed(BETTER).is_taking_back
    assert not harmed(TODAY, seen(40, TODAY)).is_taking_back
    assert not harmed(BETTER, replace(asked(40, TODAY), thresholds=BETTER)).is_taking_back


def test_margins_widen_until_a_week_after_the_first_replay():
    """Runs that could not look teach nothing."""
    assert learned((seen(0, TODAY), asked(200)), TODAY, at(201)).first_at == at(200)
    assert learned((seen(0, TODAY),), TODAY, at(201)).first_at is None


def test_the_state_keeps_what_would_be_otherwise():
    """It goes through JSON from call to call."""
    assert records_of(state_of((asked(0),))) == (asked(0),)
