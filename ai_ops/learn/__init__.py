"""Learn: when to train, what passes, what is kept, and whether it still fits."""
