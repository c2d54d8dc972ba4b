"""A page in the syntax of each place that shows it; whatever came from outside is nothing but text in all of them."""
