"""How far to trust the detection, on one's own history: injected faults and what became of them."""
