"""What the tests share that run whole workflows."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from fakes.git_host import GitHost
from fakes.github import FakeGitHub
from fakes.slack import FakeSlack
from shops import READS, REPOSITORY, SCHEDULE, WRITES, Shop, publish, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from repositories import Site


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A webhook that enforces Slack's limits."""
    with FakeSlack() as server:
        yield server


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens a shop: `open_shop({"mode: observe": "mode: commit"})` has that edit of the settings on its main."""
    with ExitStack() as hosts:

        def opened(edits: Mapping[str, str], publish: Callable[..., Site] = publish, *, pushes: str = WRITES) -> Shop:
            site = publish(tmp_path, edits)
            host = hosts.enter_context(GitHost(tmp_path, pushes, readers=[READS, WRITES]))
            github = hosts.enter_context(FakeGitHub(site.remote, REPOSITORY, tokens=tokens()))
            github.state.enabled_workflows[SCHEDULE.name] = False
            return Shop(tmp_path, site, host, github, site.tip())

        yield opened
