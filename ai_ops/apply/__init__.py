"""How a decision reaches the repository."""
