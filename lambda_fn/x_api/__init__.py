"""The protocol of X: credentials, one request and its answer, what an answer means. `twitter` puts it together."""
