"""The benchmarks are runnable files beside the package; their tests import them by name."""

from __future__ import annotations

import sys
from pathlib import Path

# Behind everything else: `chaos` is the name of a file of the tests, too.
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
