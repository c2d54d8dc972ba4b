"""What a simulated service would expose, as OpenMetrics text for a real Prometheus: one gauge for each metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from backfill import lines

from ai_ops.domain.metrics import CANONICAL_METRICS

if TYPE_CHECKING:
    import pandas as pd

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
