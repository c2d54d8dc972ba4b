"""Drift: whether recent rows still look like those that the model was trained on."""
