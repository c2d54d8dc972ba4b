"""What is said after the merge."""

from __future__ import annotations

from datetime import timedelta

import pytest
from examples import NOON, an_episode
from inertness import complaints
from predictions import SAVING, a_prediction, an_outcome

from ai_ops.apply.pull_request_body.comments import closing_comment, live_comment, outcome_marker, verdict_comment
from ai_ops.domain.prediction import Verdict

LIVE = an_episode(decision=SAVING, prediction=a_prediction(0.0))
UNDO = "`neuropilot rollback web-20261118T12Z --apply`"


def test_a_live_change_says_when_it_will_be_judged_and_by_what() -> None:
    """So that nobody has to remember (S001-97)."""
    text = live_comment(LIVE, NOON, NOON + timedelta(hours=24))
    assert text.startswith("**Live since 2026-11-18 12:00 UTC; it will be judged at 2026-11-19 12:00 UTC**")
    assert "| cost per month | 1,461 (1,169 to 1,753) |" in text
    assert UNDO in text
    assert complaints(text) == []


def test_without_a_prediction_there_is_nothing_to_judge() -> None:
    """And it says so."""
    text = live_comment(an_episode(decision=SAVING), NOON, NOON)
    assert "predicted nothing, so there is nothing to judge" in text
    assert "judged at" not in text


@pytest.mark.parametrize(
    ("verdict", "is_taken_back", "words"),
    [
        (Verdict.HIT, False, ("**Hit: it came true.**", "It stays, and counts as a hit.")),
        (Verdict.MISS, False, ("**Miss: it did not come true.**", "but stays", UNDO)),
        (Verdict.MISS, True, ("**Miss: it did not come true.**", "the agent proposes to take it back", UNDO)),
        (Verdict.NOT_JUDGEABLE, False, ("**Not judgeable.**", "neither for nor against", UNDO)),
    ],
)
def test_a_verdict_says_what_was_predicted_what_came_and_what_follows(
    verdict: Verdict, words: tuple[str, ...], *, is_taken_back: bool
) -> None:
    """Predicted and realised side by side (S001-97)."""
    outcome = an_outcome(1.0, verdict, is_live_change=True)
    text = verdict_comment(LIVE, NOON, outcome, is_taken_back=is_taken_back)
    assert all(one in text for one in words)
    assert "| cost per month | 1,461 (1,169 to 1,753) | 1,461 |" in text
    burn = "0.9" if verdict is Verdict.MISS else "0.3"
    assert f"| error budget spent, as a share | 0.3 (0.1 to 0.6) | {burn} |" in text
    assert complaints(text) == []


def test_what_was_not_measured_is_no_zero() -> None:
    """In the place of a figure stand words."""
    blind = an_outcome(1.0, Verdict.NOT_JUDGEABLE, cost_per_hour=None, burn=None)
    assert verdict_comment(LIVE, NOON, blind).count("| not measured |") == 2


def test_a_simulated_change_is_labelled() -> None:
    """In both comments (S001-08)."""
    made_up = an_episode(decision=SAVING, prediction=a_prediction(0.0), is_simulated=True)
    outcome = an_outcome(1.0)
    assert all(
        "Simulated" in text for text in (live_comment(made_up, NOON, NOON), verdict_comment(made_up, NOON, outcome))
    )


def test_a_closing_says_why() -> None:
    """In the words of who closes it."""
    assert closing_comment("somebody moved min_instances") == "**Closed by the agent:** somebody moved min_instances"


def test_one_marker_per_decision() -> None:
    """The comment is found again by it, and no other."""
    assert outcome_marker("web-20261118T12Z") == "<!-- neuropilot outcome: web-20261118T12Z -->"
    assert outcome_marker("web-20261118T12Z") != outcome_marker("web-20261118T12Z.2")
