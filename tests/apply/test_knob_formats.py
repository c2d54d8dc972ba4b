"""One value changes in files of Kubernetes, KEDA, Helm, Kustomize and Terraform's JSON, and not one byte beside it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from examples import a_knob
from kustomize import built, needs_kubectl
from leaves import Leaves, Number, differences, flat, leaves
from terraform import accepts, meaning, needs_terraform

from ai_ops.apply.knob_files import edited, read_thresholds
from ai_ops.apply.settings_text import plain
from ai_ops.domain.errors import EditError
from ai_ops.domain.key_path import key_path
from ai_ops.domain.tuning import Change

if TYPE_CHECKING:
    from ai_ops.domain.tuning import Knob

FILES = Path(__file__).parents[1] / "data"
HPA, SCALED = "HorizontalPodAutoscaler", "ScaledObject"
METRIC = "resource.target.averageUtilization"
DOWN = "behavior.scaleDown.stabilizationWindowSeconds"

# file, path, the literal as it stands, and where another parser finds it (documents counted from 0)
KUBERNETES = (
    ("hpa/several_documents.yaml", f"{HPA}/shop:spec.minReplicas", b"2", (2, "spec", "minReplicas")),
    ("hpa/several_documents.yaml", f"{HPA}/cart:spec.maxReplicas", b"5", (1, "spec", "maxReplicas")),
    ("hpa/several_documents.yaml", "Deployment:spec.minReplicas", b"2", (0, "spec", "minReplicas")),
    ("hpa/metrics_of_all_types.yaml", f"spec.metrics[resource.name=cpu].{METRIC}", b"70",
     (0, "spec", "metrics", 3, "resource", "target", "averageUtilization")),
    ("hpa/metrics_of_all_types.yaml", f"{HPA}:spec.metrics[type=Resource,resource.name=memory].{METRIC}", b"85",
     (0, "spec", "metrics", 2, "resource", "target", "averageUtilization")),
    ("hpa/metrics_of_all_types.yaml", f"spec.metrics[containerResource.container=proxy].containerR{METRIC[1:]}",
     b"60", (0, "spec", "metrics", 1, "containerResource", "target", "averageUtilization")),
    ("hpa/metrics_of_all_types.yaml", "spec.metrics[external.metric.name=queue_length].external.target.value",
     b"30", (0, "spec", "metrics", 4, "external", "target", "value")),
    ("hpa/behavior.yaml", f"spec.{DOWN}", b"300", (0, "spec", *DOWN.split("."))),
    ("hpa/behavior.yaml", "spec.behavior.scaleUp.policies[type=Pods].value", b"4",
     (0, "spec", "behavior", "scaleUp", "policies", 1, "value")),
    ("hpa/behavior.yaml", "spec.behavior.scaleDown.policies[0].value", b"10",
     (0, "spec", "behavior", "scaleDown", "policies", 0, "value")),
    ("hpa/kind_list.yaml", f"items[kind={HPA},metadata.name=shop].spec.minReplicas", b"2",
     (0, "items", 1, "spec", "minReplicas")),
    ("hpa/flow_style.yaml", f"spec.metrics[resource.name=cpu].{METRIC}", b"70",
     (0, "spec", "metrics", 0, "resource", "target", "averageUtilization")),
    ("hpa/flow_style.yaml", "spec.minReplicas", b"2", (0, "spec", "minReplicas")),
    ("hpa/quoted_keys.yaml", f"{HPA}/shop:spec.maxReplicas", b"12", (0, "spec", "maxReplicas")),
    ("hpa/quoted_keys.yaml", 'metadata.annotations."autoscaling.knative.dev/min-scale"', b"2",
     (0, "metadata", "annotations", "autoscaling.knative.dev/min-scale")),
    ("hpa/quoted_keys.yaml", 'metadata.annotations."autoscaling.knative.dev/max-scale"', b"12",
     (0, "metadata", "annotations", "autoscaling.knative.dev/max-scale")),
    ("hpa/windows_line_ends.yaml", f"{HPA}/shop:spec.minReplicas", b"2", (0, "spec", "minReplicas")),
    ("hpa/byte_order_mark.yaml", "spec.targetCPUUtilizationPercentage", b"70",
     (0, "spec", "targetCPUUtilizationPercentage")),
    ("hpa/no_final_newline.yaml", "spec.minReplicas", b"2", (0, "spec", "minReplicas")),
    ("hpa/anchors_elsewhere.yaml", f"{HPA}/shop:spec.minReplicas", b"2", (1, "spec", "minReplicas")),
    ("hpa/text_that_looks_like_it.yaml", f"{HPA}/shop:spec.minReplicas", b"2", (1, "spec", "minReplicas")),
)  # fmt: skip
KEDA = (
    ("keda/cpu_and_memory.yaml", "spec.triggers[type=cpu].metadata.value", b"70",
     (0, "spec", "triggers", 1, "metadata", "value")),
    ("keda/cpu_and_memory.yaml", "spec.maxReplicaCount", b"12", (0, "spec", "maxReplicaCount")),
    ("keda/queries.yaml", "spec.triggers[name=latency].metadata.threshold", b"0.35",
     (0, "spec", "triggers", 0, "metadata", "threshold")),
    ("keda/queries.yaml", "spec.triggers[type=prometheus,name=requests].metadata.threshold", b"100",
     (0, "spec", "triggers", 1, "metadata", "threshold")),
    ("keda/cron.yaml", 'spec.triggers[metadata.start="0 9 * * 6,0"].metadata.desiredReplicas', b"3",
     (0, "spec", "triggers", 1, "metadata", "desiredReplicas")),
    ("keda/advanced.yaml", f"spec.advanced.horizontalPodAutoscalerConfig.{DOWN}", b"300",
     (0, "spec", "advanced", "horizontalPodAutoscalerConfig", *DOWN.split("."))),
    ("keda/advanced.yaml", "spec.cooldownPeriod", b"300", (0, "spec", "cooldownPeriod")),
    ("keda/with_authentication.yaml", f"{SCALED}/shop:spec.triggers[type=cpu].metadata.value", b"70",
     (2, "spec", "triggers", 0, "metadata", "value")),
    ("keda/dash_on_a_line_of_its_own.yaml", "spec.triggers[type=cpu].metadata.value", b"70",
     (0, "spec", "triggers", 1, "metadata", "value")),
    ("keda/no_quotes.yaml", "spec.triggers[type=cpu].metadata.value", b"70",
     (0, "spec", "triggers", 0, "metadata", "value")),
    ("keda/no_quotes.yaml", "spec.minReplicaCount", b"2", (0, "spec", "minReplicaCount")),
    ("keda/windows_line_ends.yaml", "spec.triggers[type=memory].metadata.value", b"70",
     (0, "spec", "triggers", 1, "metadata", "value")),
    ("keda/byte_order_mark.yaml", "spec.triggers[type=cpu].metadata.value", b"70",
     (0, "spec", "triggers", 0, "metadata", "value")),
    ("keda/no_final_newline.yaml", "spec.triggers[0].metadata.value", b"70",
     (0, "spec", "triggers", 0, "metadata", "value")),
    ("keda/items_from_an_anchor.yaml", "spec.triggers[type=cpu].metadata.value", b"70",
     (0, "spec", "triggers", 0, "metadata", "value")),
)  # fmt: skip
HELM = (
    ("helm/as_created.yaml", "autoscaling.targetCPUUtilizationPercentage", b"80",
     (0, "autoscaling", "targetCPUUtilizationPercentage")),
    ("helm/templates_in_text.yaml", "autoscaling.minReplicas", b"2", (0, "autoscaling", "minReplicas")),
    ("helm/anchors_elsewhere.yaml", "shop.minReplicas", b"2", (0, "shop", "minReplicas")),
    ("helm/block_texts.yaml", "autoscaling.minReplicas", b"2", (0, "autoscaling", "minReplicas")),
    ("helm/block_texts.yaml", "autoscaling.maxReplicas", b"12", (0, "autoscaling", "maxReplicas")),
    ("helm/workers_in_a_list.yaml", "workers[name=pictures].autoscaling.maxReplicas", b"8",
     (0, "workers", 1, "autoscaling", "maxReplicas")),
    ("helm/workers_in_a_list.yaml", 'workers[name="reports, weekly"].autoscaling.minReplicas', b"1",
     (0, "workers", 2, "autoscaling", "minReplicas")),
    ("helm/workers_in_a_list.yaml", "steps[1]", b"70", (0, "steps", 1)),
    ("helm/sub_charts.yaml", "shop.api.autoscaling.hpa.minReplicas", b"2",
     (0, "shop", "api", "autoscaling", "hpa", "minReplicas")),
    ("helm/sub_charts.yaml", '"shop.api".minReplicas', b"2", (0, "shop.api", "minReplicas")),
    ("helm/sub_charts.yaml", "shop-api.minReplicas", b"2", (0, "shop-api", "minReplicas")),
    ("helm/markers.yaml", "autoscaling.maxReplicas", b"12", (0, "autoscaling", "maxReplicas")),
    ("helm/markers.yaml", "cpu", b"70", (0, "cpu")),
    ("helm/many_spaces.yaml", "autoscaling.minReplicas", b"2", (0, "autoscaling", "minReplicas")),
    ("helm/many_spaces.yaml", "autoscaling.targetCPU", b"70.0", (0, "autoscaling", "targetCPU")),
    ("helm/windows_line_ends.yaml", "autoscaling.maxReplicas", b"12", (0, "autoscaling", "maxReplicas")),
    ("helm/byte_order_mark.yaml", 'autoscaling."минимум"', b"2", (0, "autoscaling", "минимум")),
    ("helm/no_final_newline.yaml", "autoscaling.minReplicas", b"2", (0, "autoscaling", "minReplicas")),
    ("helm/mixed_line_ends.yaml", "autoscaling.minReplicas", b"2", (0, "autoscaling", "minReplicas")),
)  # fmt: skip
LEAST = "[op=replace,path=/spec/minReplicas].value"
KUSTOMIZE = (
    ("kustomize/merge.yaml", "spec.minReplicas", b"2", (0, "spec", "minReplicas")),
    ("kustomize/merge_with_directives.yaml", f"spec.{DOWN}", b"300", (0, "spec", *DOWN.split("."))),
    ("kustomize/several_patches.yaml", f"{HPA}/shop:spec.minReplicas", b"2", (1, "spec", "minReplicas")),
    ("kustomize/operations.yaml", "[path=/spec/minReplicas].value", b"2", (0, 0, "value")),
    ("kustomize/operations.yaml", "[1].value", b"12", (0, 1, "value")),
    ("kustomize/test_and_replace.yaml", LEAST, b"2", (0, 1, "value")),
    ("kustomize/test_and_replace.yaml", "[path=/spec/metrics/0/resource/target/averageUtilization].value", b"70",
     (0, 2, "value")),
    ("kustomize/operations.json", LEAST, b"2", (0, "value")),
    ("kustomize/operations.json", "[path=/spec/maxReplicas].value", b"12", (1, "value")),
    ("kustomize/operations_upside_down.yaml", LEAST, b"2", (0, 0, "value")),
    ("kustomize/operations_upside_down.yaml", "[path=/spec/maxReplicas].value", b"12", (0, 1, "value")),
    ("kustomize/keys_with_slashes.yaml", "[path=/metadata/annotations/example.com~1least].value", b"2",
     (0, 1, "value")),
    ("kustomize/replicas.yaml", "replicas[name=shop].count", b"2", (0, "replicas", 1, "count")),
    ("kustomize/text_beside.yaml", LEAST, b"2", (0, 1, "value")),
    ("kustomize/windows_line_ends.yaml", LEAST, b"2", (0, 0, "value")),
    ("kustomize/byte_order_mark_and_no_final_newline.yaml", "spec.minReplicas", b"2", (0, "spec", "minReplicas")),
)  # fmt: skip
TFVARS_JSON = (
    ("tfvars_json/plain.tfvars.json", "cpu", b"80", ("cpu",)),
    ("tfvars_json/plain.tfvars.json", "latency", b"350", ("latency",)),
    ("tfvars_json/on_one_line.tfvars.json", "services.web.cpu", b"80", ("services", "web", "cpu")),
    ("tfvars_json/on_one_line.tfvars.json", "cpu", b"60", ("cpu",)),
    ("tfvars_json/tabs.tfvars.json", "cpu", b"80", ("cpu",)),
    ("tfvars_json/windows_line_ends.tfvars.json", "cpu", b"80", ("cpu",)),
    ("tfvars_json/mixed_line_ends.tfvars.json", "cpu", b"80", ("cpu",)),
    ("tfvars_json/no_final_newline.tfvars.json", "cpu", b"80", ("cpu",)),
    ("tfvars_json/quoted_numbers.tfvars.json", "cpu", b"80", ("cpu",)),
    ("tfvars_json/quoted_numbers.tfvars.json", "memory", b"85.50", ("memory",)),
    ("tfvars_json/quoted_numbers.tfvars.json", "latency", b"-3.250", ("latency",)),
    ("tfvars_json/escapes.tfvars.json", "cpu", b"80", ("cpu",)),
    ("tfvars_json/escapes.tfvars.json", 'limits."cpu.max"', b"70", ("limits", "cpu.max")),
    ("tfvars_json/escapes.tfvars.json", 'limits."two words"', b"60", ("limits", "two words")),
    ("tfvars_json/other_values.tfvars.json", "cpu", b"80", ("cpu",)),
    ("tfvars_json/other_values.tfvars.json", "deep[0][0][0].cpu", b"80", ("deep", 0, 0, 0, "cpu")),
    ("tfvars_json/list_of_objects.tfvars.json", "services[name=web].cpu", b"80", ("services", 1, "cpu")),
    ("tfvars_json/list_of_objects.tfvars.json", "services[name=web].limits[1]", b"80", ("services", 1, "limits", 1)),
    ("tfvars_json/odd_order.tfvars.json", "alpha.cpu", b"80", ("alpha", "cpu")),
)  # fmt: skip
EVERY = (*KUBERNETES, *KEDA, *HELM, *KUSTOMIZE, *TFVARS_JSON)


def knob(file: str, path: str) -> Knob:
    """A knob at that place, with room for all values of the table."""
    return a_knob("cpu_scale_out_percent", file=file, path=key_path(path), minimum=-10, maximum=1000)


def content(file: str) -> bytes:
    """Bytes of a file that is awkward on purpose."""
    return (FILES / file).read_bytes()


def change(file: str, path: str, after: float = 75.0) -> bytes:
    """The file with another value at `path`, by the way that every decision goes."""
    one = knob(file, path)
    standing = read_thresholds(content, [one]).values[one.name]
    return edited(content, [one], [Change(one.name, standing, after)])[file]


def ways(before: bytes, after: bytes, literal: bytes) -> list[int]:
    """Every place at which `after` can have come from exchanging `literal` for 75."""
    ends = ((at, at + len(literal)) for at in range(len(before)) if before.startswith(literal, at))
    return [start for start, end in ends if before[:start] + b"75" + before[end:] == after]


@pytest.mark.parametrize("format_", ["hpa", "keda", "helm", "kustomize", "tfvars_json"])
def test_there_are_ten_awkward_files_of_each_format_and_each_is_edited(format_: str) -> None:
    """No file lies about without a test."""
    edited_files = {row[0] for row in EVERY if row[0].startswith(format_)}

    assert edited_files == {f"{format_}/{file.name}" for file in (FILES / format_).iterdir()}
    assert len(edited_files) >= 10


@pytest.mark.parametrize(("file", "path", "literal"), [row[:3] for row in EVERY])
def test_only_the_digits_change(file: str, path: str, literal: bytes) -> None:
    """Every byte before and behind the number stays: quotes, comments, line ends, marks, order (S001-82, H19)."""
    assert ways(content(file), change(file, path), literal)


@pytest.mark.parametrize(("file", "path", "literal", "pointer"), EVERY)
def test_another_parser_sees_that_one_value_change(
    file: str, path: str, literal: bytes, pointer: tuple[str | int, ...]
) -> None:
    """The one that is meant, found by its plain place, and its type stays: a word in quotes remains one (S001-129)."""
    before, after = leaves(content(file), file), leaves(change(file, path), file)

    ((place, (old, new)),) = differences(before, after).items()

    assert place == pointer
    assert float(str(old)) == float(literal)
    assert new == (type(old)("75") if isinstance(old, str | Number) else 75)


@pytest.mark.parametrize(("file", "path", "literal"), [row[:3] for row in EVERY])
def test_going_back_gives_the_old_bytes(file: str, path: str, literal: bytes) -> None:
    """A rollback leaves no trace; only zeros behind a decimal point do not come back."""
    there = change(file, path)
    written = plain(Decimal(literal.decode())).encode()

    back = edited(lambda _: there, [knob(file, path)], [Change(knob(file, path).name, 75.0, float(literal))])[file]

    [start] = ways(content(file), there, literal)
    assert back == content(file)[:start] + written + content(file)[start + len(literal) :]


# -- judges that live with the files ----------------------------------------------------------------------------------


@needs_terraform
@pytest.mark.parametrize(("file", "path", "literal", "pointer"), TFVARS_JSON)
def test_terraform_plans_with_the_new_value(
    file: str, path: str, literal: bytes, pointer: tuple[str | int, ...], tmp_path: Path
) -> None:
    """Terraform reads the new number, and the same for all others (S001-129)."""
    keys = {str(place[0]) for place in leaves(content(file), file)}
    names = {key for key in keys if key.isascii() and key.isidentifier()}
    before, after = (
        flat(meaning(text, names, tmp_path, file="terraform.tfvars.json"))
        for text in (content(file), change(file, path))
    )

    assert {place: float(str(old)) for place, (old, _) in differences(before, after).items()} == {
        pointer: float(literal)
    }
    assert float(str(after[pointer])) == 75


@needs_terraform
@pytest.mark.parametrize(
    "text",
    [
        '{"cpu": 80, "cpu": 81}',
        '{"cpu": {"max": 1, "max": 2}}',
        '{"cpu": NaN}',
        '{"cpu": 080}',
        '{"cpu": 80,}',
        '{"cpu": 80} // why',
        "{'cpu': 80}",
        '{"cpu": 80',
        "",
    ],
)
def test_what_terraform_refuses_is_refused(text: str, tmp_path: Path) -> None:
    """A file that Terraform cannot read is not edited either (H19)."""
    assert not accepts(text.encode(), ["cpu"], tmp_path, file="terraform.tfvars.json")
    with pytest.raises(EditError):
        read_thresholds(lambda _: text.encode(), [knob("terraform.tfvars.json", "cpu")])


def manifests(folder: Path, text: bytes) -> Leaves:
    """What Kustomize makes of one file."""
    folder.mkdir()
    (folder / "manifest.yaml").write_bytes(text)
    return flat(built(folder, resources=["manifest.yaml"]))


@needs_kubectl
@pytest.mark.parametrize(("file", "path"), [row[:2] for row in (*KUBERNETES, *KEDA)])
def test_kustomize_reads_one_other_value_from_a_manifest(file: str, path: str, tmp_path: Path) -> None:
    """A parser in Go, which often stands between the file and the cluster, agrees (S001-129)."""
    before = manifests(tmp_path / "before", content(file))
    after = manifests(tmp_path / "after", change(file, path))

    assert [float(str(new)) for _, new in differences(before, after).values()] == [75]


BASE = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop, annotations: {example.com/most: "9", example.com/least: "1"}}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 1
  maxReplicas: 9
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec: {replicas: 1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec: {replicas: 1}
"""


def patched(folder: Path, file: str, text: bytes) -> Leaves:
    """What Kustomize makes of the base with one patch, or of a kustomization that is the file itself."""
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "manifest.yaml").write_text(BASE)
    built(folder / "base", resources=["manifest.yaml"])
    (folder / "overlay").mkdir()
    if file.endswith("replicas.yaml"):
        (folder / "overlay" / "kustomization.yaml").write_bytes(text)
        return flat(built(folder / "overlay"))
    name = file.partition("/")[2]
    (folder / "overlay" / name).write_bytes(text)
    target = {} if b"kind:" in text else {"target": {"kind": HPA, "name": "shop"}}
    return flat(built(folder / "overlay", resources=["../base"], patches=[{"path": name, **target}]))


@needs_kubectl
@pytest.mark.parametrize(("file", "path"), [row[:2] for row in KUSTOMIZE])
def test_kustomize_applies_the_edited_patch(file: str, path: str, tmp_path: Path) -> None:
    """What comes out differs in the one value (S001-129)."""
    before = patched(tmp_path / "before", file, content(file))
    after = patched(tmp_path / "after", file, change(file, path))

    assert [float(str(new)) for _, new in differences(before, after).values()] == [75]
