"""What is told of the models of a run's services, on its way to a Pushgateway or into a text file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError, OpsError
from ai_ops.domain.message import Receipt
from ai_ops.notify.watchers.model_metrics import MODEL_JOB, registry_of_models
from ai_ops.notify.watchers.pushgateway import push
from ai_ops.notify.watchers.text_file import write_text_file
from ai_ops.wiring.http import telling_client
from ai_ops.wiring.own_metrics import instance_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ai_ops.domain.model_vitals import ModelVitals
    from ai_ops.wiring.session import Session

PUSHED, WRITTEN = "pushgateway (model)", "text file (model)"


def push_model_metrics(session: Session, services: Sequence[ModelVitals]) -> Receipt | None:
    """Push what there is to say of the model of each service; None where the settings name no Pushgateway."""
    url = session.settings.pushgateway_url
    if not url or not services:
        return None
    client = telling_client(session, retry_post=True)
    try:
        for vitals in services:
            group = {"instance": instance_of(session), "service": vitals.service}
            push(client, url, registry_of_models([vitals]), group=group, is_whole=True, job=MODEL_JOB)
    except OpsError as error:
        return Receipt(PUSHED, "failed", str(error))
    return Receipt(PUSHED, "sent")


def write_model_metrics(path: Path, services: Sequence[ModelVitals]) -> Receipt:
    """Put what there is to say of the models into one text file, for a node exporter on the same machine."""
    try:
        write_text_file(path, registry_of_models(services))
    except NotifyError as error:
        return Receipt(WRITTEN, "failed", str(error))
    return Receipt(WRITTEN, "sent", str(path))
