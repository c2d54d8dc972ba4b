"""What `neuropilot run --apply` does in the current folder, by a clock that stands: `one_cycle.py TIME [--steps]`.

With `--steps`, the last line of its output is what each step of the cycle cost in CPU seconds, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections import Counter
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ai_ops.domain.cycle import Cycle
    from ai_ops.wiring.session import Place


def main(arguments: Sequence[str]) -> int:
    """Run once, and give the exit code."""
    place = place_at(datetime.fromisoformat(arguments[0]))
    if arguments[1:] != ["--steps"]:
        return run(place)
    print(json.dumps(steps_of_run(place)))
    return 0


def place_at(now: datetime) -> Place:
    """Give the current folder and the real environment, at `now`."""
    from ai_ops.wiring.session import Place

    return Place(Path.cwd(), None, os.environ, lambda: now, lambda text: print(text, file=sys.stderr))


def run(place: Place) -> int:
    """Run all services as the command line does, and give the exit code."""
    from ai_ops.cli.main import exit_code_of
    from ai_ops.cli.services import Wish, run_services

    return exit_code_of(lambda **_: run_services(place, Wish(is_acting=True)), None)


def steps_of_run(place: Place) -> dict[str, float]:
    """Run the cycle of the first service; CPU seconds of each step, and of all before the first."""
    from ai_ops.ops_brain import run_until_it_lands
    from ai_ops.wiring import open_session, wire
    from ai_ops.wiring.session import finish

    with open_session(place, is_writing=True) as session:
        wired = wire(session, session.settings.services[0])
        spent = Counter(start=_cpu_seconds())
        run_until_it_lands(timed(wired.cycle, spent), wired.window)
        finish(session)
    return dict(spent)


def timed(cycle: Cycle, spent: Counter[str]) -> Cycle:
    """Give back the same cycle; each step adds the CPU seconds it took to `spent`."""

    def watched(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: object) -> object:
            before = _cpu_seconds()
            try:
                return step(*arguments)
            finally:
                spent[name] += _cpu_seconds() - before

        return run

    return replace(cycle, **{step.name: watched(step.name, getattr(cycle, step.name)) for step in fields(cycle)})


def _cpu_seconds() -> float:
    """Of this process and of those that it waited for, so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
