"""The story of the scheduled agent. Start reading here.

Every six hours: collect what the service did, detect what is abnormal, score what the last decision earned,
tune the thresholds, remember the decision, apply it, notify people. `wiring.py` chooses who does each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if __name__ == "__main__":  # run as a script: `ai_ops` must mean this checkout, not this file's own folder
    import sys
    from pathlib import Path

    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from ai_ops.domain.cycle import CycleResult
from ai_ops.domain.errors import Overtaken

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Cycle
    from ai_ops.domain.metrics import Window

ATTEMPTS = 3
"""How often a decision is made anew because somebody else wrote first, before a person should look."""


def run_cycle(cycle: Cycle, window: Window) -> CycleResult:
    """Decide once per window; a window that was decided before is only brought to its end."""
    episode = cycle.recall(window)
    is_repeat = episode is not None
    if episode is None:
        observation = cycle.collect(window)
        findings = cycle.detect(observation)
        reward = cycle.reward(observation)
        decision = cycle.tune(observation, findings, reward)
        episode = cycle.remember(observation, findings, reward, decision)
    delivery = cycle.apply(episode)
    receipts = cycle.notify(episode, delivery)
    return CycleResult(episode, delivery, receipts, is_repeat)


def run_until_it_lands(cycle: Cycle, window: Window) -> CycleResult:
    """Run the cycle; when somebody else wrote first, look again and decide again, never over them.

    Raises
    ------
    Overtaken
        When others were faster `ATTEMPTS` times in a row.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return run_cycle(cycle, window)
        except Overtaken:
            continue
    return run_cycle(cycle, window)


if __name__ == "__main__":
    from ai_ops.cli.main import run_ops_brain

    run_ops_brain()
