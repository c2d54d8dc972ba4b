"""Deliver one change in the repository given first, and die before the step given second; prints each step."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from examples import an_episode
from repositories import TFVARS

from ai_ops.apply.git import Edit, deliver
from ai_ops.domain.tuning import Change, Decision
from ai_ops.git_client import GitClient

EPISODE = an_episode(decision=Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("It is safe.",)))


@dataclass
class Steps:
    """Counts what it is told and kills this process before the given step."""

    last: int
    count: int = 0

    def __call__(self, step: str) -> None:
        """Announce `step`."""
        self.count += 1
        print(step, flush=True)  # noqa: T201  # the parent reads it
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def edit_of(git: GitClient, branch: str = "main") -> Edit:
    """One value, raised from 30 to 35."""
    base = git.fetch(branch)
    return Edit(branch, base, {TFVARS: git.read(base, TFVARS).replace(b"= 30", b"= 35")}, "-30\n+35\n")


if __name__ == "__main__":
    client = GitClient(Path(sys.argv[1]))
    deliver(client, edit_of(client), EPISODE, Steps(int(sys.argv[2])))
