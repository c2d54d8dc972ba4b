"""The report as a page: one file for each of its sections, and one that puts them in order."""
