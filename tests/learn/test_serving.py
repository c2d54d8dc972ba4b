"""The model of a running service: exchanged under load without a wrong answer, and only for one that is good enough."""

from __future__ import annotations

import json
import math
import sys
import time
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.errors import ModelRefused, StateError, TooFewSamples
from ai_ops.domain.model_status import Health, Signature
from ai_ops.domain.self_test import Estimate
from ai_ops.learn.serving import Prediction, Rejected, Reloaded, Servable, Serving
from ai_ops.learn.status import status_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.errors import OpsError

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GOOD = Estimate(0.87, 0.81, 0.92)
ROW = {"cpu_percent": 50.0}


def model(number: int) -> Servable:
    """A model all of whose answers bear its number."""

    def score(row: Mapping[str, float]) -> float:
        time.sleep(0)  # between score and probability is where a careless exchange would strike
        return row["cpu_percent"] * number

    def probability(level: float) -> float:
        return 1.0 / (1.0 + level + number)

    return Servable(f"v{number}", NOW - timedelta(hours=9), 1498, Signature.SIGNED, score, probability)


def answer(number: int) -> Prediction:
    """What that model says of `ROW`, worked out apart from it."""
    return Prediction(50.0 * number, 1.0 / (1.0 + 51.0 * number), f"v{number}")


class Shelf:
    """Where versions come from: what is set is given, or raised."""

    def __init__(self, standing: Servable | OpsError | None, auc: Estimate | OpsError | None = GOOD) -> None:
        self.standing = standing
        self.auc = auc
        self.seconds = 0.0

    def fetch(self) -> Servable | None:
        """Give the version that stands there; it takes a quarter of a second."""
        self.seconds += 0.25
        if isinstance(self.standing, Exception):
            raise self.standing
        return self.standing

    def examine(self, _: Servable) -> Estimate | None:
        """Say what it is worth."""
        if isinstance(self.auc, Exception):
            raise self.auc
        return self.auc

    def serving(self) -> Serving:
        """A service that takes its models from here, without one as yet."""
        return Serving(self.fetch, self.examine, now=lambda: NOW, stopwatch=lambda: self.seconds)


def test_before_anything_was_loaded_there_is_no_answer() -> None:
    """None, rather than a number that nobody stands for."""
    serving = Shelf(model(1)).serving()
    assert serving.predict(ROW) is None
    assert status_of(serving.in_use, NOW).health is Health.NO_MODEL


def test_what_was_loaded_answers() -> None:
    """Score, probability, and who says so; and what the status is made from (R34, S004-05)."""
    serving = Shelf(model(1)).serving()
    serving.load()
    assert serving.predict(ROW) == answer(1)
    assert serving.in_use is not None
    assert (serving.in_use.version, serving.in_use.auc, serving.in_use.load_time) == ("v1", 0.87, 0.25)
    assert serving.since == NOW
    assert status_of(serving.in_use, NOW, error=serving.error).health is Health.OK


def test_a_good_version_takes_over() -> None:
    """Measured anew, and put to use (S004-01)."""
    shelf = Shelf(model(1))
    serving = shelf.serving()
    serving.load()
    shelf.standing = model(2)
    assert serving.reload() == Reloaded("v2", "v1", GOOD, 0.65)
    assert serving.predict(ROW) == answer(2)


def test_a_rejection_has_the_promised_body() -> None:
    """Word for word (S004-03)."""
    shelf = Shelf(model(1), Estimate(0.58, 0.51, 0.64))
    body = shelf.serving().reload().to_json()
    assert json.loads(json.dumps(body)) == {
        "ok": False,
        "error": "Model AUC below threshold",
        "auc": 0.58,
        "min_auc": 0.65,
        "rejected": True,
    }


def test_what_is_rejected_changes_nothing() -> None:
    """The old one answers on, and is no worse for it."""
    shelf = Shelf(model(1))
    serving = shelf.serving()
    serving.load()
    shelf.standing, shelf.auc = model(2), Estimate(0.6, 0.5, 0.7)
    before = serving.in_use
    assert isinstance(serving.reload(), Rejected)
    assert serving.predict(ROW) == answer(1)
    assert serving.in_use == before
    assert serving.error == ""


def test_the_model_in_use_is_worth_what_was_measured_last() -> None:
    """Asked to load the same version again, it turns out to have aged: it stays, and the status says so (S004-07)."""
    shelf = Shelf(model(1))
    serving = shelf.serving()
    serving.load()
    shelf.auc = Estimate(0.6, 0.5, 0.7)
    assert isinstance(serving.reload(), Rejected)
    assert serving.predict(ROW) == answer(1)
    assert status_of(serving.in_use, NOW).health is Health.WARNING_LOW_AUC


