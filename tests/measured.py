"""What a simulated service would expose, as OpenMetrics text for a real Prometheus: one gauge for each metric."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import hcl2
import numpy as np
import yaml
from backfill import lines
from repositories import TFVARS

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.simulator.profiles import WEB, platform

if TYPE_CHECKING:
    import pandas as pd
    from repositories import Site

QUERIES = {metric: f'simulator_{metric}{{job="web"}}' for metric in CANONICAL_METRICS} | {"db_latency_ms": ""}
"""How the settings ask for them; the simulator knows no database."""


def exposed(history: pd.DataFrame) -> str:
    """Every minute of `history`, ended by `# EOF`; a scrape that was lost is no sample."""
    times = history.index.as_unit("s").astype("int64").to_numpy().astype(np.float64)
    families = (
        "".join([f"# TYPE simulator_{name} gauge\n", *lines({QUERIES[name]: history[name].to_numpy(float)}, times)])
        for name in history
    )
    return "".join([*families, "# EOF\n"])


def settings_for(**changes: Any) -> str:
    """What a team writes whose service "web" is measured like this, and scales as `WEB` does."""
    known = asdict(platform(WEB))
    scaling = ("boot_minutes", "out_periods", "in_periods", "out_step_ratio", "in_step_ratio")
    service = {
        "name": "web",
        "preset": "none",
        "queries": QUERIES,
        "slo": {"latency_ms": known["slo_ms"]},
        "cost": {"source": "query"},
        "platform": {name: known[name] for name in scaling},
    }
    return yaml.safe_dump({**changes, "services": [service]})


def numbers(site: Site) -> dict[str, float]:
    """The thresholds that the file on the remote holds; the simulated platform steps between them."""
    written = hcl2.loads(site.content(TFVARS).decode())
    return {name: value for name, value in written.items() if isinstance(value, int | float)}
