"""Reports: what is gathered for them, what is made of that, where it is kept and who is told."""
