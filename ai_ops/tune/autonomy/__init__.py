"""How far the agent may go: earned from outcomes, capped by people."""
