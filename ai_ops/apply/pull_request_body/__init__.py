"""What a reviewer reads: the body of a pull request, and the comments after its merge."""
