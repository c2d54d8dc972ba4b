"""The model in use by a service that runs: it answers, and is exchanged without a request noticing (S004-01, S004-04).

Everything that an answer rests on is one object that never changes. To exchange the model is to let one name point to
another such object: who asks sees the old one or the new one, waits for nobody, and never gets a score of one and a
probability of the other.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import OpsError, StateError
from ai_ops.domain.model_version import MIN_AUC
from ai_ops.learn.status import InUse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ai_ops.domain.model_status import Signature
    from ai_ops.domain.self_test import Estimate

LOWEST_AUC, HIGHEST_AUC = 0.5, 1.0
"""Between a coin and never wrong: no other limit means anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Servable:
    """A version that can answer.

    Parameters
    ----------
    version, version_date
        Its name, and the newest data that it knows.
    n_train
        Rows that it was fitted on.
    signature
        What vouches for it.
    score
        Of a row of metrics by canonical name, in units of the model's threshold; NaN where nothing is known.
    probability
        Of an incident in the next window, by the score.
    """

    version: str
    version_date: datetime
    n_train: int
    signature: Signature
    score: Callable[[Mapping[str, float]], float]
    probability: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one version says of one row.

    Parameters
    ----------
    score
        Above 1 is abnormal; NaN where nothing is known.
    probability
        That an incident begins in the next window, 0 to 1.
    version
        Who says so.
    """

    score: float
    probability: float
    version: str


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A version was put to use.

    Parameters
    ----------
    version, previous
        Its name, and that of the one before; None where there was none.
    auc, min_auc
        What it is worth on rows that it has not seen, and what was asked.
    """

    version: str
    previous: str | None
    auc: Estimate
    min_auc: float

    def to_json(self) -> dict[str, Any]:
        """Give the body of the answer."""
        return {"ok": True, "version": self.version, "auc": self.auc.value, "min_auc": self.min_auc}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A version was measured to be worth too little; the one before still answers.

    Parameters
    ----------
    version
        Of the one that was rejected.
    auc
        What it is worth; None where nothing could be measured.
    min_auc
        What was asked, also of the lower bound.
    """

    version: str
    auc: Estimate | None
    min_auc: float

    @property
    def reason(self) -> str:
        """Say why in one sentence: the value alone may be above the limit."""
        if self.auc is None:
            return f"what {self.version} is worth could not be measured"
        return (
            f"the AUC of {self.version} is {self.auc.value:.3f} ({self.auc.low:.3f} to {self.auc.high:.3f}), and "
            f"{self.min_auc:g} is asked of its lower bound"
        )

    def to_json(self) -> dict[str, Any]:
        """Give the body of the answer, word for word (S004-03)."""
        value = self.auc.value if self.auc and math.isfinite(self.auc.value) else None
        return {
            "ok": False,
            "error": "Model AUC below threshold",
            "auc": value,
            "min_auc": self.min_auc,
            "rejected": True,
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Now:
    """All that is known at one moment; replaced as a whole."""

    model: Servable | None = None
    in_use: InUse | None = None
    since: datetime | None = None
    error: str = ""


class Serving:
    """Answers with the model in use, and exchanges it.

    Parameters
    ----------
    fetch
        Loads the version that the ledger names, as it was promoted; None where there is none.
    examine
        Measures a version on rows that it has not seen; None where that is impossible. What its card says of it is
        not asked: it may be old, and it was written by whoever wrote the model.
    now
        Gives the time, aware.
    stopwatch
        Gives seconds, of which only differences matter.
    """

    def __init__(
        self,
        fetch: Callable[[], Servable | None],
        examine: Callable[[Servable], Estimate | None],
        now: Callable[[], datetime],
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._fetch = fetch
        self._examine = examine
        self._clock = now
        self._stopwatch = stopwatch
        self._now = _Now()
        self._exchange = Lock()  # one exchange at a time; answers take no part in it

    def load(self) -> None:
        """Put the version that the ledger names to use, whatever it is worth by now: it was promoted.

        Raises
        ------
        OpsError
            When it cannot be loaded; what answered before still does, and `error` says why.
        """
        with self._exchange:
            model, seconds = self._fetched()
            if model is not None:
                self._put(model, self._measured(model), seconds)

    def reload(self, min_auc: float = MIN_AUC) -> Reloaded | Rejected:
        """Put the version that the ledger names to use when it is worth at least `min_auc`, by its lower bound.

        Raises
        ------
        OpsError
            When it cannot be loaded or examined; what answered before still does, and `error` says why.
        ValueError
            When `min_auc` lies outside of 0.5 to 1.
        """
        if not LOWEST_AUC <= min_auc <= HIGHEST_AUC:
            raise ValueError(f"min_auc must be {LOWEST_AUC:g} to {HIGHEST_AUC:g}, and is {min_auc}")
        with self._exchange:
            model, seconds = self._fetched()
            if model is None:
                raise self._failed(
                    StateError("no version was promoted yet; `neuropilot train --apply` trains the first")
                )
            auc = self._measured(model)
            if auc is None or not (auc.value >= min_auc and auc.low >= min_auc):  # NaN is not enough either
                self._note(model.version, auc)
                return Rejected(model.version, auc, min_auc)
            before = self._now.model
            self._put(model, auc, seconds)
            return Reloaded(model.version, before.version if before else None, auc, min_auc)

    def predict(self, row: Mapping[str, float]) -> Prediction | None:
        """Say what the model in use makes of `row`, metrics by canonical name; None without a model."""
        model = self._now.model  # read once: from here on no exchange matters
        if model is None:
            return None
        score = model.score(row)
        return Prediction(score, model.probability(score), model.version)

    @property
    def in_use(self) -> InUse | None:
        """What is known of the model in use, for `status_of`."""
        return self._now.in_use

    @property
    def error(self) -> str:
        """Why the newest version was not loaded; empty when it was."""
        return self._now.error

    @property
    def since(self) -> datetime | None:
        """When the model in use was put to use."""
        return self._now.since

    def _fetched(self) -> tuple[Servable | None, float]:
        """Load, and say how many seconds it took."""
        began = self._stopwatch()
        try:
            model = self._fetch()
        except OpsError as err:
            self._failed(err)
            raise
        return model, self._stopwatch() - began

    def _measured(self, model: Servable) -> Estimate | None:
        try:
            return self._examine(model)
        except OpsError as err:
            self._failed(err)
            raise

    def _failed(self, err: OpsError) -> OpsError:
        """Remember why, beside the model that still answers."""
        self._now = replace(self._now, error=str(err))
        return err

    def _note(self, version: str, auc: Estimate | None) -> None:
        """Remember what a rejected version is worth where it is the one that answers: the status says so."""
        known = self._now.in_use
        if known is not None and known.version == version:
            self._now = replace(self._now, in_use=replace(known, auc=auc.value if auc else None))

    def _put(self, model: Servable, auc: Estimate | None, seconds: float) -> None:
        known = InUse(
            model.version, model.version_date, auc.value if auc else None, model.n_train, seconds, model.signature
        )
        self._now = _Now(model, known, self._clock())