@given(st.floats(0.5, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_both_the_value_and_its_lower_bound_must_reach_the_limit(min_auc: float, value: float, low: float) -> None:
    """A wide interval is no proof (R20); the limit can be asked for with each request (S004-02)."""
    shelf = Shelf(model(1), Estimate(value, low, max(value, 0.99)))
    serving = shelf.serving()
    outcome = serving.reload(min_auc)
    assert isinstance(outcome, Reloaded) is (value >= min_auc and low >= min_auc)
    assert (serving.predict(ROW) == answer(1)) is isinstance(outcome, Reloaded)


@pytest.mark.parametrize("auc", [None, Estimate(math.nan, math.nan, math.nan), Estimate(0.9, math.nan, 1.0)])
def test_what_could_not_be_measured_is_rejected(auc: Estimate | None) -> None:
    """Unknown is not enough, and JSON has no NaN."""
    outcome = Shelf(model(1), auc).serving().reload(0.5)
    assert isinstance(outcome, Rejected)
    json.dumps(outcome.to_json(), allow_nan=False)
    assert outcome.reason


def test_a_rejection_says_that_the_lower_bound_counts() -> None:
    """Its value alone may be above the limit, which would puzzle whoever reads it."""
    outcome = Shelf(model(1), Estimate(0.7, 0.6, 0.8)).serving().reload()
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "the AUC of v1 is 0.700 (0.600 to 0.800), and 0.65 is asked of its lower bound"


@pytest.mark.parametrize("min_auc", [0.49, 1.01, -1.0, math.nan, math.inf])
def test_a_limit_that_means_nothing_is_refused(min_auc: float) -> None:
    """A request with 0 would switch the gate off."""
    serving = Shelf(model(1)).serving()
    with pytest.raises(ValueError, match="min_auc"):
        serving.reload(min_auc)
    assert serving.predict(ROW) is None


@pytest.mark.parametrize("is_examined", [False, True])
def test_the_old_model_answers_on_when_the_new_one_is_broken(is_examined: bool) -> None:  # noqa: FBT001
    """Altered files, or a ledger that cannot be read: known to the status, harmless to requests (S004-11, H32)."""
    shelf = Shelf(model(1))
    serving = shelf.serving()
    serving.load()
    if is_examined:
        shelf.standing, shelf.auc = model(2), TooFewSamples("12 rows of 48")
    else:
        shelf.standing = ModelRefused("scaler.json is not what it was")
    for again in (serving.load, serving.reload):
        with pytest.raises((ModelRefused, TooFewSamples)):
            again()
        assert serving.predict(ROW) == answer(1)
        status = status_of(serving.in_use, NOW, error=serving.error)
        assert (status.health, status.version) == (Health.ERROR, "v1")
    shelf.standing, shelf.auc = model(3), GOOD
    serving.reload()
    assert (serving.error, serving.predict(ROW)) == ("", answer(3))


def test_without_any_version_a_reload_is_an_error_and_a_start_is_none() -> None:
    """A new installation starts, and says that it has no model."""
    serving = Shelf(None).serving()
    serving.load()
    assert status_of(serving.in_use, NOW, error=serving.error).health is Health.NO_MODEL
    with pytest.raises(StateError, match="neuropilot train"):
        serving.reload()


@pytest.fixture
def hasty() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_every_answer_under_load_is_of_exactly_one_version() -> None:
    """A thousand exchanges while three threads ask without a pause (S004-04)."""
    shelf = Shelf(model(1))
    serving = shelf.serving()
    serving.load()
    done, answers = Event(), [[], [], []]

    def ask(mine: list[Prediction | None]) -> None:
        while not done.is_set():
            mine.append(serving.predict(ROW))

    threads = [Thread(target=ask, args=(mine,)) for mine in answers]
    for thread in threads:
        thread.start()
    for number in range(2, 1002):
        shelf.standing = model(number)
        assert isinstance(serving.reload(), Reloaded)
        time.sleep(1e-4)
    done.set()
    for thread in threads:
        thread.join()
    for mine in answers:
        versions = [int(said.version[1:]) for said in mine]
        assert [said == answer(number) for said, number in zip(mine, versions, strict=True)] == [True] * len(mine)
        assert versions == sorted(versions), "no request goes back to an older version"
    assert len({said.version for mine in answers for said in mine}) > 10, "they did ask while models were exchanged"


def test_an_answer_waits_for_no_exchange() -> None:
    """Loading may take minutes; requests go on, with the old model."""
    fetching, may_end = Barrier(2, timeout=10), Event()
    shelf = Shelf(model(1))

    def slowly() -> Servable:
        fetching.wait()
        assert may_end.wait(10)
        return model(2)

    serving = Serving(slowly, shelf.examine, now=lambda: NOW)
    exchange = Thread(target=serving.load)
    exchange.start()
    fetching.wait()
    assert serving.predict(ROW) is None
    may_end.set()
    exchange.join()
    assert serving.predict(ROW) == answer(2)
    again = Thread(target=serving.reload)
    may_end.clear()
    again.start()
    fetching.wait()
    assert serving.predict(ROW) == answer(2)
    may_end.set()
    again.join()
