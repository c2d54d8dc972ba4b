"""Knobs in the files that people keep for Kubernetes."""

from __future__ import annotations

import pytest

from ai_ops.adopt.kubernetes_places import guess_kubernetes_knobs
from ai_ops.apply.values_in import numbers_at
from ai_ops.domain.key_path import in_words

HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  # which one
  labels: {app: shop}
  name: shop
spec:
  minReplicas: 2 # at night
  maxReplicas: 12
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
    - type: Resource
      resource:
        name: memory
        target:
          type: Utilization
          averageUtilization: 80
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
"""
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\n"
KEDA = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: shop}
spec:
  minReplicaCount: 1
  maxReplicaCount: 20
  triggers:
    - type: cpu
      metricType: Utilization
      metadata: {value: "65"}
"""
HELM = """\
replicaCount: 1
autoscaling:
  enabled: true
  minReplicas: 1
  maxReplicas: 100
  targetCPUUtilizationPercentage: 80
"""


def found(text: str, service: str = "shop"):
    """By knob, where it stands and what it is."""
    return {
        one.knob: (in_words(one.path), one.value)
        for one in guess_kubernetes_knobs(text, "deploy.yaml", numbers_at, service)
    }


def test_an_autoscaler_of_kubernetes_is_read() -> None:
    """Five of its values are knobs; seconds become minutes (R11)."""
    assert found(HPA) == {
        "min_instances": ("spec.minReplicas", 2),
        "max_instances": ("spec.maxReplicas", 12),
        "cpu_scale_out_percent": (
            "spec.metrics[type=Resource,resource.name=cpu].resource.target.averageUtilization",
            70,
        ),
        "memory_scale_out_percent": (
            "spec.metrics[type=Resource,resource.name=memory].resource.target.averageUtilization",
            80,
        ),
        "cooldown_minutes": ("spec.behavior.scaleDown.stabilizationWindowSeconds", 5),
    }


def test_keda_and_helm_are_read() -> None:
    """A threshold in quotes is a number all the same."""
    assert found(KEDA) == {
        "min_instances": ("spec.minReplicaCount", 1),
        "max_instances": ("spec.maxReplicaCount", 20),
        "cpu_scale_out_percent": ("spec.triggers[type=cpu].metadata.value", 65),
    }
    assert found(HELM)["cpu_scale_out_percent"] == ("autoscaling.targetCPUUtilizationPercentage", 80)


def test_the_services_own_autoscaler_is_chosen_in_a_file_of_many() -> None:
    """By kind and name, as the settings then say it."""
    other = HPA.replace("name: shop", "name: blog").replace("minReplicas: 2", "minReplicas: 3")
    text = f"{DEPLOYMENT}---\n{other}---\n{HPA}"
    assert found(text)["min_instances"] == ("HorizontalPodAutoscaler/shop:spec.minReplicas", 2)
    assert found(text, "blog")["min_instances"] == ("HorizontalPodAutoscaler/blog:spec.minReplicas", 3)


@pytest.mark.parametrize(
    "text", ["", "a: 1\n", DEPLOYMENT, "kind: HorizontalPodAutoscaler\nspec: {{ .Values.hpa }}\n", "}{"]
)
def test_what_holds_no_knob_gives_none(text) -> None:
    """Templates and other documents are no settings."""
    assert found(text) == {}


def test_an_autoscaler_that_scales_to_zero_is_doubted() -> None:
    """The agent counts from one instance on."""
    text = KEDA.replace("minReplicaCount: 1", "minReplicaCount: 0")
    doubts = {one.knob: one.doubt for one in guess_kubernetes_knobs(text, "x.yaml", numbers_at, "shop")}
    assert "scale to zero" in doubts["min_instances"]
