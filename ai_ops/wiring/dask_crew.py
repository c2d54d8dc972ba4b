"""The workers of an existing Dask cluster."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.wiring.crew import Crew
from ai_ops.wiring.preflight import check_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.wiring.scan_block import Door

_PATIENCE_SECONDS = 10


@contextmanager
def dask_crew(address: str, door: Door) -> Iterator[Crew]:
    """Connect to the scheduler at `address` and make sure that its workers can scan.

    A scheduler runs whatever code it is sent, so it belongs in a network of its own, or behind TLS (`tls://`).

    Raises
    ------
    ConfigError
        When Dask is not installed here, or a worker runs something else.
    DataUnavailable
        When no scheduler answers, there is no worker, or one does not reach Prometheus.
    """
    try:
        from distributed import Client
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise ConfigError("the engine dask needs the extra: pip install 'neuropilot[dask]'") from error
    try:
        client = Client(address, timeout=_PATIENCE_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise DataUnavailable(f"no Dask scheduler answers at {address} ({error}); check scan.address") from error
    with client:

        def everywhere(function: Callable[..., Any], *args: object) -> dict[str, Any]:
            # Unpickling a function that a worker does not have fails on the worker, which is an answer, too.
            return dict(client.run(function, *args, on_error="return"))

        check_workers(everywhere, door)
        size = sum(client.nthreads().values())
        losses = (KilledWorker, FutureCancelledError, OSError)  # the last when the scheduler itself is lost
        yield Crew(f"Dask at {address}", size, {"backend": "dask", "client": client}, losses)
