"""What the last decision earned."""
