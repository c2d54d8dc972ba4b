"""What should move, what may pass, and who may act."""
