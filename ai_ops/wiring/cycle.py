"""The cycle of one service: its steps, joined from the rooms that never meet each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.clocks import not_ahead
from ai_ops.domain.cycle import ROLLBACK, Cycle, window_at
from ai_ops.wiring.memory import Memory
from ai_ops.wiring.reward import own_formula
from ai_ops.wiring.settings_files import SettingsFiles
from ai_ops.wiring.steps import Acting, Thinking, Watching

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.metrics import Window
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True)
class Wired:
    """One service's cycle, ready to run.

    Parameters
    ----------
    cycle
        The steps.
    window
        What this run judges.
    doubt
        Says why the ledger cannot be trusted; None when it can. A doubtful past is never acted on.
    """

    cycle: Cycle
    window: Window
    doubt: Callable[[], str | None]


def wire(
    session: Session,
    service: Service,
    progress: Callable[[str], None] = lambda _metric: None,
    *,
    is_modelled: bool = False,
) -> Wired:
    """Join the steps of one service.

    Parameters
    ----------
    is_modelled
        Whether the minutes are wanted in any case; else the policy says when.
    """
    memory, files = Memory(session, service.name), SettingsFiles(session, service)
    watching = Watching(session, service, memory, files, progress, is_modelled)
    thinking = Thinking(session, service, memory, files.delivered, own_formula(session))
    acting = Acting(session, service, memory, files)
    cycle = Cycle(
        recall=memory.recall,
        collect=watching.collect,
        detect=thinking.detect,
        reward=thinking.reward,
        tune=thinking.tune,
        remember=memory.remember,
        apply=acting.apply,
        notify=acting.notify,
    )
    return Wired(cycle, window_now(session, memory), lambda: memory.doubt)


def window_now(session: Session, memory: Memory) -> Window:
    """What a run at this moment judges."""
    step = timedelta(minutes=session.settings.metrics.step_minutes)
    # Nothing was measured when a person took something back: the window before it is still to be judged.
    now = session.place.clock()
    ends = [one.window.end for one in not_ahead(memory.past(), now) if one.policy != ROLLBACK]
    return window_at(now, step, min(ends[-1], now) if ends else None)
