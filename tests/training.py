"""Training as a person or a job does it, in a checkout of the test's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ai_ops.cli.main import exit_code_of
from ai_ops.cli.training_run import Request, run_training
from ai_ops.wiring.models.champion import champion_of, decisions_of
from ai_ops.wiring.models.lesson import Wish
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from agents import Agent

    from ai_ops.domain.model_version import ModelDecision, Verdict
    from ai_ops.wiring.models.champion import Version

SERVICE = "web"


def train(agent: Agent, now: datetime, wish: Wish | None = None, **request: Any) -> int:
    """Train as `neuropilot train --apply` does, and give the exit code."""
    wanted = replace(Request(wish or Wish(), is_keeping=True), **request)
    return exit_code_of(lambda **_: run_training(agent.place(now), wanted), None)


def decisions(agent: Agent, now: datetime) -> tuple[ModelDecision, ...]:
    """What was decided about the models of the one service, oldest first."""
    with open_session(agent.place(now), is_writing=False) as session:
        return decisions_of(session, SERVICE)


def verdicts(agent: Agent, now: datetime) -> list[Verdict]:
    """What became of each candidate, oldest first."""
    return [one.verdict for one in decisions(agent, now)]


def champion(agent: Agent, now: datetime) -> Version | None:
    """The model in use, loaded as a run loads it."""
    with open_session(agent.place(now), is_writing=False) as session:
        return champion_of(session, SERVICE)


def version_folders(agent: Agent) -> list[Path]:
    """Folders of the versions that are kept."""
    return sorted((agent.clone / "ai_ops/models" / SERVICE).iterdir())
