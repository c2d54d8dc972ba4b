"""Charts: one Vega-Lite spec each, the same for the report, the pull request and the console."""
