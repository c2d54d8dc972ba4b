"""The workflow that `init` writes, made from the one that this agent ships with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.adopt.workflow_draft import REUSABLE, secrets_of, workflow_text
from ai_ops.domain.errors import ConfigError
from ai_ops.settings.yaml_file import yaml_of
from ai_ops.wiring.agent_source import PACKAGE, agent_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.adoption import Agent

SHIPPED = PACKAGE / "config" / "workflows" / Path(REUSABLE).name
"""Where an installed package holds the reusable workflow; a clone has it where GitHub looks for it."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow as text, empty where none is wanted, the secrets that it takes, and whose agent it runs."""

    text: str = ""
    secrets: tuple[str, ...] = ()
    agent: Agent | None = None


def drafted_workflow(kind: str, agent: str | None, note: Callable[[str], None]) -> Workflow:
    """Draft the workflow of the kind `caller`, `full` or `none`.

    Raises
    ------
    ConfigError
        When nobody knows where the agent comes from.
    """
    if kind == "none":
        return Workflow()
    source = agent_source(agent, note)
    content = _reusable()
    contract = yaml_of(content, REUSABLE).values
    return Workflow(workflow_text(kind, content.decode(), contract, source), secrets_of(contract), source)


def _reusable() -> bytes:
    for place in (SHIPPED, PACKAGE.parent / REUSABLE):
        if place.is_file():
            return place.read_bytes()
    raise ConfigError(f"this installation has no {REUSABLE}: install the agent anew, or give --workflow none")
