"""A `promtool test rules` file for the rules of one service: what has to be silent, and what has to fire.

promtool's clock starts at 1970-01-01 00:00 UTC, a Thursday: hour h of the test is hour h of a workday, and two days
later it is the weekend. The series that the recording rules would make are given; the expressions behind them are not
looked at, for nobody can make up what an exporter says.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.detect.rules_export.band_rules import ABOVE, MISSING, sides
from ai_ops.detect.rules_export.hourly_band import HOURS
from ai_ops.detect.rules_export.promql import duration, selector
from ai_ops.detect.rules_export.slo_rules import (
    BAD,
    BURN,
    REQUESTS,
    SPANS,
    budget_ratio,
    possible_alerts,
)
from ai_ops.detect.rules_export.subject import VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.detect.burn_rate import BurnWindow
    from ai_ops.detect.rules_export.hourly_band import HourlyBand
    from ai_ops.detect.rules_export.subject import Subject

Test = dict[str, Any]
"""One test as promtool reads it."""

Check = tuple[str, timedelta, bool]
"""What is counted, when, and whether there has to be one."""

SATURDAY = 2
"""Days after a Thursday."""

FINEST = timedelta(minutes=5)
"""Finer steps would make the tests of three days slow."""


def test_document(subject: Subject, rule_file: str) -> dict[str, Any]:
    """Everything `promtool test rules` needs to know, `rule_file` being relative to it."""
    # A step that divides the hour as well as the hold, so that neither is rounded where that can be helped.
    step = max(FINEST, timedelta(minutes=gcd(60, round(subject.hold / timedelta(minutes=1)))))
    tests: list[Test] = []
    if subject.bands:
        tests += [_usual_days(subject, step), *_outside(subject, step), _missing(subject, step)]
    if subject.promise.good_ratio:
        tests += [test for window in possible_alerts(subject.promise) for test in _burn(subject, window, step)]
    return {"rule_files": [rule_file], "evaluation_interval": duration(step), "tests": tests}


test_document.__test__ = False  # type: ignore[attr-defined]  # pytest takes the name for a test


def _usual_days(subject: Subject, step: timedelta) -> Test:
    days = SATURDAY + 1 if any(band.expected.shape[0] > 1 for band in subject.bands) else 1
    series = {subject.series(band.metric, VALUE): _usual(band, days, step) for band in subject.bands}
    end = days * timedelta(days=1) - step
    checks = [(_fired(subject, band.metric, end), end, False) for band in subject.bands]
    return _test("every hour as expected: silent", step, series, checks)


def _outside(subject: Subject, step: timedelta) -> Iterator[Test]:
    hold = -(-subject.hold // step)
    for above in (True, False):
        series, checks = {}, []
        for band in subject.bands:
            begin = _hour_with_room(band, above=above) * (timedelta(hours=1) // step)
            usual = _usual(band, 2, step)[: begin + hold + 1]
            beyond = 1.5 * _reach(band, above=above) * (1 if above else -1)
            values = np.maximum(band.expected + beyond, 0.0)
            changed = _by_step(values, 2, step)[begin : begin + hold + 1]
            series[subject.series(band.metric, VALUE)] = [*usual[:begin], *changed]
            alarms = any((alert == ABOVE) == above for alert, *_ in sides(band))
            firing = _firing(subject, band.metric)
            checks += [(firing, (begin + hold - 1) * step, False), (firing, (begin + hold) * step, alarms)]
        name = f"{'above' if above else 'below'} the band for {duration(subject.hold)}: fires where that is harm"
        yield _test(name, step, series, checks)


def _missing(subject: Subject, step: timedelta) -> Test:
    patience = -(-subject.missing_after // step)
    checks = []
    for band in subject.bands:
        firing = _firing(subject, band.metric, MISSING)
        checks += [(firing, (patience - 1) * step, False), (firing, patience * step, True)]
    return _test(f"missing for {duration(subject.missing_after)}: fires", step, {}, checks)


def _burn(subject: Subject, alert: BurnWindow, step: timedelta) -> Iterator[Test]:
    limit = alert.factor * budget_ratio(subject.promise)
    burning, still = min(1.0, limit * 1.05), limit * 0.95
    seen, after = duration(alert.long), subject.promise.minimum_requests / alert.long.total_seconds()
    cases = [
        (f"burning {alert.factor:g} times too fast over {seen} fires", burning, burning, 2.0 * after, True),
        (f"less than {alert.factor:g} times over {seen} is silent", still, still, 2.0 * after, False),
        (f"what is over ends the alarm of {seen}", burning, 0.0, 2.0 * after, False),
    ]
    if subject.promise.requests_per_second:
        cases.append((f"too few requests over {seen} are silent", burning, burning, 0.5 * after, False))
    for name, long, short, requests, fires in cases:
        shares = dict.fromkeys(SPANS, 0.0) | {seen: long, duration(alert.short): short}
        series = {subject.series(BAD, f"rate{span}"): [share] * 3 for span, share in shares.items()}
        series[subject.series(REQUESTS, f"rate{seen}")] = [requests] * 3
        firing = f'count(ALERTS{{alertname="{BURN}", alertstate="firing", window="{seen}"}})'
        yield _test(f"error budget: {name}", step, series, [(firing, 2 * step, fires)])


def _usual(band: HourlyBand, days: int, step: timedelta) -> list[float]:
    return _by_step(band.expected, days, step)


def _by_step(table: np.ndarray, days: int, step: timedelta) -> list[float]:
    """Values of a table at every step from a Thursday on."""
    hours = np.broadcast_to(table, (table.shape[0], HOURS))
    rows = [hours[-1 if day >= SATURDAY else 0] for day in range(days)]
    return [float(value) for value in np.repeat(np.concatenate(rows), timedelta(hours=1) // step)]


def _hour_with_room(band: HourlyBand, *, above: bool) -> int:
    """First hour of a workday in which a value can lie outside; 0 where that side is no alarm."""
    if above or not np.isfinite(band.lower).all():
        return 0
    return int(np.argmax(band.lower[0] > 0))


def _reach(band: HourlyBand, *, above: bool) -> np.ndarray:
    """Distance from what is expected to a bound; the other bound's where this side has none."""
    upward, downward = band.upper - band.expected, band.expected - band.lower
    first, second = (upward, downward) if above else (downward, upward)
    return np.asarray(first if np.isfinite(first).all() else second)


