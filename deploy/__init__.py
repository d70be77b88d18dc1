"""The bot onto AWS, step by step: `make deploy` and `make credentials`."""
