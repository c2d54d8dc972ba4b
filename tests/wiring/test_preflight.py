"""The workers of a cluster are asked before the scan, and a wrong one ends it with a remedy."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest

from ai_ops import __version__
from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.wiring.preflight import check_workers
from ai_ops.wiring.scan_block import Door, probe

if TYPE_CHECKING:
    from collections.abc import Callable

DOOR = Door("http://prometheus:9090")
OURS = platform.python_version()


class Cluster:
    """Workers that answer as the test says; it notes what was asked."""

    def __init__(self, pythons: list[str], packages: list[Any], complaints: list[Any]) -> None:
        self._answers = {platform.python_version: pythons, metadata.version: packages, probe: complaints}
        self.asked: list[Callable[..., Any]] = []

    def everywhere(self, function: Callable[..., Any], *args: object) -> dict[str, Any]:
        """Every worker's answer."""
        self.asked.append(function)
        assert args == {metadata.version: ("neuropilot",), probe: (DOOR,)}.get(function, ())
        return {f"tcp://worker-{place}": answer for place, answer in enumerate(self._answers[function])}


def test_workers_like_ourselves_may_scan() -> None:
    """A bug-fix release of Python is no difference."""
    cluster = Cluster([OURS, OURS + "1"], [__version__] * 2, ["", ""])
    check_workers(cluster.everywhere, DOOR)
    assert cluster.asked == [platform.python_version, metadata.version, probe]


@pytest.mark.parametrize(
    ("cluster", "kind", "says"),
    [
        (Cluster([], [], []), DataUnavailable, "the cluster has no worker"),
        (Cluster([OURS, "3.9.1"], [], []), ConfigError, "worker-1: runs Python 3.9.1"),
        (
            Cluster([OURS], [metadata.PackageNotFoundError("neuropilot")], []),
            ConfigError,
            f"worker-0: has no neuropilot\ninstall neuropilot=={__version__} where the workers run",
        ),
        (Cluster([OURS], ["0.1"], []), ConfigError, "worker-0: has neuropilot 0.1"),
        (Cluster([OURS], [OSError("gone\nforged")], []), ConfigError, r"did not answer: OSError('gone\nforged')"),
        (Cluster([OURS], [__version__], ["HTTP 401"]), DataUnavailable, "worker-0: HTTP 401\nlet the workers reach it"),
        (Cluster([OURS], [__version__], [OSError("x\ny")]), DataUnavailable, "worker-0: x y"),
    ],
)
def test_a_wrong_worker_ends_the_scan_before_it_starts(cluster: Cluster, kind: type[Exception], says: str) -> None:
    """A cluster behind joblib would wait for ever for a worker that lacks the package."""
    with pytest.raises(kind) as caught:
        check_workers(cluster.everywhere, DOOR)
    assert says in str(caught.value)


def test_other_questions_are_not_put_to_another_python() -> None:
    """Code of another version may crash the worker that reads it."""
    cluster = Cluster(["3.9.1"], [], [])
    with pytest.raises(ConfigError):
        check_workers(cluster.everywhere, DOOR)
    assert cluster.asked == [platform.python_version]


def test_a_hundred_wrong_workers_are_three_and_a_number() -> None:
    """The message stays readable."""
    with pytest.raises(ConfigError) as caught:
        check_workers(Cluster(["3.9.1"] * 100, [], []).everywhere, DOOR)
    assert str(caught.value).startswith("100 of the cluster's workers cannot scan:")
    assert "  and 97 more" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 6


def test_a_door_shows_no_secret_and_takes_none_to_a_cluster() -> None:
    """Clusters log what they are given, and keep it on other machines (H09)."""
    door = Door("http://prometheus:9090", "me", "canary-password", "canary-token")
    assert "canary" not in repr(door)
    sent = door.without_secrets()
    assert (sent.url, sent.username, sent.password, sent.token) == ("http://prometheus:9090", "me", "", "")
