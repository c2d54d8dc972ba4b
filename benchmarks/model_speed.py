"""How long it takes to fit, to score, to keep and to load a model of ten metrics, ours and scikit-learn's.

The peer is what most would write: `GaussianMixture` with as many Gaussians as ours has, kept with joblib. Reading a
joblib file runs what stands in it; ours is compared with the SHA-256 in a manifest and with a signature, and parsed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sklearn.mixture import GaussianMixture

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.learn.serving import Servable

STEP = timedelta(minutes=10)
UNTIL = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
BATCH_SECONDS = 0.02
"""What takes less is done several times at once, since a clock is not that exact."""

MODEL, SCALER = "anomaly_model.json", "scaler.json"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, our way and the peer's."""

    name: str
    ours: Callable[[], object]
    peer: Callable[[], object]


@dataclass(frozen=True, slots=True)
class JoblibShelf:
    """Two versions of the peer, loaded in turn as `serving.Shelf` does it with ours.

    Parameters
    ----------
    written
        As joblib wrote them.
    """

    written: tuple[bytes, bytes]

    def versions(self) -> Iterator[Servable]:
        """Load one after the other, for ever."""
        from serving import METRICS

        from ai_ops.domain.model_status import Signature
        from ai_ops.learn.serving import Servable

        for place in count():
            model = joblib_read(self.written[place % 2])

            def score(row: Mapping[str, float], model: GaussianMixture = model) -> float:
                return -float(model.score_samples(np.array([[row[metric] for metric in METRICS]]))[0])

            yield Servable(f"{place % 2}", UNTIL, 0, Signature.UNSIGNED, score, lambda _level: 0.0)


def joblib_shelf(values: np.ndarray) -> JoblibShelf:
    """Fit and write two versions, one on each half of the rows."""
    first, second = (joblib_bytes(peer_fitted(half, 1)) for half in np.array_split(values, 2))
    return JoblibShelf((first, second))


def speeds(values: np.ndarray, folder: Path, repeats: int) -> dict[str, Any]:
    """Seconds of each task, ours and the peer's, in turns; and how many bytes each keeps."""
    model, peer = fitted(values), peer_fitted(values, 1)
    read, sizes = _kept(model, folder)
    written = joblib_bytes(peer)
    rows = values[-5:]
    tasks = (
        Task("fit", lambda: fitted(values), lambda: peer_fitted(values, 1)),
        Task("fit, three Gaussians tried", lambda: fitted(values, 3), lambda: peer_fitted(values, 3)),
        Task("score all rows", lambda: model.score(values), lambda: peer.score_samples(values)),
        Task("score one row", lambda: model.score(rows), lambda: peer.score_samples(rows[-1:])),
        Task("load", read, lambda: joblib_read(written)),
    )
    return {"seconds": _timed(tasks, repeats), "bytes": {**sizes, "joblib": len(written)}}


def fitted(values: np.ndarray, most_components: int = 1) -> Mixture:
    """Fit ours as a training does."""
    from ai_ops.detect.learned.cold_fit import fit
    from ai_ops.domain.warming_up import WarmingUp

    model = fit(values, STEP, most_components=most_components, at=UNTIL.isoformat())
    if isinstance(model, WarmingUp):
        raise ValueError(f"{model.have} rows are too few for a model")  # noqa: TRY004  # of the number, not of a type
    return model


def peer_fitted(values: np.ndarray, components: int) -> GaussianMixture:
    """Fit the peer on standardised rows, as it needs them."""
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(components, random_state=0).fit((values - values.mean(axis=0)) / values.std(axis=0))


def joblib_bytes(model: GaussianMixture) -> bytes:
    """Give the file that joblib would write."""
    import joblib

    file = BytesIO()
    joblib.dump(model, file)
    return file.getvalue()


def joblib_read(written: bytes) -> GaussianMixture:
    """Load it again, unverified as it comes."""
    import joblib

    return joblib.load(BytesIO(written))


def _kept(model: Mixture, folder: Path) -> tuple[Callable[[], Mixture], dict[str, int]]:
    """Write a signed version; how it is read, verified and parsed, and how many bytes it takes."""
    import json

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.domain.model_version import version_name
    from ai_ops.learn.plain_json import on_many_lines
    from ai_ops.learn.registry import Registry
    from ai_ops.learn.signature import Signer, new_key_pair

    signer, registry, name = Signer(new_key_pair().private), Registry(folder), version_name(UNTIL, "0" * 64)
    forms = {MODEL: model.to_json(), SCALER: model.scaling.to_json()}
    digest = registry.write("web", name, {file: on_many_lines(form) for file, form in forms.items()}, signer)

    def read() -> Mixture:
        files = registry.read("web", name, digest, signer.verifier).files
        return Mixture.from_json(json.loads(files[MODEL]), json.loads(files[SCALER]))

    written = {path.name: path.stat().st_size for path in (folder / "web" / name).iterdir()}
    return read, {"model and scaler": written[MODEL] + written[SCALER], "version": sum(written.values())}


def _timed(tasks: tuple[Task, ...], repeats: int) -> dict[str, dict[str, float]]:
    """Medians of so many rounds; the load of the machine is the same for both sides of each."""
    seconds: dict[str, dict[str, float]] = {}
    for task in tasks:
        took = [(_seconds(task.ours), _seconds(task.peer)) for _ in range(repeats + 1)][1:]  # the first one imports
        ours, peer = (median(side) for side in zip(*took, strict=True))
        seconds[task.name] = {"ours": ours, "peer": peer, "ratio": ours / peer}
    return seconds


def _seconds(action: Callable[[], object]) -> float:
    """Of doing it once, measured over as many times as the clock needs."""
    times, spent = 0, 0.0
    began = time.perf_counter()
    while spent < BATCH_SECONDS:
        action()
        times, spent = times + 1, time.perf_counter() - began
    return spent / times


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    yield f"\n{'milliseconds':<30}{'ours':>10}{'sklearn':>10}{'ratio':>8}"
    for name, one in figures["seconds"].items():
        yield f"{name:<30}{1000 * one['ours']:>10.3f}{1000 * one['peer']:>10.3f}{one['ratio']:>8.2f}"
    sizes = figures["bytes"]
    yield "\nkept: " + ", ".join(f"{name} {size / 1000:.1f} kB" for name, size in sizes.items())
