"""One metric that the agent tells of itself, and a registry of several: what own metrics and the model's share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

    Sample = tuple[tuple[str, ...], float]
    """The values of the labels, and the figure."""

Subject = TypeVar("Subject")
"""What a metric is about: a run's vitals, or those of models."""


@dataclass(frozen=True, slots=True)
class OwnMetric(Generic[Subject]):
    """One metric.

    Parameters
    ----------
    name
        With its unit.
    meaning
        One sentence, which Prometheus shows as its help.
    samples
        Gives the figures; none where nothing is known.
    labels
        Beside those of the group that it is pushed to.
    """

    name: str
    meaning: str
    samples: Callable[[Subject], Iterator[Sample]]
    labels: tuple[str, ...] = ()

    def family(self, subject: Subject) -> Metric:
        """Give it the form of the Prometheus library."""
        from prometheus_client.core import GaugeMetricFamily

        family = GaugeMetricFamily(self.name, self.meaning, labels=self.labels)
        for labels, value in self.samples(subject):
            family.add_metric(labels, value)
        return family


def registry_with(metrics: Iterable[OwnMetric[Subject]], subject: Subject) -> CollectorRegistry:
    """Collect what these metrics know of `subject`, and nothing of the process or the machine."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.registry import Collector

    wanted = tuple(metrics)

    class _Figures(Collector):
        """Gives what is known; a metric of which nothing is known is left out."""

        def collect(self) -> Iterator[Metric]:
            families = (metric.family(subject) for metric in wanted)
            return (family for family in families if family.samples)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return registry
