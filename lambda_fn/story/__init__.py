"""What a story is, and its JSON."""
