"""Versions of a model with small, real files, for tests of where they are kept."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.model_version import version_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FIRST_DAY = datetime(2026, 11, 1, 3, 10, tzinfo=UTC)


def model_files(level: float = 41.5) -> dict[str, bytes]:
    """What a version holds, around a mean of `level` percent."""
    return {
        "anomaly_model.json": as_json({"version": 1, "means": [[level, 120.0]], "trained_until": "2026-11-20T03:10Z"}),
        "scaler.json": as_json({"metrics": ["cpu_percent", "latency_p95_ms"], "centre": [level, 120.0]}),
        "model_card.json": as_json({"limits": [f"The mean of cpu_percent is {level} %, which it takes for usual."]}),
        "MODEL_CARD.md": f"# Model of web\n\n| metric | mean |\n|---|---|\n| cpu_percent | {level} |\n".encode(),
    }


def as_json(form: object) -> bytes:
    """One way of writing JSON."""
    return json.dumps(form, sort_keys=True, indent=1).encode() + b"\n"


def name_of(files: Mapping[str, bytes], day: int = 0) -> str:
    """Name of the version that holds `files` and was trained so many days after the first."""
    digest = hashlib.sha256(files["anomaly_model.json"]).hexdigest()
    return version_name(FIRST_DAY + timedelta(days=day), digest)


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}
