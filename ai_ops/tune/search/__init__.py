"""Which settings are worth a replay, and which of them may be proposed."""
