"""What the agent tells people every morning and every week: worked out from what it remembers, and rendered."""
