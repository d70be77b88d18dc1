"""X: requests, answers, credentials."""
