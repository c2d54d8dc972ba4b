"""What happens at the very moment a push lands: a hook of the remote lets somebody else act first, for real."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from repositories import commit_file, git

if TYPE_CHECKING:
    from datetime import datetime

    from agents import Agent
    from repositories import Site

ONE_RUN = Path(__file__).parent / "end_to_end" / "one_run.py"

# Runs in the remote for each branch that a push is about to move; git has checked by then what it was told to expect,
# and checks once more when it moves the branch.
_HOOK = """\
#!/bin/sh
[ "$1" = refs/heads/{branch} ] || exit 0
count=$(($(cat hooks/count 2>/dev/null || echo 0) + 1))
echo "$count" > hooks/count
[ "$count" -le {times} ] || exit 0
unset $(git rev-parse --local-env-vars)
{command}
exit 0
"""


def before_push(site: Site, branch: str, command: str, times: int = 1) -> None:
    """Run a shell command in the remote before each of the next `times` pushes to `branch` lands."""
    (site.remote / "hooks" / "count").unlink(missing_ok=True)
    hook = site.remote / "hooks" / "update"
    hook.write_text(_HOOK.format(branch=branch, command=command, times=times))
    hook.chmod(0o755)


def colleague_first(site: Site, *edits: tuple[str, bytes]) -> list[str]:
    """Let one commit of a colleague land right before each of the agent's next pushes; their hashes."""
    clone = site.clone("colleague")
    hashes = []
    for number, (path, content) in enumerate(edits, start=1):
        hashes.append(commit_file(clone, path, content))
        git(clone, "push", "-q", "origin", f"HEAD:refs/heads/theirs-{number}")
    before_push(site, site.branch, f'git update-ref refs/heads/{site.branch} "refs/heads/theirs-$count"', len(hashes))
    return hashes


def arguments_of(agent: Agent, now: datetime, *step: str) -> list[str]:
    """What one run in a process of its own is told."""
    return [str(agent.clone), now.isoformat(), *step]


def environment_of(agent: Agent) -> dict[str, str]:
    """Environment of such a process."""
    return {**agent.environment, "PYTHONPATH": ":".join(path for path in sys.path if path)}


def in_shell(agent: Agent, now: datetime, *step: str) -> str:
    """Write the same as one line of shell, its output kept beside the clone."""
    variables = [f"{name}={value}" for name, value in environment_of(agent).items()]
    command = ["env", *variables, sys.executable, str(ONE_RUN), *arguments_of(agent, now, *step)]
    return f"{shlex.join(command)} > {agent.clone}.log 2>&1"
