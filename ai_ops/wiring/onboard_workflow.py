"""The workflow that `init` writes, made from the two that this agent ships with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.adopt.workflow_draft import CALLED, WORKFLOW, caller_text, full_text
from ai_ops.domain.errors import ConfigError
from ai_ops.settings.yaml_file import yaml_of
from ai_ops.wiring.agent_source import PACKAGE, agent_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.adoption import Agent

SHIPPED = PACKAGE / "config" / "workflows"
"""Where an installed package holds its workflows; a clone has them where GitHub looks for them."""


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
    schedule, called = (_content(path) for path in (WORKFLOW, CALLED))
    contract = yaml_of(called, CALLED).values["on"]["workflow_call"]
    texts = schedule.decode(), called.decode()
    python = contract["inputs"]["python"]["default"]
    text = caller_text(texts[0], source) if kind == "caller" else full_text(*texts, source, python)
    return Workflow(text, tuple(contract["secrets"]), source)


def _content(path: str) -> bytes:
    for place in (SHIPPED / Path(path).name, PACKAGE.parent / path):
        if place.is_file():
            return place.read_bytes()
    raise ConfigError(f"this installation has no {path}: install the agent anew, or give --workflow none")
