"""What the tuner remembers is a fold of the ledger, and of nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from examples import NOON, STANDING, an_episode
from ledgers import strict
from modelled import Loop, make_service, the_service, the_tuner
from predictions import SAVING, a_prediction, an_outcome

from ai_ops.domain.prediction import Looked
from ai_ops.domain.tuning import Decision, ScheduledMinimum, Thresholds
from ai_ops.store.ledger import Ledger
from ai_ops.tune.learning.ledger_state import records_from, settings_of, state_from
from ai_ops.tune.learning.records import records_of
from ai_ops.tune.recommendation import answer

if TYPE_CHECKING:
    from pathlib import Path


def test_three_days_say_the_same_both_ways(tmp_path: Path) -> None:
    """The state that `recommend` hands from call to call, and the one folded from the ledger, never differ.

    A proposal lands after half a day, its prediction and those of the following days are judged, and a person turns a
    knob in between.
    """
    simulated, standing = make_service("daily", 10, days=3, warm_days=4, cpu_scale_out_percent=60.0)
    service = the_service()
    tuner = the_tuner(service)
    loop = Loop(simulated, standing, service, replace(tuner, guardrails=()).decide, review_cycles=2)
    ledger, state = Ledger(tmp_path, warn=strict), None
    for cycle in range(12):
        if cycle == 9:
            loop.set(cooldown_minutes=6.0)
        loop.past = list(ledger.episodes())
        question = tuner.policy.question(loop.situation())
        state = json.loads(json.dumps(answer(replace(question, records=records_of(state))).state))
        loop.run(1)
        ledger.append(loop.past[-1])
        assert state_from(ledger.episodes()) == state, cycle
    outcomes = [outcome for record in records_of(state) for outcome in record.outcomes]
    assert {outcome.is_live_change for outcome in outcomes} == {True, False}
    assert any(record.proposed for record in records_of(state))
    assert len({record.thresholds["cooldown_minutes"] for record in records_of(state)}) > 1


def test_what_says_nothing_new_is_left_out() -> None:
    """Of four cycles a day three see what the one before saw."""
    looked = an_episode(24, looked=Looked(0.3, 0.2))
    moved = an_episode(6, thresholds=Thresholds({**STANDING, "cpu_scale_in_percent": 35.0}))
    judged = replace(moved, outcomes=(an_outcome(1),))
    kept = records_from((an_episode(30), looked, an_episode(18), an_episode(12), moved, moved, judged))
    assert [record.at for record in kept] == [one.decided_at for one in (an_episode(30), looked, moved, judged)]


def test_a_decision_that_was_held_is_no_proposal() -> None:
    """Nobody was asked, so nobody is waited for; what is expected is what today's settings do."""
    held = an_episode(24, decision=Decision.hold("frozen"), prediction=a_prediction(1), looked=Looked(0.3, 0.2))
    made = replace(held, decision=SAVING, if_unchanged=a_prediction(1))
    assert records_from((held,))[0].proposed is None
    (record,) = records_from((made,))
    assert record.proposed == {**STANDING, "cpu_scale_in_percent": 35.0}
    assert record.if_unchanged == a_prediction(1)


def test_other_policies_tell_which_settings_ran() -> None:
    """A service that changes its policy is not replayed as if today's settings had always run."""
    before = an_episode(48, policy="rules", thresholds=Thresholds({**STANDING, "cpu_scale_in_percent": 25.0}))
    assert [one.thresholds["cpu_scale_in_percent"] for one in records_from((before, an_episode(24)))] == [25.0, 30.0]


def test_what_is_older_than_two_months_is_forgotten() -> None:
    """As `recommend` forgets it."""
    old = replace(an_episode(0, looked=Looked(0.1, 0.1)), decided_at=NOON - timedelta(days=61))
    new = an_episode(0, looked=Looked(0.1, 0.1))
    assert [record.at for record in records_from((old, new))] == [new.decided_at]


def test_a_schedule_is_written_as_recommend_takes_it() -> None:
    """Blocks of the week, in its order."""
    schedule = (ScheduledMinimum(420, 1140, 6), ScheduledMinimum(1860, 2580, 4))
    assert settings_of(Thresholds({"scaling_mode": "target", "scheduled_minimum": schedule})) == {
        "scaling_mode": "target",
        "scheduled_minimum": [
            {"from_minute_of_week": 420, "to_minute_of_week": 1140, "min_instances": 6},
            {"from_minute_of_week": 1860, "to_minute_of_week": 2580, "min_instances": 4},
        ],
    }
