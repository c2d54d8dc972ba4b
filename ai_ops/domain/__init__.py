"""What we talk about. Pure values: standard library and numpy, no input or output."""