def _firing(subject: Subject, metric: str, alert: str | None = None) -> str:
    """Count the alarms of `metric` that fire."""
    return f"count({_alarms(subject, metric, alert)})"


def _fired(subject: Subject, metric: str, span: timedelta) -> str:
    """Count the alarms of `metric` that fired at any time of a span."""
    return f"count(last_over_time({_alarms(subject, metric)}[{duration(span)}]))"


def _alarms(subject: Subject, metric: str, alert: str | None = None) -> str:
    labels = {"alertstate": "firing", **subject.labels(metric)} | ({"alertname": alert} if alert else {})
    return selector("ALERTS", **labels)


def _test(name: str, step: timedelta, series: dict[str, list[float]], checks: list[Check]) -> Test:
    return {
        "name": name,
        "interval": duration(step),
        "input_series": [{"series": one, "values": _notation(values)} for one, values in series.items()],
        "promql_expr_test": [
            {
                "expr": expression,
                "eval_time": duration(moment) if moment else "0s",
                "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
            }
            for expression, moment, fires in checks
        ],
    }


def _notation(values: list[float]) -> str:
    """Values as promtool writes them: `3+0x5` is 3 and five more of it."""
    runs = [(text, sum(1 for _ in same)) for text, same in groupby(f"{value:.6g}" for value in values)]
    return " ".join(f"{text}+0x{times - 1}" if times > 1 else text for text, times in runs)
