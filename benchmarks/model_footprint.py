"""What a training takes of a machine's memory, and what a year of them leaves behind.

A training is `neuropilot train --apply` in a process of its own, in a team's repository, on the embedded simulated
service: two weeks of its ten metrics, of which a model takes eight, since two say what others say. The peer's process
fits scikit-learn's mixture on as many numbers, and keeps it. The history and the log of a year are written by the
product's own code: the history as a rolling window of two weeks that every night moves on by a day, the log from the
record of the real training, night after night and week after week.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.training_record import TrainingRecord

TRAINING_TARGET_MB, HISTORY_TARGET_MB = 512.0, 2.0
NIGHTS = 365
WEEK = 7
DAYS, DAY_ROWS, STEP = 14, 144, timedelta(minutes=10)
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
TRAIN = (str(Path(sys.executable).with_name("neuropilot")), "train", "--apply")
SETTINGS = "mode: observe\nmetrics: {source: simulated}\nstate: {store: folders}\n"

PEER = """
import io, joblib, numpy
from sklearn.mixture import GaussianMixture
values = numpy.random.default_rng(0).normal(size=(2016, 10)).cumsum(axis=0)
joblib.dump(GaussianMixture(3, random_state=0).fit((values - values.mean(0)) / values.std(0)), io.BytesIO())
"""


def footprint(folder: Path, nights: int = NIGHTS) -> dict[str, Any]:
    """Train once, and let a year pass."""
    from ai_ops.learn.card import read_card

    checkout = _checkout(folder)
    training, peer = peak_mb(TRAIN, checkout), peak_mb((sys.executable, "-c", PEER), checkout)
    kept = checkout / "ai_ops"
    (log,) = kept.rglob("training_log.json")
    (card,) = kept.rglob("model_card.json")
    learned = read_card(card.read_bytes()).training
    return {
        "metrics": len(learned.metrics),
        "rows": learned.rows,
        "training_peak_mb": training,
        "peer_peak_mb": peer,
        "version_bytes": sum(file.stat().st_size for file in card.parent.iterdir()),
        "nights": nights,
        "history_mb": history_mb(folder / "metrics_history.json", nights),
        "log_mb": log_mb(log, nights),
    }


def peak_mb(command: tuple[str, ...], folder: Path) -> float:
    """Megabytes that a command and all that it started took at most, one process at a time."""
    from cycle import WATCH

    watched = [sys.executable, "-I", "-S", "-c", WATCH, *command]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(watched, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)[:200]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return float(json.loads(done.stdout.splitlines()[-1])["peak_mb"])


def history_mb(path: Path, nights: int) -> float:
    """Megabytes of the metrics history at its largest, while so many nights go by."""
    from multivariate_series import REGIMES, make_rows

    from ai_ops.collect.history import MetricsHistory
    from ai_ops.domain.metrics import CANONICAL_METRICS, Series

    values = make_rows(REGIMES["daily season"], np.random.default_rng(1), DAYS + nights).values
    history, largest = MetricsHistory(path, sys.stderr.write), 0
    for night in range(nights):
        window = values[night * DAY_ROWS : (night + DAYS) * DAY_ROWS]
        start = BEGIN + timedelta(days=night)
        columns = zip(CANONICAL_METRICS, window.T, strict=True)
        history.save("web", {f"{name}@0123456789ab": Series(name, start, STEP, column) for name, column in columns})
        largest = max(largest, path.stat().st_size)
    return largest / 1e6


def log_mb(log: Path, nights: int) -> float:
    """Megabytes of the training log after so many nights like the one that it tells of."""
    from ai_ops.learn.training_log import TrainingLog, to_bytes

    (known, *_) = TrainingLog(log, warn=sys.stderr.write).read()
    return len(to_bytes(_repeated(known, nights))) / 1e6


def _repeated(known: TrainingRecord, nights: int) -> Iterator[TrainingRecord]:
    for night in range(nights):
        at = known.at + timedelta(days=night)
        yield replace(known, at=at, version=f"{at:%Y%m%dT%H%MZ}-{night:08x}")
        if night % WEEK == 0:
            yield replace(known, at=at, event="evaluation", kind=None, verdict=None, gates=())


def _checkout(folder: Path) -> Path:
    from agents import make_agent_site

    (folder / "site").mkdir()
    return make_agent_site(folder / "site", settings=SETTINGS).clone("checkout", "--depth=1")


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    nights = figures["nights"]
    yield (
        f"\na training on {figures['metrics']} metrics ({figures['rows']} rows count) takes "
        f"{figures['training_peak_mb']:.0f} MB at its peak (wanted below {TRAINING_TARGET_MB:g}), "
        f"scikit-learn's {figures['peer_peak_mb']:.0f} MB; what it keeps, {figures['version_bytes'] / 1000:.0f} kB"
    )
    yield (
        f"after {nights} nights: metrics_history.json {figures['history_mb']:.2f} MB at most (wanted below "
        f"{HISTORY_TARGET_MB:g}), training_log.json {figures['log_mb']:.2f} MB"
    )
