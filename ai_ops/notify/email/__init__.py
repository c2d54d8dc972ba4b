"""E-mail: a letter with text, page and pictures."""
