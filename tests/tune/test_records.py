"""The tuner's memory is plain JSON: what was written is read again, and what is something else is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from examples import NOON
from hypothesis import given
from hypothesis import strategies as st
from predictions import a_prediction, an_outcome
from twins import STEPPED

from ai_ops.domain.prediction import Looked, Verdict
from ai_ops.tune.learning.records import KEPT, Record, records_of, state_of

BLOCK = {"from_minute_of_week": 420, "to_minute_of_week": 1140, "min_instances": 6}
FULL = Record(
    at=NOON,
    thresholds=STEPPED | {"scheduled_minimum": [BLOCK]},
    proposed=STEPPED | {"scaling_mode": "target"},
    is_urgent=True,
    prediction=a_prediction(),
    outcomes=(an_outcome(2), an_outcome(3, Verdict.MISS, cost_per_hour=None, burn=None, burn_high=None)),
    looked=Looked(0.3, 0.25),
    if_unchanged=a_prediction(2),
)

moments = st.integers(0, 59 * 1440).map(lambda minutes: NOON - timedelta(minutes=minutes))
looks = st.one_of(st.none(), st.builds(Looked, st.one_of(st.none(), st.floats(0, 100)), st.floats(0, 100)))
records = st.lists(
    st.builds(
        Record,
        at=moments,
        thresholds=st.just(STEPPED),
        proposed=st.sampled_from([None, STEPPED]),
        is_urgent=st.booleans(),
        prediction=st.sampled_from([None, a_prediction()]),
        outcomes=st.sampled_from([(), FULL.outcomes]),
        looked=looks,
        if_unchanged=st.sampled_from([None, a_prediction()]),
    ),
    max_size=6,
)


def through_text(state):
    """What a file makes of it."""
    return json.loads(json.dumps(state, allow_nan=False))


@given(records)
def test_what_was_written_is_read_again(past):
    """Through a file, and written once more the same."""
    state = through_text(state_of(past))
    assert records_of(state) == tuple(past)
    assert state_of(records_of(state)) == state


def test_every_field_is_kept():
    """A full record, and an empty one."""
    assert records_of(through_text(state_of([FULL, Record(NOON, STEPPED)]))) == (FULL, Record(NOON, STEPPED))
    assert records_of(None) == records_of(state_of([])) == ()


def test_moments_are_written_in_utc():
    """Whatever zone they came in."""
    there = replace(FULL, at=NOON.astimezone(timezone(timedelta(hours=9))))
    assert state_of([there])["records"][0]["at"].endswith("+00:00")
    assert records_of(state_of([there]))[0].at == NOON


def test_what_is_too_old_to_matter_is_forgotten():
    """The state does not grow for ever."""
    old, young = replace(FULL, at=NOON - KEPT - timedelta(hours=1)), replace(FULL, at=NOON - KEPT)
    assert records_of(state_of([old, young, FULL])) == (young, FULL)


STATE = state_of([FULL])
FOREIGN = {
    "nothing in it": {},
    "a list": [],
    "a word": "state",
    "a number": 7,
    "another version": STATE | {"version": 99},
    "no records": {"version": STATE["version"]},
    "records that are none": STATE | {"records": 3},
    "no list of records": STATE | {"records": None},
    "a record that is none": STATE | {"records": ["record"]},
    **{
        f"a record without {name}": STATE | {"records": [{k: v for k, v in STATE["records"][0].items() if k != name}]}
        for name in STATE["records"][0]
    },
    **{
        f"{name}: {value!r}": STATE | {"records": [STATE["records"][0] | {name: value}]}
        for name, value in {
            "at": "yesterday",
            "thresholds": None,
            "proposed": 5,
            "prediction": {"made_at": "2026-01-01T00:00:00+00:00"},
            "outcomes": [{"verdict": "hit"}],
            "looked": [0.1],
            "if_unchanged": STATE["records"][0]["prediction"] | {"burn": ["a", 0.1, 0.2]},
        }.items()
    },
    "a burn that is no number": STATE | {"records": [STATE["records"][0] | {"looked": [float("nan"), 0.1]}]},
    "a moment without a zone": STATE | {"records": [STATE["records"][0] | {"at": "2026-03-02T00:00:00"}]},
    "a verdict that does not exist": STATE
    | {"records": [STATE["records"][0] | {"outcomes": [STATE["records"][0]["outcomes"][0] | {"verdict": "maybe"}]}]},
}


@pytest.mark.parametrize("state", FOREIGN.values(), ids=FOREIGN)
def test_a_state_that_is_something_else_is_refused(state):
    """Corrupt memory must not decide: the message says how to go on without it (H32)."""
    with pytest.raises(ValueError, match="start anew with state=None"):
        records_of(state)


def test_a_record_is_worth_keeping_when_it_says_something_new():
    """A look, an outcome, or other settings than before."""
    first = Record(NOON, STEPPED)
    assert first.says_more_than(None)
    assert not first.says_more_than(Record(NOON - timedelta(hours=6), dict(STEPPED)))
    assert first.says_more_than(Record(NOON - timedelta(hours=6), STEPPED | {"min_instances": 3}))
    assert replace(first, looked=Looked(None, None)).says_more_than(first)
    assert replace(first, outcomes=(an_outcome(1),)).says_more_than(first)
