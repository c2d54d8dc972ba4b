"""What `init` tells a person beside the diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.key_path import Document, in_words
from ai_ops.domain.tuning import SCALE_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.adoption import KnobFile, Repository
    from ai_ops.wiring.onboard_workflow import Workflow

_MODULE = """\
no file here holds the knobs. Use the agent's Terraform module, or copy its folder infrastructure/terraform:
    module "autoscaling" {
      source = "git::https://github.com/%s.git//infrastructure/terraform?ref=%s"

      cpu_scale_out_percent    = var.cpu_scale_out_percent # the values stand in your own terraform.tfvars
      cpu_scale_in_percent     = var.cpu_scale_in_percent
      memory_scale_out_percent = var.memory_scale_out_percent
      latency_scale_out_ms     = var.latency_scale_out_ms
      min_instances            = var.min_instances
      max_instances            = var.max_instances
      cooldown_minutes         = var.cooldown_minutes
    }
its README in infrastructure/terraform says how your resources read them"""

_TERRAFORM = (".tfvars", ".tfvars.json")
_TARGET = """\
an autoscaler of Kubernetes holds a target; until NeuroPilot knows that, it takes the number for a threshold. In {file},
    where {place} leads to: {key}: target # neuropilot: ignore
and below `knobs` in ai_ops/config/ops_config.yaml:
    scaling_mode: {{words: [threshold, target], path: {place}.{key}}}"""
_KEY = "neuropilot-scaling-mode"


def knob_words(knobs: KnobFile | None) -> Iterator[str]:
    """Which values were taken for knobs, and which only perhaps."""
    if knobs is None:
        yield "no file of this repository holds a threshold or a number of instances, so nothing can be moved yet"
        return
    sure = [f"{in_words(one.path)} is {one.knob}" for one in knobs.knobs if not one.doubt]
    yield f"{knobs.file} holds {len(sure)} knob{'' if len(sure) == 1 else 's'}{': ' if sure else ''}{', '.join(sure)}"
    for one in knobs.knobs:
        if one.doubt:
            yield f"{in_words(one.path)} of {knobs.file} may be {one.knob}, but {one.doubt}: commented out"


def notes_for(repository: Repository, knobs: KnobFile | None, workflow: Workflow) -> Iterator[str]:
    """What a person should do or know."""
    if knobs is None:
        agent = workflow.agent
        yield _MODULE % (agent.repository if agent else "OWNER/REPO", agent.commit if agent else "COMMIT")
    elif not knobs.file.endswith(_TERRAFORM) and any(one.knob == SCALE_OUT for one in knobs.knobs):
        yield _target_words(knobs)
    if not workflow.text:
        yield "no workflow is written: call `neuropilot run --apply` every six hours"
        return
    if repository.host and "github" not in repository.host:
        yield f"the remote is at {repository.host}: the workflow runs on GitHub alone; --workflow none leaves it out"
    if "github" in repository.host:
        yield (
            "raw metrics pass through CI artifacts: keep the repository private, "
            "or accept that everybody can read them for a day"
        )
    if workflow.agent:
        yield (
            f"GitHub must let this repository use {workflow.agent.repository}: public, or shared under "
            "Settings, Actions, General, Access"
        )
    yield "let workflows open pull requests before `mode: propose`: Settings, Actions, General, Workflow permissions"


def model_words(knobs: KnobFile | None) -> Iterator[str]:
    """What the policy of the drafted settings lacks in order to decide anything."""
    from ai_ops.tune.arguments import NEEDED_THRESHOLDS

    sure = {one.knob for one in knobs.knobs if not one.doubt} if knobs else set()
    missing = [name for name in NEEDED_THRESHOLDS if name not in sure]
    if sure and missing:
        yield (
            f"the policy `model` decides nothing without {', '.join(missing)}: write them beside your knobs, name them "
            "under `knobs`, and put `neuropilot: ignore` beside the value that must not move; or set "
            "`tuning: {policy: rules}`"
        )


def _target_words(knobs: KnobFile) -> str:
    """Say where such a file can tell that it holds a target: in an annotation, or beside the values of a chart."""
    first = knobs.knobs[0].path
    document = first[:1] if isinstance(first[0], Document) else ()
    inside = ("metadata", "annotations") if "spec" in first else first[len(document) : -1]
    return _TARGET.format(file=knobs.file, place=in_words((*document, *inside)), key=_KEY)
