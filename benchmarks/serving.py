"""How long an answer of the model takes while the model is exchanged: threads ask, versions come and go.

The versions are real: a mixture over nine metrics, written to the disk, signed, and for each exchange read, verified
and parsed again. Threads ask at the pace of a busy service first, then without a pause: they share one interpreter, so
what the second row shows is mostly their waiting for each other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from ai_ops.detect.learned.cold_fit import fit  # noqa: E402  # the package stands beside this folder
from ai_ops.detect.learned.mixture import Mixture  # noqa: E402
from ai_ops.domain.metrics import CANONICAL_METRICS  # noqa: E402
from ai_ops.domain.model_version import version_name  # noqa: E402
from ai_ops.domain.self_test import Estimate  # noqa: E402
from ai_ops.learn.incident_probability import IncidentProbability, learn_probability  # noqa: E402
from ai_ops.learn.registry import Registry  # noqa: E402
from ai_ops.learn.serving import Servable, Serving  # noqa: E402
from ai_ops.learn.signature import Signer, new_key_pair  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

METRICS = tuple(CANONICAL_METRICS)[:9]
STEP = timedelta(minutes=10)
UNTIL = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
TARGET_MS = 50.0
DAYS = 14


@dataclass(frozen=True, slots=True)
class Shelf:
    """Versions on the disk, taken in turn."""

    registry: Registry
    signer: Signer
    digests: Mapping[str, str]

    def versions(self) -> Iterator[Servable]:
        """Read, verify and parse one after the other, for ever."""
        while True:
            for name, digest in self.digests.items():
                yield self._read(name, digest)

    def _read(self, name: str, digest: str) -> Servable:
        stored = self.registry.read("web", name, digest, self.signer.verifier)
        forms = {file: json.loads(content) for file, content in stored.files.items()}
        mixture = Mixture.from_json(forms["anomaly_model.json"], forms["scaler.json"])
        risk = IncidentProbability.from_json(forms["statistics.json"])

        def score(row: Mapping[str, float]) -> float:
            return float(mixture.score(np.array([[row.get(metric, np.nan) for metric in METRICS]]))[0])

        return Servable(name, UNTIL, DAYS * 144, stored.signature, score, risk.probability)


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="accepted by every benchmark; this one makes its own data")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--exchanges", metavar="N", type=int, default=1000, help="(default 1000)")
    parser.add_argument("--threads", metavar="N", type=int, default=4, help="that ask (default 4)")
    parser.add_argument("--pause-ms", metavar="N", type=float, default=10.0, help="between two questions (default 10)")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shelf = shelf_in(Path(folder))
        rows = [measure(shelf, wish.exchanges, wish.threads, pause) for pause in (wish.pause_ms, 0.0)]
    figures = {"machine": {"python": sys.version.split()[0], "load": round(os.getloadavg()[0], 2)}, "rows": rows}
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=1))


def shelf_in(folder: Path) -> Shelf:
    """Two signed versions of a model, fitted on made-up metrics that follow one load."""
    signer, registry, digests = Signer(new_key_pair().private), Registry(folder), {}
    for night in range(2):
        name, files = _version(night)
        digests[name] = registry.write("web", name, files, signer)
    return Shelf(registry, signer, digests)


def measure(shelf: Shelf, exchanges: int, threads: int, pause_ms: float) -> dict[str, Any]:
    """Milliseconds of every answer, while so many exchanges happen."""
    versions = shelf.versions()
    serving = Serving(lambda: next(versions), lambda _: Estimate(0.9, 0.85, 0.95), now=lambda: datetime.now(UTC))
    serving.load()
    done, seconds = Event(), [[] for _ in range(threads)]
    askers = [Thread(target=_ask, args=(serving, done, mine, pause_ms / 1000.0)) for mine in seconds]
    for one in askers:
        one.start()
    began = time.perf_counter()
    for _ in range(exchanges):
        serving.reload()
    took = time.perf_counter() - began
    done.set()
    for one in askers:
        one.join()
    every = 1000.0 * np.concatenate(seconds)
    shares = {f"p{share:g}_ms": float(np.percentile(every, share)) for share in (50, 95, 99, 99.9)}
    return {
        "exchanges": exchanges,
        "threads": threads,
        "pause_ms": pause_ms,
        "answers": every.size,
        "exchange_ms": 1000.0 * took / exchanges,
        "max_ms": float(every.max()),
        **shares,
    }


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    rows, machine = figures["rows"], figures["machine"]
    yield (
        f"{rows[0]['exchanges']:,} exchanges while {rows[0]['threads']} threads ask; milliseconds an answer; "
        f"Python {machine['python']}, load {machine['load']}"
    )
    columns = ("p50_ms", "p95_ms", "p99_ms", "p99.9_ms", "max_ms", "exchange_ms")
    yield f"\n{'pause':<8}{'answers':>10}" + "".join(f"{name.removesuffix('_ms'):>10}" for name in columns)
    for row in rows:
        yield f"{row['pause_ms']:<8g}{row['answers']:>10,}" + "".join(f"{row[name]:>10.2f}" for name in columns)
    yield f"\np99 {rows[0]['p99_ms']:.2f} ms, wanted below {TARGET_MS:g} ms (S004-30)"


def _version(night: int) -> tuple[str, dict[str, bytes]]:
    rng = np.random.default_rng(night)
    load = rng.normal(size=(DAYS * 144, 1))
    values = 50.0 + 5.0 * load + rng.normal(size=(load.size, len(METRICS)))
    mixture = fit(values, STEP, at=UNTIL.isoformat())
    levels = mixture.score(values).reshape(-1, 6).max(axis=1)
    risk = learn_probability(levels, rng.random(levels.size) < 0.01 * levels)
    forms = {
        "anomaly_model.json": mixture.to_json(),
        "scaler.json": mixture.scaling.to_json(),
        "statistics.json": risk.to_json(),
    }
    files = {name: json.dumps(form, sort_keys=True, indent=1).encode() + b"\n" for name, form in forms.items()}
    return version_name(UNTIL + timedelta(days=night), f"{night:064x}"), files


def _ask(serving: Serving, done: Event, seconds: list[float], pause_seconds: float) -> None:
    rows = np.random.default_rng(0).normal(50.0, 5.0, (100, len(METRICS)))
    asked = cycle(dict(zip(METRICS, row.tolist(), strict=True)) for row in rows)
    while not done.wait(pause_seconds):
        row = next(asked)
        began = time.perf_counter()
        serving.predict(row)
        seconds.append(time.perf_counter() - began)


if __name__ == "__main__":
    main()
