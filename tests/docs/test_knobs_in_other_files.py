"""The examples of CONFIGURATION.md's section on knobs in other files do what they say, on files as they come."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ai_ops.apply.knob_files import edited, read_thresholds
from ai_ops.domain.key_path import key_path
from ai_ops.domain.tuning import Change
from ai_ops.settings import load_settings

if TYPE_CHECKING:
    from ai_ops.settings.service import Service

DOC = (Path(__file__).parents[2] / "docs" / "ai_ops" / "CONFIGURATION.md").read_text(encoding="utf-8")
SECTION = DOC.partition("\n## Knobs in other files\n")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
HPA = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec:
  minReplicas: 4
  metrics:
    - type: Resource
      resource: {name: memory, target: {type: Utilization, averageUtilization: 85}}
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 300}
"""
SCALED_OBJECT = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: shop}
spec:
  minReplicaCount: 4
  triggers:
    - type: cpu
      metadata: {value: "80"}
"""
NUMBERS = {
    "cpu_scale_out_percent": 80,
    "cpu_scale_in_percent": 30,
    "memory_scale_out_percent": 85,
    "latency_scale_out_ms": 300,
    "min_instances": 4,
    "max_instances": 12,
    "cooldown_minutes": 5,
}
FILES = {
    "infrastructure/shop.auto.tfvars.json": json.dumps({"autoscaling": NUMBERS}, indent=2),
    "deploy/shop.yaml": HPA,
    "deploy/scaledobject.yaml": SCALED_OBJECT,
    "charts/shop/values.yaml": "autoscaling:\n  maxReplicas: 12\n  targetCPUUtilizationPercentage: 80\n",
    "deploy/overlays/production/hpa.yaml": "kind: HorizontalPodAutoscaler\nspec: {minReplicas: 4}\n",
    "deploy/overlays/production/limits.yaml": "- {op: replace, path: /spec/maxReplicas, value: 12}\n",
}
"""What stands in the files that the examples name."""


def the_service(folder: Path, example: str) -> Service:
    """The service that an example describes."""
    file = folder / "ops_config.yaml"
    file.write_text(example, encoding="utf-8")
    (service,) = load_settings(file, root=folder, environment={}).services
    return service


def content(file: str) -> bytes:
    """Bytes of a file that an example names."""
    return FILES[file].encode()


def test_every_format_has_an_example(tmp_path: Path) -> None:
    """No more and no fewer files than the examples speak of."""
    named = {knob.file for example in EXAMPLES for knob in the_service(tmp_path, example).knobs.values()}

    assert named == FILES.keys()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text[30:70])
def test_every_knob_of_an_example_is_read_and_changes_one_line(tmp_path: Path, example: str) -> None:
    """What a team copies works at once (S001-81)."""
    knobs = the_service(tmp_path, example).knobs
    standing = read_thresholds(content, knobs.values()).numbers

    assert standing == {name: NUMBERS[name] for name in knobs if name in NUMBERS}
    for name, value in standing.items():
        ((file, after),) = edited(content, knobs.values(), [Change(name, value, value + 1)]).items()
        pairs = zip(FILES[file].splitlines(), after.decode().splitlines(), strict=True)
        changed = [(old, new) for old, new in pairs if old != new]
        factor = 60 if knobs[name].written_in == "seconds" else 1
        assert [new for _, new in changed] == [
            old.replace(f"{value * factor:g}", f"{(value + 1) * factor:g}") for old, _ in changed
        ]
        assert len(changed) == 1


def test_every_path_of_the_table_is_one() -> None:
    """Whoever copies a path from the document can load it."""
    table = SECTION.partition("| path | leads to |\n|---|---|\n")[2].partition("\n\n")[0]
    paths = [row.strip("|").split(" | ")[0].strip() for row in table.splitlines()]

    assert len(paths) == 6
    assert all(key_path(path) for path in paths)
