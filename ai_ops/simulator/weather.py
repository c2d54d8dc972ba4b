"""All that happens to a made-up service whatever its settings are, drawn before the first minute.

Because nothing here depends on the settings, two settings with the same seed meet the same bursts, deploys,
incidents and lost scrapes: their difference is their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.simulator.profiles import ServiceProfile

SLOTS = 6
"""A minute is six slots of ten seconds, each with a rate of its own."""
SLOT_SECONDS = 10.0
MINUTES_PER_DAY, MINUTES_PER_WEEK = 1440, 10_080
FIRST_DEPLOY_HOUR, LAST_DEPLOY_HOUR, WORKING_DAYS = 8, 17, 5


@dataclass(frozen=True, slots=True)
class Weather:
    """Everything by minute: shape (minutes,) unless told otherwise.

    Parameters
    ----------
    rates
        Requests per second in each slot, shape (minutes, SLOTS).
    arriving, highest
        Mean and maximum of a minute's slots.
    is_deploy
        A rolling restart begins.
    slow_share, slow_factor
        Share of requests that a slow dependency holds up, and how many times longer they take.
    is_lost
        Monitoring missed this minute.
    boot_delay
        Minutes that instances ordered in this minute need on top of the nominal boot.
    noise
        Unit normal noise of monitoring: CPU, memory, latency, requests; shape (minutes, 4).
    luck
        Uniform draws for the counts of slow and of failed requests, shape (minutes, 2).
    """

    rates: np.ndarray
    arriving: np.ndarray
    highest: np.ndarray
    is_deploy: np.ndarray
    slow_share: np.ndarray
    slow_factor: np.ndarray
    is_lost: np.ndarray
    boot_delay: np.ndarray
    noise: np.ndarray
    luck: np.ndarray

    def __deepcopy__(self, _memo: dict[int, object]) -> Weather:
        """Copies of a service share their weather, which nobody changes."""
        return self


def draw_weather(profile: ServiceProfile, demand: np.ndarray, start: datetime, seed: int) -> Weather:
    """Draw the weather for `demand` (requests per second, shape (minutes,)) from `start` on."""
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(7)]
    minutes = demand.size
    rates = _rates(profile, demand, streams[0])
    slow_share, slow_factor = _incidents(profile, minutes, streams[2])
    return Weather(
        rates=rates,
        arriving=rates.mean(axis=1),
        highest=rates.max(axis=1),
        is_deploy=_deploys(profile, minutes, start, streams[1]),
        slow_share=slow_share,
        slow_factor=slow_factor,
        is_lost=_lost(profile, minutes, streams[3]),
        boot_delay=np.rint(streams[4].exponential(profile.boot_jitter_minutes, minutes)).astype(np.int64),
        noise=streams[5].normal(size=(minutes, 4)),
        luck=streams[6].uniform(size=(minutes, 2)),
    )


def _rates(profile: ServiceProfile, demand: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bursts with a memory of about half a minute, and the chance of single arrivals."""
    keep = 0.7
    shocks = rng.normal(size=demand.size * SLOTS) * np.sqrt(1.0 - keep**2)
    sigma = np.sqrt(np.log1p(profile.burst_ratio**2))
    bursts = np.exp(sigma * _remembering(shocks, keep) - sigma**2 / 2).reshape(-1, SLOTS)
    smooth = demand[:, None] * bursts
    chance = rng.normal(size=bursts.shape) * np.sqrt(np.maximum(smooth, 0.0) / SLOT_SECONDS)
    return np.asarray(np.maximum(smooth + chance, 0.0))


def _remembering(shocks: np.ndarray, keep: float) -> np.ndarray:
    """First-order autoregression over `shocks`."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0], [1.0, -keep], shocks))


def _deploys(profile: ServiceProfile, minutes: int, start: datetime, rng: np.random.Generator) -> np.ndarray:
    """Deploys happen in working hours."""
    first = (start.weekday() * 24 + start.hour) * 60 + start.minute
    minute_of_week = (first + np.arange(minutes)) % MINUTES_PER_WEEK
    hour = minute_of_week % MINUTES_PER_DAY // 60
    is_working = (minute_of_week < WORKING_DAYS * MINUTES_PER_DAY) & (hour >= FIRST_DEPLOY_HOUR)
    is_working &= hour < LAST_DEPLOY_HOUR
    working_minutes = WORKING_DAYS * (LAST_DEPLOY_HOUR - FIRST_DEPLOY_HOUR) * 60
    return np.asarray(is_working & (rng.uniform(size=minutes) < profile.deploys_per_week / working_minutes))


def _incidents(profile: ServiceProfile, minutes: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Dependencies that become slow for five to forty minutes and hold up a few percent of the requests."""
    share, factor = np.zeros(minutes), np.ones(minutes)
    count = rng.poisson(profile.incidents_per_week * minutes / MINUTES_PER_WEEK)
    for begin in rng.integers(0, minutes, count):
        lasts = int(rng.integers(5, 41))
        share[begin : begin + lasts] = rng.uniform(0.01, 0.05)
        factor[begin : begin + lasts] = rng.uniform(3.0, 8.0)
    return share, factor


def _lost(profile: ServiceProfile, minutes: int, rng: np.random.Generator) -> np.ndarray:
    """Scrapes are lost one by one and, as often, a few minutes at a time."""
    lost = rng.uniform(size=minutes) < profile.lost_scrapes_ratio / 2
    for begin in np.flatnonzero(rng.uniform(size=minutes) < profile.lost_scrapes_ratio / 2 / 5):
        lost[begin : begin + 5] = True
    return np.asarray(lost)
