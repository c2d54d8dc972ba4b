"""The workflow of a repository that adopts the agent: ten lines that call the agent's own, or all of its jobs.

Both are made from the agent's reusable workflow, which alone says what the jobs do, need and may.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.adoption import Agent

REUSABLE = ".github/workflows/neuropilot.yml"
WORKFLOW = ".github/workflows/ai-ops-daily.yml"

_HEAD = """\
# NeuroPilot's schedule. The agent is pinned to one commit: `neuropilot init --agent` says which line a newer one needs.
name: AI Ops Autonomous Optimization

on:
  schedule:
    - cron: "17 */6 * * *" # not on the hour, when GitHub starts late what is due; a missed run loses nothing
  workflow_dispatch:
    inputs:
      mode:
        description: What to run
        type: choice
        default: %(default)s
        options:
%(options)s

permissions: {}

"""
_CONCURRENCY = """\
concurrency:
  group: ai-ops
  cancel-in-progress: false # what has begun to push shall end

"""
_CALL = """\
jobs:
  neuropilot:
    name: NeuroPilot
    permissions:
%(permissions)s
    uses: %(repository)s/%(reusable)s@%(commit)s # v%(version)s
    with:
      mode: ${{ inputs.mode || '%(default)s' }} # a schedule has no inputs
      agent_repository: %(repository)s
      agent_ref: %(commit)s
    secrets: # each is optional
%(secrets)s
"""


def workflow_text(kind: str, reusable: str, contract: Mapping[str, Any], agent: Agent) -> str:
    """Write the workflow.

    Parameters
    ----------
    kind
        `caller` or `full`.
    reusable
        Text of the agent's reusable workflow.
    contract
        The same, parsed.
    agent
        Where the agent comes from.
    """
    call = contract["on"]["workflow_call"]
    options = _modes(reusable)
    head = _HEAD % {"default": options[0], "options": "\n".join(f"          - {option}" for option in options)}
    if kind == "full":
        return head + _jobs(reusable, agent)
    names = {
        "default": options[0],
        "permissions": _lines("      ", _most(contract["jobs"])),
        "repository": agent.repository,
        "reusable": REUSABLE,
        "commit": agent.commit,
        "version": agent.version,
        "secrets": _lines("      ", {name: f"${{{{ secrets.{name} }}}}" for name in call["secrets"]}),
    }
    return head + _CONCURRENCY + _CALL % names


def _modes(reusable: str) -> tuple[str, ...]:
    """What a run by hand can ask for: every word that a job compares the mode with, in their order."""
    return tuple(dict.fromkeys(re.findall(r"inputs\.mode\b[^=\n]*== '(\w+)'", reusable)))


def _jobs(reusable: str, agent: Agent) -> str:
    """The jobs as they stand, with the agent's address in the place of the inputs."""
    _, _, rest = reusable.partition("\npermissions: {}\n")
    for name, value in (("agent_repository", agent.repository), ("agent_ref", agent.commit)):
        rest = re.sub(rf"\$\{{\{{ *inputs\.{name} *\}}\}}", value, rest)
        rest = re.sub(rf"inputs\.{name}\b", f"'{value}'", rest)
    return rest.lstrip("\n")


def secrets_of(contract: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the secrets that the reusable workflow takes, in its order."""
    return tuple(contract["on"]["workflow_call"]["secrets"])


def _most(jobs: Mapping[str, Any]) -> dict[str, str]:
    """The rights that a caller must hand on: of each, the greatest that any job asks for."""
    ranks = ("none", "read", "write")
    most: dict[str, str] = {}
    for job in jobs.values():
        for right, level in job["permissions"].items():
            most[right] = max(most.get(right, "none"), level, key=ranks.index)
    return dict(sorted(most.items()))


def _lines(indent: str, pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{indent}{name}: {value}" for name, value in pairs.items())
