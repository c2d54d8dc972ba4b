"""What every test may use."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import in_memory
import running
from backfill import Service, openmetrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from playwright.sync_api import Browser

if (memory := in_memory.room()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))  # where pytest makes its temporary folders

hypothesis.settings.register_profile("busy machine", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("busy machine")


@pytest.fixture(scope="session")
def start_prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., running.RunningServer]]:
    """Starts a real Prometheus with the samples of your choice: `start_prometheus(openmetrics(Service(load=3)))`."""
    with ExitStack() as running_servers:

        def start(
            samples: str,
            *,
            users: Mapping[str, str] | None = None,
            is_later: bool = False,
            flags: Sequence[str] = (),
            configuration: str = "global: {scrape_interval: 1m}\n",
        ) -> running.RunningServer:
            folder = tmp_path_factory.mktemp("prometheus")
            server = running.start_prometheus(
                folder, samples, users=users, is_later=is_later, flags=flags, configuration=configuration
            )
            running_servers.callback(server.close)
            return server

        yield start


@pytest.fixture
def pushgateway(tmp_path: Path) -> Iterator[running.RunningServer]:
    """A real Pushgateway to which nothing was pushed."""
    folder = tmp_path / "pushgateway"
    folder.mkdir()
    server = running.start_pushgateway(folder)
    yield server
    server.close()


@pytest.fixture(scope="session")
def prometheus(start_prometheus: Callable[..., running.RunningServer]) -> running.RunningServer:
    """A real Prometheus that holds 15 days of the service "web", ending at `backfill.END`; leave it as it is."""
    return start_prometheus(openmetrics(Service()))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium; of one module, for while it runs nothing else in the process may have an event loop."""
    import browsers

    with browsers.running(browsers.find_chromium()) as chromium:
        yield chromium
