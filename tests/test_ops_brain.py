"""The story: what happens in which order, and what is never done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from examples import a_reward, a_window, an_episode, an_observation

from ai_ops.domain.cycle import Cycle, Delivery, DeliveryStatus
from ai_ops.domain.errors import Overtaken
from ai_ops.domain.message import Receipt
from ai_ops.domain.tuning import Decision
from ai_ops.ops_brain import ATTEMPTS, run_cycle, run_until_it_lands

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode


class Told:
    """A cycle that writes down which step was taken, and can be overtaken a number of times."""

    def __init__(self, remembered: Episode | None = None, overtaken: int = 0) -> None:
        self.steps: list[str] = []
        self._remembered, self._overtaken = remembered, overtaken

    def cycle(self) -> Cycle:
        """The steps, each of which notes its name."""
        return Cycle(
            recall=lambda _w: self._note("recall", self._remembered),
            collect=lambda _w: self._note("collect", an_observation()),
            detect=lambda _o: self._note("detect", ()),
            reward=lambda _o: self._note("reward", a_reward()),
            tune=lambda _o, _f, _r: self._note("tune", Decision.hold("quiet")),
            remember=lambda _o, _f, _r, _d: self._note("remember", an_episode()),
            apply=self._apply,
            notify=lambda _e, _d: self._note("notify", (Receipt("slack", "sent"),)),
        )

    def _note(self, step, value):
        self.steps.append(step)
        return value

    def _apply(self, _episode: Episode) -> Delivery:
        self.steps.append("apply")
        if self._overtaken:
            self._overtaken -= 1
            raise Overtaken("a person was faster")
        return Delivery(DeliveryStatus.NOTHING_TO_DO, "held")


def test_a_cycle_remembers_before_it_applies_and_applies_before_it_tells():
    """A decision that could not be recorded is never applied."""
    told = Told()
    result = run_cycle(told.cycle(), a_window())
    assert told.steps == ["recall", "collect", "detect", "reward", "tune", "remember", "apply", "notify"]
    assert not result.is_repeat


def test_a_window_that_was_decided_is_only_brought_to_its_end():
    """A crash after the decision, or a second schedule, decides nothing anew (H18)."""
    told = Told(remembered=an_episode())
    result = run_cycle(told.cycle(), a_window())
    assert told.steps == ["recall", "apply", "notify"]
    assert result.is_repeat


def test_when_somebody_else_wrote_first_it_looks_again_and_decides_again():
    """Never over a person: the whole story starts anew (H17)."""
    told = Told(overtaken=1)
    run_until_it_lands(told.cycle(), a_window())
    assert told.steps.count("collect") == 2
    assert told.steps.count("notify") == 1


def test_it_gives_up_after_a_few_lost_races():
    """Somebody should look when others are always faster."""
    told = Told(overtaken=ATTEMPTS)
    with pytest.raises(Overtaken):
        run_until_it_lands(told.cycle(), a_window())
    assert told.steps.count("apply") == ATTEMPTS
