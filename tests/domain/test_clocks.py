"""A past that was written by a machine whose clock was ahead."""

from __future__ import annotations

from datetime import timedelta

from examples import NOON, a_window, an_episode

from ai_ops.domain.clocks import AHEAD, clocks_in_words, is_ahead, not_ahead, times_of

YEAR_AHEAD = -365 * 24


def test_a_few_minutes_are_no_future():
    """Two machines never agree to the second (H18)."""
    just, beyond = (an_episode(decided_at=NOON + late) for late in (AHEAD, AHEAD + timedelta(seconds=1)))
    assert [is_ahead(one, NOON) for one in (just, beyond)] == [False, True]
    assert is_ahead(an_episode(6, window=a_window(end=NOON + timedelta(hours=6))), NOON)
    assert not_ahead((beyond, just), NOON) == (just,)


def test_what_claims_to_be_of_the_future_was_made_when_it_was_first_seen():
    """By the next episode, else now: the order of a ledger is certain where its times are not (H18)."""
    old, wrong, seen = an_episode(30), an_episode(YEAR_AHEAD), an_episode(6)
    assert times_of((old, wrong), NOON) == (old.decided_at, NOON)
    assert times_of((old, wrong, wrong, seen), NOON) == (old.decided_at, *(seen.decided_at,) * 3)


def test_a_clock_that_was_behind_makes_nothing_older():
    """Else one late-writing machine would end every wait (S001-83)."""
    behind = an_episode(365 * 24)
    assert times_of((an_episode(1), behind), NOON) == (an_episode(1).decided_at, behind.decided_at)


def test_an_episode_of_the_future_is_named_with_what_to_do():
    """Whoever reads it sees both times, and that a clock is to be set."""
    assert clocks_in_words((an_episode(6),), NOON) is None
    said = clocks_in_words((an_episode(YEAR_AHEAD), an_episode(YEAR_AHEAD + 6)), NOON)
    assert said.startswith("web-20271118T06Z (and 1 more) says it was decided at 2027-11-18 06:05 UTC")
    assert "2026-11-18 12:00 UTC: set the clock" in said
