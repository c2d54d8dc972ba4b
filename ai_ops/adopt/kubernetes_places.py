"""Where Kubernetes, KEDA and Helm charts write what the agent calls knobs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.domain.adoption import KnobGuess
from ai_ops.domain.file_unit import counts_seconds, from_file
from ai_ops.domain.key_path import Document, field_name, key_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ai_ops.domain.key_path import KeyPath

    Numbers = Callable[[str, Iterable[KeyPath], str], Mapping[KeyPath, float]]
    """Text of a file, places in it, and its name; the numbers that stand there."""

_CPU = "cpu_scale_out_percent"
_MEMORY = "memory_scale_out_percent"
_PLACES: Mapping[str, tuple[tuple[str, str], ...]] = {
    # https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
    "HorizontalPodAutoscaler": (
        ("min_instances", "spec.minReplicas"),
        ("max_instances", "spec.maxReplicas"),
        (_CPU, "spec.metrics[type=Resource,resource.name=cpu].resource.target.averageUtilization"),
        (_CPU, "spec.targetCPUUtilizationPercentage"),
        (_MEMORY, "spec.metrics[type=Resource,resource.name=memory].resource.target.averageUtilization"),
        ("cooldown_minutes", "spec.behavior.scaleDown.stabilizationWindowSeconds"),
    ),
    # https://keda.sh/docs/latest/reference/scaledobject-spec/
    "ScaledObject": (
        ("min_instances", "spec.minReplicaCount"),
        ("max_instances", "spec.maxReplicaCount"),
        (_CPU, "spec.triggers[type=cpu].metadata.value"),
        (_MEMORY, "spec.triggers[type=memory].metadata.value"),
    ),
    # What `helm create` writes into values.yaml.
    "": (
        ("min_instances", "autoscaling.minReplicas"),
        ("max_instances", "autoscaling.maxReplicas"),
        (_CPU, "autoscaling.targetCPUUtilizationPercentage"),
        (_MEMORY, "autoscaling.targetMemoryUtilizationPercentage"),
    ),
}
_UNITS = {"cooldown_minutes": "minutes"}

_SEPARATOR = re.compile(r"^---(?:\s.*)?$", re.MULTILINE)
_KIND = re.compile(r"^kind:[ \t]*[\"']?(\w+)", re.MULTILINE)
_NAME = re.compile(
    r"^metadata:[ \t]*(?:#.*)?\r?\n(?:[ \t]+.*\r?\n)*?[ \t]+name:[ \t]*[\"']?([a-z0-9][a-z0-9.-]*)", re.MULTILINE
)


def guess_kubernetes_knobs(text: str, file: str, numbers: Numbers, service: str) -> tuple[KnobGuess, ...]:
    """Find the knobs of one autoscaler in a YAML file: of that which bears the service's name, else of the first one.

    Parameters
    ----------
    text, file
        The whole file, and its name.
    numbers
        Reads it.
    service
        The service's name.
    """
    titles = [_title(part) for part in _SEPARATOR.split(text) if part.strip()]
    known = [title for title in titles if title.kind in _PLACES]
    title = min(known, key=lambda one: (one.name != service, not one.kind), default=None)
    if title is None:
        return ()
    document = (title,) if len(titles) > 1 and title.kind else ()
    places = {(*document, *key_path(path)): knob for knob, path in _PLACES[title.kind]}
    found = numbers(text, places, file)
    first: dict[str, KnobGuess] = {}
    for path, number in found.items():
        first.setdefault(places[path], _guess(places[path], path, number))
    return tuple(first.values())


def _title(part: str) -> Document:
    kind, name = _KIND.search(part), _NAME.search(part)
    return Document(kind[1] if kind else "", name[1] if name else "")


def _guess(knob: str, path: KeyPath, number: float) -> KnobGuess:
    from decimal import Decimal

    if not counts_seconds(field_name(path)):
        return KnobGuess(knob, path, number, doubt="" if number >= 1 else f"{number:g} would let it scale to zero")
    return KnobGuess(knob, path, from_file(Decimal(repr(number)), _UNITS[knob], "seconds"), written_in="seconds")
