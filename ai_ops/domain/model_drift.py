"""Whether recent metrics still look like those that a model was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """How one feature of the recent rows differs from what the model was trained on.

    Parameters
    ----------
    feature
        A metric's name, "score", "known_columns" or "hour_of_day".
    rows, effective_rows
        Recent rows that were known, and how many independent ones they are worth: neighbours resemble each other.
    shift_sigmas
        Difference of the means in standard deviations of the training (S004-14).
    psi
        Population stability index over ten bins of the training.
    ks, ks_p
        Kolmogorov-Smirnov distance, and its p-value for the effective rows; 1 where the training was too short to know
        what a row is worth.
    wasserstein
        First Wasserstein distance, in standard deviations of the training.
    has_drifted
        Whether it is significant among all features, with false-discovery control.
    since
        When it began, as far as the recent rows show; None where it has not drifted.
    """

    feature: str
    rows: int
    effective_rows: float
    shift_sigmas: float
    psi: float
    ks: float
    ks_p: float
    wasserstein: float
    has_drifted: bool
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Whether recent rows still look like those of the training.

    Parameters
    ----------
    at
        Time of the newest row.
    rows
        Rows in the window, at most 1,000.
    drift_score
        Largest `shift_sigmas` over the features, as a distance (S004-14).
    features
        Every feature that could be judged.
    reason
        Why nothing was judged, such as too few rows; empty otherwise.
    alarm_share, expected_alarm_share
        Share of the recent rows above the model's threshold, and of the training's: what the drift does to detection.
    """

    at: datetime
    rows: int
    drift_score: float
    features: tuple[FeatureDrift, ...]
    reason: str = ""
    alarm_share: float = 0.0
    expected_alarm_share: float = 0.0

    @property
    def drifted(self) -> tuple[FeatureDrift, ...]:
        """The features that have drifted, farthest first."""
        return tuple(sorted((one for one in self.features if one.has_drifted), key=lambda one: -one.wasserstein))
