"""A version waits for a person until there is an answer, or the question has passed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from examples import NOON
from model_vitals import a_decision, a_record

from ai_ops.domain.model_version import Gate, TrainingKind, Verdict
from ai_ops.domain.open_question import ASKED_FOR, PAUSE, open_questions, to_answer
from ai_ops.learn.gates import ASKS, RUNNING
from ai_ops.learn.schedule import REBUILD_DAYS, RETRY_DAYS

WARM, COLD, REBUILD = TrainingKind.WARM, TrainingKind.COLD, TrainingKind.REBUILD


def waits(days_ago: float, version: str, kind: TrainingKind = REBUILD):
    """A decision that it waits."""
    return a_decision(Verdict.WAITING, days_ago, version, kind=kind)


def asked_about(*decisions, records=(), at=NOON):
    """Name of the version that a person has to say something about."""
    found = to_answer(decisions, records, at)
    return found and found.version


@pytest.mark.parametrize(
    ("kind", "later", "is_answered"),
    [
        (REBUILD, a_decision(Verdict.PROMOTED, 1, "asked", kind=REBUILD, by="ada"), True),
        (REBUILD, a_decision(Verdict.REFUSED, 1, "asked", kind=REBUILD, by="ada"), True),
        (REBUILD, a_decision(Verdict.PROMOTED, 1, "next", kind=REBUILD, by="ada"), True),
        (REBUILD, a_decision(Verdict.PROMOTED, 1, "next", kind=COLD), True),
        (REBUILD, a_decision(Verdict.PROMOTED, 1, "next", kind=WARM), False),
        (REBUILD, a_decision(Verdict.REFUSED, 1, "next", kind=REBUILD), False),
        (REBUILD, a_decision(Verdict.ROLLED_BACK, 1, "before", by="ada"), False),
        (WARM, a_decision(Verdict.PROMOTED, 1, "next", kind=WARM), True),
        (WARM, a_decision(Verdict.PROMOTED, 1, "next", kind=REBUILD, by="ada"), True),
        (WARM, a_decision(Verdict.REFUSED, 1, "next", kind=WARM), False),
        (WARM, a_decision(Verdict.ROLLED_BACK, 1, "before", by="ada"), False),
    ],
)
def test_a_question_is_answered_by_what_leaves_nothing_to_say(kind, later, is_answered):
    """H42: an alert that stays when nobody can do anything about it is one that nobody reads."""
    assert asked_about(waits(2, "asked", kind), later) == (None if is_answered else "asked")


def test_a_rebuild_and_a_night_after_a_rollback_are_two_questions():
    """The answer to the newer one brings the older one back."""
    asked = waits(3, "rebuilt"), waits(2, "first-night", WARM), waits(1, "second-night", WARM)
    assert [one.version for one in open_questions(asked, NOON)] == ["second-night", "rebuilt"]
    assert asked_about(*asked) == "second-night"
    assert asked_about(*asked, a_decision(Verdict.PROMOTED, 0, "second-night", kind=WARM, by="ada")) == "rebuilt"


def test_a_later_question_takes_the_place_of_an_earlier_one_for_good():
    """Who says no to the newer one has said no to both."""
    refused = a_decision(Verdict.REFUSED, 0, "new", kind=REBUILD, by="ada")
    assert asked_about(waits(9, "old"), waits(2, "new")) == "new"
    assert asked_about(waits(9, "old"), waits(2, "new"), refused) is None


def test_somebody_back_from_three_weeks_of_holidays_is_still_asked():
    """S001-140: for as long as a rebuild may take to come again, which is longer than until it asks again."""
    asked = a_decision(Verdict.WAITING, 0, "rebuilt", at=NOON - ASKED_FOR, kind=REBUILD)
    assert asked_about(asked) == "rebuilt"
    assert asked_about(asked, at=NOON + timedelta(seconds=1)) is None
    assert timedelta(days=21) < timedelta(days=REBUILD_DAYS) == ASKED_FOR
    assert RETRY_DAYS < REBUILD_DAYS


def test_nights_of_a_pause_ask_nobody_and_hide_no_other_question():
    """H26: what waits because of the pause alone goes on by itself behind it; a rebuild does not."""
    paused = a_record(version="a-night", gates=(Gate(RUNNING, is_passed=False, reason="an incident"),))
    night = waits(1, "a-night", WARM)
    assert asked_about(night) == "a-night"
    assert asked_about(night, records=(paused,)) is None
    assert asked_about(waits(5, "rebuilt"), night, records=(paused,)) == "rebuilt"
    assert asked_about(waits(1, "a-night"), records=(paused,)) == "a-night"
    assert PAUSE == RUNNING
    assert PAUSE in ASKS
