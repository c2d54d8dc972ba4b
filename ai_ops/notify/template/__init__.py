"""A team's own words in place of the built-in ones."""
