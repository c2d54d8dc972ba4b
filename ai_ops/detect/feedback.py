"""What people say of findings moves the threshold of that metric's alarm, within bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ai_ops.domain.label import Label

LEAST, MOST = 0.5, 2.0
"""However many labels there are: half the threshold at least, twice at most. Nobody can talk an alarm away."""

FRESH = timedelta(days=90)
"""So long a label counts in full; it is gone after twice the time. What was noise in spring may be news in autumn."""

TAIL_INDEX = 4.0
"""The rate of alarms falls like threshold ** -index where the tail is heavy, as that of operations metrics is
(`calibration` fits the same law). Indices of 2 to 4 are usual; the lightest of them makes the smallest step."""

Factors = dict[tuple[str, Alarm], float]
"""By metric and alarm, what its threshold is multiplied by."""


def threshold_factor(labels: Iterable[Label], now: datetime) -> float:
    """What the threshold of one alarm is multiplied by after what people said of its findings.

    The share of true alarms has a Beta(1, 1) prior, so that its posterior odds against are (false + 1) / (true + 1).
    As many false alarms as true ones leave the threshold where its budget has put it; to bring other odds back to
    even, the rate of false alarms has to change by just these odds, and the threshold by their `TAIL_INDEX`-th root.
    One false alarm makes 1.19, three 1.41, fifteen 2.

    Parameters
    ----------
    labels
        Of one metric and one alarm, each finding once.

    References
    ----------
    Gelman et al., Bayesian Data Analysis, section 2.4, for the posterior; Coles, An Introduction to Statistical
    Modeling of Extreme Values (2001), chapter 3, for the tail.
    """
    said = {True: 0.0, False: 0.0}
    for label in labels:
        said[label.is_true] += weight(label, now)
    odds = (said[False] + 1.0) / (said[True] + 1.0)
    return float(np.clip(odds ** (1.0 / TAIL_INDEX), LEAST, MOST))


def weight(label: Label, now: datetime) -> float:
    """How much a label still counts, 0 to 1, by the age of the finding: full for 90 days, nothing after 180."""
    return float(np.clip(2.0 - (now - label.since) / FRESH, 0.0, 1.0))


def threshold_factors(labels: Iterable[Label], now: datetime) -> Factors:
    """Factors of one service, where they are not 1."""
    by_alarm: dict[tuple[str, Alarm], list[Label]] = {}
    for label in labels:
        if label.alarm.has_learned_threshold:
            by_alarm.setdefault((label.metric, label.alarm), []).append(label)
    factors = {key: threshold_factor(group, now) for key, group in by_alarm.items()}
    return {key: factor for key, factor in factors.items() if factor != 1.0}
