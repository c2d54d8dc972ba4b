"""The verbs, one file per group."""
