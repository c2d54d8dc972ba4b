"""What comes next: a forecast that must beat yesterday, and the alarm it raises."""
