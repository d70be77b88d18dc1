"""A tweet onto an account, exactly once."""
