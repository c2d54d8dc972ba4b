"""The workers of an existing Ray cluster."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.wiring.crew import Crew
from ai_ops.wiring.preflight import check_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.wiring.scan_block import Door


@contextmanager
def ray_crew(address: str, door: Door) -> Iterator[Crew]:
    """Connect to the cluster at `address` and make sure that each of its machines can scan.

    Raises
    ------
    ConfigError
        When Ray is not installed here, or a machine runs something else.
    DataUnavailable
        When no cluster answers, or a machine does not reach Prometheus.
    """
    try:
        import ray
        from ray.exceptions import RayError
        from ray.util.joblib import register_ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
    except ImportError as error:
        raise ConfigError("the engine ray needs the extra: pip install 'neuropilot[ray]'") from error
    try:
        ray.init(address=address, log_to_driver=False)
    except (OSError, RuntimeError, ValueError) as error:
        raise DataUnavailable(f"no Ray cluster answers at {address} ({error}); check scan.address") from error

    def everywhere(function: Callable[..., Any], *args: object) -> dict[str, Any]:
        nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
        asked = ray.remote(num_cpus=0)(function)
        there = {
            node: asked.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote(*args)
            for node in nodes
        }
        return {node: _answer(ray.get, answer) for node, answer in there.items()}

    try:
        check_workers(everywhere, door)
        register_ray()
        size = int(ray.cluster_resources().get("CPU", 0))
        yield Crew(f"Ray at {address}", size, {"backend": "ray"}, (RayError,), gives_one_by_one=False)
    finally:
        ray.shutdown()


def _answer(get: Callable[[Any], Any], reference: object) -> Any:  # noqa: ANN401  # whatever it was
    """What the function returned, or the error that it raised there."""
    from ray.exceptions import RayError, RayTaskError

    try:
        return get(reference)
    except RayTaskError as error:
        return error.cause
    except RayError as error:
        return error
