"""The workflow of a repository that adopts the agent: a short one that calls the agent's own, or one with all the jobs.

Both are the agent's own two workflows with what differs in a stranger's repository put in: which agent, and from where.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from ai_ops.domain.adoption import Agent

CALLED, WORKFLOW = ".github/workflows/neuropilot.yml", ".github/workflows/ai-ops-daily.yml"
"""The agent's reusable workflow, and the schedule that calls it, which is also what a stranger's is called."""

_GUIDE = "docs/ai_ops/WORKFLOW.md"
_USES = re.compile(rf"^( *)uses: \./{re.escape(CALLED)}(?: #.*)?\n( *)with:\n", re.MULTILINE)
_RIGHTS = "\npermissions: {}\n"
_ONLY_ELSEWHERE = re.compile(r"^ *if: inputs\.agent_repository\n", re.MULTILINE)
_INPUT = re.compile(r"\$\{\{ inputs\.(\w+) \}\}")
_GIVEN = re.compile(r"^      (\w+): (?:>-\s+)?\$\{\{ ((?!secrets\.)[^}]+?) \}\}", re.MULTILINE)
"""What the schedule gives to the workflow that it calls, and is worked out from what started the run."""

_NAME, _HASH = r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*", r"[0-9a-f]{40}"
_PINNED = re.compile(
    rf"uses: (?P<called>{_NAME})/{re.escape(CALLED)}@(?P<at>{_HASH})\b"
    rf'|repository: (?P<installed>{_NAME})\n *ref: "(?P<ref>{_HASH})"'
)


def pinned_agent(workflow: str) -> str | None:
    """Read from a workflow that was drafted here which agent it runs, as OWNER/REPO@COMMIT; None where it says none.

    >>> pinned_agent("uses: acme/agent/.github/workflows/neuropilot.yml@" + 40 * "a" + " # v1.2.3")[:12]
    'acme/agent@a'
    """
    found = _PINNED.search(workflow)
    return found and f"{found['called'] or found['installed']}@{found['at'] or found['ref']}"


def caller_text(schedule: str, agent: Agent) -> str:
    """Write the schedule that calls the agent's reusable workflow at one commit.

    Parameters
    ----------
    schedule
        The agent's own schedule, which calls its neighbour.
    agent
        Where the agent comes from.

    Raises
    ------
    ConfigError
        When the schedule has another form.
    """
    called = (
        rf"\1uses: {agent.repository}/{CALLED}@{agent.commit} # v{agent.version}\n\2with:\n"
        rf'\2  agent_repository: {agent.repository}\n\2  agent_ref: "{agent.commit}"\n'
    )
    text, found = _USES.subn(called, schedule)
    if found != 1:
        raise _unexpected(WORKFLOW)
    return _with_guide(text, agent)


def full_text(schedule: str, called: str, agent: Agent, python: str) -> str:
    """Write all the jobs under the schedule.

    Parameters
    ----------
    schedule, called
        The agent's own two workflows.
    agent
        Where the agent comes from.
    python
        The version of Python that runs it.

    Raises
    ------
    ConfigError
        When one of the two has another form.
    """
    head, (_, found, jobs) = schedule.partition(_RIGHTS)[0], called.partition(_RIGHTS)
    given = dict(_GIVEN.findall(schedule))
    values = {name: f"${{{{ {' '.join(expression.split())} }}}}" for name, expression in given.items()} | {
        "agent_repository": agent.repository,
        "agent_ref": f'"{agent.commit}" # v{agent.version}',
        "python": f'"{python}"',
    }
    jobs = re.sub(
        r"^  AGENT: .*$", "  AGENT: .neuropilot # the folder that holds the package", jobs, flags=re.MULTILINE
    )
    jobs = _INPUT.sub(lambda input_: values.get(input_[1], input_[0]), _ONLY_ELSEWHERE.sub("", jobs))
    if not found or not given or set(re.findall(r"\binputs\.(\w+)", jobs)) - given.keys():
        raise _unexpected(CALLED)
    return _with_guide(f"{head}{_RIGHTS}{jobs}", agent)


def _with_guide(text: str, agent: Agent) -> str:
    """Point to the guide where it is: in the agent's repository, not in this one."""
    return text.replace(_GUIDE, f"https://github.com/{agent.repository}/blob/{agent.commit}/{_GUIDE}")


def _unexpected(file: str) -> ConfigError:
    return ConfigError(f"this agent's own {file} has a form that nothing can be drafted from: install the agent anew")
