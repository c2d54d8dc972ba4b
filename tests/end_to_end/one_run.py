"""One run of the agent in a process of its own: `one_run.py CLONE NOW [STEP]`, with its environment as given.

With a step, such as "before apply" or "after remember", the process kills itself there, as if the machine had gone;
with "pause" it only pulls the kill switch. Its process id stands beside the clone, for others to kill it.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agents import Agent

from ai_ops.ops_brain import run_until_it_lands
from ai_ops.wiring import open_session, wire
from ai_ops.wiring.session import finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.cycle import Cycle


def dying(cycle: Cycle, fatal: str) -> Cycle:
    """Give back the same cycle, whose process ends before or after one step."""

    def doomed(name, step):
        def take(*arguments):
            die_at(f"before {name}")
            result = step(*arguments)
            die_at(f"after {name}")
            return result

        return take

    def die_at(moment: str) -> None:
        if moment == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    return replace(cycle, **{one.name: doomed(one.name, getattr(cycle, one.name)) for one in fields(cycle)})


def run_and_die(agent: Agent, now: datetime, fatal: str) -> None:
    """Do what the command line does for each service, up to the fatal step."""
    with open_session(agent.place(now), is_writing=True) as session:
        for service in session.settings.services:
            wired = wire(session, service)
            run_until_it_lands(dying(wired.cycle, fatal), wired.window)
        finish(session)


def main(arguments: Sequence[str]) -> None:
    """Run as the arguments say, and leave with the exit code."""
    folder, time, *step = arguments
    here, then = Agent(Path(folder), os.environ), datetime.fromisoformat(time)
    with suppress(OSError):  # the test of a full disk leaves no byte for it
        Path(f"{folder}.pid").write_text(str(os.getpid()))
    if step == ["pause"]:
        here.pause("incident")
        sys.exit()
    if step:
        run_and_die(here, then, step[0])
    sys.exit(here.run(then))


if __name__ == "__main__":
    main(sys.argv[1:])
