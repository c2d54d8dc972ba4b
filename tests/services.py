"""Made-up services with a character that tests speak of."""

from __future__ import annotations

from backfill import Service

DEAR = Service(errors=0.2, latency=0.3)
"""Keeps its promise and costs more than its budget: the rules will want to save."""
