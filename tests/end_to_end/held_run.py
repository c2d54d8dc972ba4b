"""A run that waits before it applies: `held_run.py CLONE NOW FILE` says "ready", and goes on once FILE exists."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agents import Agent

from ai_ops.ops_brain import run_until_it_lands
from ai_ops.wiring import open_session, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.cycle import Delivery, Episode


def held(apply: Callable[[Episode], Delivery], signal: Path) -> Callable[[Episode], Delivery]:
    """Give back the same step, which waits for a file to appear."""

    def apply_later(episode: Episode) -> Delivery:
        print("ready", flush=True)  # noqa: T201  # the test waits for it
        while not signal.exists():
            time.sleep(0.05)
        return apply(episode)

    return apply_later


if __name__ == "__main__":
    clone, moment, go_on = sys.argv[1:]
    agent = Agent(Path(clone), os.environ)
    with open_session(agent.place(datetime.fromisoformat(moment)), is_writing=True) as session:
        wired = wire(session, session.settings.services[0])
        cycle = replace(wired.cycle, apply=held(wired.cycle.apply, Path(go_on)))
        print(run_until_it_lands(cycle, wired.window).delivery.reason)  # noqa: T201  # the test reads it
