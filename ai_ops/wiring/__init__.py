"""The only place that picks concrete classes, from Settings."""

from ai_ops.wiring.cycle import Wired, wire
from ai_ops.wiring.session import Session, open_session

__all__ = ["Session", "Wired", "open_session", "wire"]
