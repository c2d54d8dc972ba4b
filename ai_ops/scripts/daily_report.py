"""The report of the last day: `python ai_ops/scripts/daily_report.py`.

The same as `neuropilot report daily --apply`, for schedulers that know scripts.
"""

from __future__ import annotations

if __name__ == "__main__":  # run as a script: `ai_ops` must mean this checkout, not this file's own folder
    import sys
    from pathlib import Path

    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

    from ai_ops.cli.main import run_daily_report

    run_daily_report()
