"""Whether the workers of a cluster can scan, asked before the scan starts: a wrong one would let it hang for ever."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.domain.one_line import one_line
from ai_ops.wiring.scan_block import probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ai_ops.wiring.scan_block import Door

    Everywhere = Callable[..., Mapping[str, Any]]
    """Calls a function on every worker; gives what it returned or raised, by the worker's name."""

PACKAGE = "neuropilot"
_SHOWN = 3


def check_workers(everywhere: Everywhere, door: Door) -> None:
    """Make sure that every worker runs the same Python and the same package, and reaches Prometheus.

    The questions are asked in this order, and the first two by functions of the standard library, which travel by
    name alone: code of another Python version could crash the worker that reads it.

    Raises
    ------
    ConfigError
        When a worker runs something else.
    DataUnavailable
        When there is no worker, or one does not reach Prometheus.
    """
    pythons = everywhere(platform.python_version)
    if not pythons:
        raise DataUnavailable("the cluster has no worker; start some, then scan again")
    ours, version = _minor(platform.python_version()), metadata.version(PACKAGE)
    _refuse(
        ConfigError,
        {name: f"runs Python {found}" for name, found in pythons.items() if _minor(found) != ours},
        f"start the workers with Python {ours}, as here",
    )
    packages = everywhere(metadata.version, PACKAGE)
    _refuse(
        ConfigError,
        {name: _package_in_words(found) for name, found in packages.items() if found != version},
        f"install {PACKAGE}=={version} where the workers run, as here",
    )
    _refuse(
        DataUnavailable,
        {name: one_line(str(words)) for name, words in everywhere(probe, door).items() if words},
        "let the workers reach it, and give them PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, or PROMETHEUS_TOKEN, "
        "in their own environment where it wants them",
    )


def _refuse(kind: type[ConfigError | DataUnavailable], complaints: Mapping[str, str], remedy: str) -> None:
    if not complaints:
        return
    shown = "\n".join(_rows(complaints))
    raise kind(f"{len(complaints)} of the cluster's workers cannot scan:\n{shown}\n{remedy}")


def _rows(complaints: Mapping[str, str]) -> Iterator[str]:
    names = sorted(complaints)
    yield from (f"  {one_line(name)}: {complaints[name]}" for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        yield f"  and {len(names) - _SHOWN} more"


def _minor(python: object) -> str:
    """The version as far as code depends on it; what a worker raised instead is none."""
    return ".".join(str(python).split(".")[:2])


def _package_in_words(found: object) -> str:
    if isinstance(found, metadata.PackageNotFoundError):
        return f"has no {PACKAGE}"
    return f"has {PACKAGE} {found}" if isinstance(found, str) else f"did not answer: {one_line(repr(found))}"
