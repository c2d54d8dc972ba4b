"""The card of a version: `model_card.json` with every figure of it and the words that belong to them, `MODEL_CARD.md`.

    {"card": {…}, "fairness": […], "features": {"cpu_percent": "mean CPU…"}, …, "version": 1}

The same card gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import ModelRefused
from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.learn.card_markdown import card_markdown
from ai_ops.learn.card_notes import FAIRNESS, INTENDED_USE, PRIVACY, limits
from ai_ops.learn.plain_json import UNREADABLE, on_many_lines, plain
from ai_ops.markdown import one_visible_line
from ai_ops.redact import redact as redact_by_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import TypeAdapter

    from ai_ops.domain.model_card import ModelCard

VERSION = 1


def card_files(card: ModelCard, redact: Callable[[str], str] = redact_by_shape) -> dict[str, bytes]:
    """Give both files by name, secrets and personal data taken out of every sentence that came from outside."""
    cleaned = _without_secrets(card, redact)
    return {
        "model_card.json": on_many_lines(to_json(cleaned)),
        "MODEL_CARD.md": card_markdown(cleaned).encode("utf-8", "backslashreplace"),
    }


def to_json(card: ModelCard) -> dict[str, Any]:
    """Readable form: the card, and what it says beside its figures."""
    return {
        "version": VERSION,
        "card": plain(_adapter().dump_python(card)),
        "features": {metric: CANONICAL_METRICS.get(metric, "") for metric in card.training.metrics},
        "intended_use": list(INTENDED_USE),
        "limits": list(limits(card)),
        "fairness": list(FAIRNESS),
        "privacy": list(PRIVACY),
    }


def read_card(raw: bytes) -> ModelCard:
    """Read `model_card.json`.

    Raises
    ------
    ModelRefused
        When it is no card, or one of another version.
    """
    try:
        form = json.loads(raw)
        version = form["version"]
        if version == VERSION:
            return _adapter().validate_python(form["card"])
    except UNREADABLE as err:
        raise ModelRefused(f"model_card.json: it is no model card: {str(err).splitlines()[0]}") from err
    raise ModelRefused(f"model_card.json: it has version {version!r}, and this agent reads version {VERSION}")


def _without_secrets(card: ModelCard, redact: Callable[[str], str]) -> ModelCard:
    gates = tuple(replace(gate, reason=redact(one_visible_line(gate.reason))) for gate in card.gates)
    return replace(card, reason=redact(one_visible_line(card.reason)), gates=gates)


@cache
def _adapter() -> TypeAdapter[ModelCard]:
    from pydantic import TypeAdapter

    from ai_ops.domain.model_card import ModelCard

    return TypeAdapter(ModelCard)
