"""What a report says of the next hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from demands import a_capacity
from examples import a_finding
from gathered import END, episode, gathered, span

from ai_ops.domain.judgement import Alarm
from ai_ops.domain.prediction import Interval
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.report.service.forecast import forecast_of
from ai_ops.twin.outlook.ahead import Ahead
from ai_ops.twin.outlook.demand import SLOT, Demand
from ai_ops.twin.outlook.outlook import Outlook

if TYPE_CHECKING:
    from ai_ops.report.service.said import Forecast

HOUR = timedelta(hours=1)


def an_outlook(peaks: dict[int, float], known_until_hours_ago: float = 0.0, **changes: Any) -> Outlook:
    """100 requests/s in each of the next 48 hours but for these; half as much is the least, twice the most."""
    expected = np.full(48, 100.0)
    expected[list(peaks)] = list(peaks.values())
    values = np.full(7 * 144, 100.0)
    start = END - known_until_hours_ago * HOUR - timedelta(days=7)
    outlook = Outlook(
        demand=Demand(start, SLOT, values),
        ready=Demand(start, SLOT, np.full(values.size, 3.0)),
        hours=Ahead(expected, expected / 2, expected * 2, 0.08, 0.12),
        weeks=WarmingUp(1, 3, "weeks"),
        capacity=a_capacity(per_instance=40.0, max_instances=12.0),
        advised=(),
        hindsight=None,
    )
    return replace(outlook, **changes)


def told(outlook: object, **changes: Any) -> Forecast:
    """On the morning of the report."""
    return forecast_of(gathered(outlook=outlook, **changes), span())


def test_the_busiest_of_the_next_hours_is_told_with_its_bounds():
    """300 requests/s at 40 an instance are 7.5, so 8; at the upper end 600 are 15, and there may be 12."""
    forecast = told(an_outlook({5: 300.0, 30: 900.0}))
    assert forecast.peak_requests_per_second == Interval(300.0, 150.0, 600.0)
    assert forecast.peak_at == END + 5 * HOUR
    assert (forecast.instances_needed, forecast.instances_now) == (8, 3.0)
    assert "Wed 18 Nov 17:00 UTC" in forecast.words
    assert "that takes 8 instances (15 at the upper end, 3 ready now)" in forecast.words
    assert "max_instances 12 is too few for its upper end" in forecast.words


def test_only_the_asked_hours_count():
    """What comes on the day after is another report's."""
    assert forecast_of(gathered(outlook=an_outlook({30: 900.0, 2: 200.0})), span(), 24).peak_at == END + 2 * HOUR
    assert forecast_of(gathered(outlook=an_outlook({30: 900.0, 2: 200.0})), span(), 36).peak_at == END + 30 * HOUR


def test_hours_that_are_over_are_no_forecast():
    """Demand is known until ten hours ago: its busiest hour has passed, and the one that runs has not."""
    forecast = told(an_outlook({3: 900.0, 14: 200.0}, known_until_hours_ago=10))
    assert forecast.peak_at == END + 4 * HOUR
    begun = told(an_outlook({9: 900.0}, known_until_hours_ago=9.5))
    assert begun.peak_at == END - 0.5 * HOUR


def test_the_clock_on_the_wall_is_the_teams():
    """17:00 UTC is 18:00 in Berlin in November."""
    forecast = forecast_of(gathered(outlook=an_outlook({5: 300.0})), span(zone="Europe/Berlin"))
    assert "Wed 18 Nov 18:00 CET" in forecast.words


def test_without_a_forecast_there_is_a_reason():
    """Too little history, or none, or an outlook in which no hour is known."""
    assert told(WarmingUp(60, 168, "hours")).words == "There is no forecast: it needs 168 hours and has 60."
    assert told("nothing was measured just now").words == "There is no forecast: nothing was measured just now."
    assert told("").words == "There is no forecast: no history."
    unknown = Ahead(np.full(48, np.nan), np.full(48, np.nan), np.full(48, np.nan), 0.1, 0.1)
    nothing = told(an_outlook({}, hours=unknown))
    assert (nothing.peak_requests_per_second, nothing.peak_at, nothing.instances_needed) == (None, None, None)
    assert nothing.words.startswith("There is no forecast: ")


def test_an_unknown_capacity_leaves_the_demand():
    """Nobody invents instances."""
    forecast = told(an_outlook({5: 300.0}, capacity="too little load was seen", ready=None))
    assert (forecast.instances_needed, forecast.instances_now) == (None, None)
    assert forecast.peak_requests_per_second is not None
    assert "how many instances that takes is not known: too little load was seen" in forecast.words


def test_limits_that_are_foreseen_are_told_with_it():
    """S001-134: the newest look counts, else the newest episode's."""
    foreseen = a_finding("cpu_percent", alarm=Alarm.FORECAST, reason="cpu_percent will pass 90 % at 17:00")
    newest = told(an_outlook({}), newest_findings=(foreseen,))
    assert newest.words.endswith("Foreseen: cpu_percent will pass 90 % at 17:00.")
    assert "Foreseen" in told(WarmingUp(1, 168, "hours"), episodes=(episode(findings=(foreseen,)),)).words
    assert "Foreseen" not in told(an_outlook({}), newest_findings=(a_finding(),)).words


def test_every_hour_is_in_the_evidence():
    """H45: 24 hours, the capacity of an instance, and how wrong such forecasts have been."""
    inputs = dict(told(an_outlook({5: 300.0})).evidence.inputs)
    assert inputs["2026-11-18 17:00 UTC"] == "300 (150 to 600) requests/s"
    assert inputs["what one instance carries"] == "40.00 requests/s"
    assert inputs["mean error of such forecasts lately"] == "8.0 % of the demand"
    assert len(inputs) == 26
