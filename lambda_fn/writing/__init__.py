"""From a position in a story to its next tweet."""
