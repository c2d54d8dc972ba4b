"""NeuroPilot: an operations agent that lives in a team's git repository."""

__version__ = "17.3.0"
